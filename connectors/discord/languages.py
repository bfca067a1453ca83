"""How commands and menus are described in other languages: data, by the command's name, its menu and its option.

Names stay as they are typed everywhere, so that what one member writes down another can use.
"""

from __future__ import annotations

from collections.abc import Mapping

# Discord's names for the languages; Spanish is there twice.
DE, FR, ES, LATAM = "de", "fr", "es-ES", "es-419"
Words = tuple[str, str, str]

GROUPS: Mapping[str, Words] = {
    "parley": ("Was ich für dich tun kann", "Ce que je peux faire pour toi", "Lo que puedo hacer por ti"),
    "parley-mod": (
        "Was Moderatoren hier tun können",
        "Ce que les modérateurs peuvent faire ici",
        "Lo que los moderadores pueden hacer aquí",
    ),
}
COMMANDS: Mapping[str, Words] = {
    "help": ("Was ich hier kann", "Ce que je sais faire ici", "Lo que puedo hacer aquí"),
    "mode": (
        "Zeigen oder ändern, wer hier handelt: Menschen oder Parley",
        "Voir ou changer qui agit ici : les gens ou Parley",
        "Ver o cambiar quién actúa aquí: las personas o Parley",
    ),
    "settings": (
        "Einstellungen zeigen, mit ihrer Herkunft, oder eine ändern",
        "Voir les réglages et leur origine, ou en changer un",
        "Ver los ajustes y su origen, o cambiar uno",
    ),
    "why": (
        "Warum eine Nachricht so beurteilt wurde",
        "Pourquoi un message a été jugé ainsi",
        "Por qué se juzgó así un mensaje",
    ),
    "queue": (
        "Was hier auf eine Entscheidung wartet, Gemeldetes zuerst",
        "Ce qui attend une décision ici, les signalements d’abord",
        "Lo que espera una decisión aquí, primero lo denunciado",
    ),
    "case": ("Einen Fall zeigen", "Montrer un cas", "Mostrar un caso"),
    "approve": (
        "Eine Nachricht stehen lassen; mit „upto“ auch alle davor",
        "Laisser un message ; avec « upto », aussi tous ceux d’avant",
        "Dejar un mensaje; con «upto», también los anteriores",
    ),
    "remove": ("Eine Nachricht entfernen", "Retirer un message", "Retirar un mensaje"),
    "warn": (
        "Eine Nachricht stehen lassen und ihren Autor verwarnen",
        "Laisser un message et avertir son auteur",
        "Dejar un mensaje y advertir a su autor",
    ),
    "delete": (
        "Irgendeine Nachricht entfernen, über ihre Id oder ihren Link",
        "Retirer n’importe quel message, par son id ou son lien",
        "Retirar cualquier mensaje, por su id o su enlace",
    ),
    "history": (
        "Wie es den Nachrichten eines Mitglieds hier erging",
        "Ce que sont devenus ici les messages d’un membre",
        "Qué pasó aquí con los mensajes de un miembro",
    ),
    "appeal": (
        "Um einen zweiten Blick auf eine Entscheidung bitten",
        "Demander un second regard sur une décision",
        "Pedir una segunda mirada a una decisión",
    ),
    "automod": (
        "Regeln an den Filter der Plattform geben oder zurücknehmen",
        "Confier les règles au filtre de la plateforme, ou les reprendre",
        "Pasar las reglas al filtro de la plataforma, o retirarlas",
    ),
    "bands": (
        "Ab welchen Werten ich hier frage und handle, und warum",
        "À partir de quels scores je demande et j’agis ici, et pourquoi",
        "A partir de qué valores pregunto y actúo aquí, y por qué",
    ),
    "audit": (
        "Wie oft Stichproben ergaben, dass ich falsch lag",
        "Combien de fois les contrôles ont montré que j’avais tort",
        "Cuántas veces los controles mostraron que me equivoqué",
    ),
    "undo": (
        "Eine Entscheidung zurücknehmen, soweit es geht",
        "Revenir sur une décision, autant que possible",
        "Deshacer una decisión, en lo posible",
    ),
    "doctor": (
        "Was mir wo fehlt, um zu tun, was eingestellt ist",
        "Ce qui me manque, et où, pour faire ce qui est réglé",
        "Qué me falta y dónde, para hacer lo configurado",
    ),
    "watch": (
        "Zeigen, wen eine Bannliste hier träfe, und ihr dann folgen",
        "Montrer qui une liste de bannis toucherait ici, puis la suivre",
        "Ver a quién afectaría aquí una lista de vetos, y luego seguirla",
    ),
    "unwatch": (
        "Einer Bannliste nicht mehr folgen",
        "Ne plus suivre une liste de bannis",
        "Dejar de seguir una lista de vetos",
    ),
    "lists": (
        "Welchen Bannlisten hier gefolgt wird",
        "Quelles listes de bannis sont suivies ici",
        "Qué listas de vetos se siguen aquí",
    ),
    "unban": (
        "Einen Bann überall in der Gemeinschaft aufheben",
        "Lever un bannissement dans toute la communauté",
        "Levantar un veto en toda la comunidad",
    ),
    "ask": (
        "Fragen, was hier schon gesagt wurde",
        "Demander ce qui a déjà été dit ici",
        "Preguntar qué se ha dicho ya aquí",
    ),
    "budget": (
        "Wie viel vom Sprachmodell du heute verbraucht hast und darfst",
        "Combien du modèle de langage tu as utilisé aujourd’hui",
        "Cuánto del modelo de lenguaje has usado hoy y puedes usar",
    ),
    "explain": (
        "Woraus eine Antwort bestünde: Quellen und Anteile",
        "De quoi une réponse serait faite : sources et parts",
        "De qué se haría una respuesta: fuentes y partes",
    ),
    "remember": (
        "Etwas für Antworten merken, die nur du siehst; allein listet es alles auf",
        "Retenir quelque chose pour des réponses que toi seul vois ; seul, il liste tout",
        "Recordar algo para respuestas que solo tú ves; solo, lo lista todo",
    ),
    "forget": (
        "Etwas vergessen lassen, das gemerkt war",
        "Faire oublier quelque chose qui était retenu",
        "Hacer olvidar algo que se recordaba",
    ),
    "forget-me": (
        "Alles vergessen, was du gesagt hast, deine Stimmen und deinen Namen",
        "Oublier tout ce que tu as dit, tes votes et ton nom",
        "Olvidar todo lo que dijiste, tus votos y tu nombre",
    ),
    "poll": (
        "Alle hier fragen: eine Frage und zwei bis zehn Antworten",
        "Demander à tous ici : une question et deux à dix réponses",
        "Preguntar a todos aquí: una pregunta y de dos a diez respuestas",
    ),
    "polls": ("Die offenen Umfragen hier", "Les sondages ouverts ici", "Las encuestas abiertas aquí"),
    "endpoll": (
        "Eine eigene Umfrage früher beenden; Moderatoren jede",
        "Finir plus tôt un de ses sondages ; les modérateurs, tous",
        "Terminar antes una encuesta propia; los moderadores, cualquiera",
    ),
}
MENUS: Mapping[str, Words] = {
    "Report to moderators": ("Den Moderatoren melden", "Signaler aux modérateurs", "Denunciar a moderadores"),
    "Why was this removed?": ("Warum wurde das entfernt?", "Pourquoi retiré ?", "¿Por qué se retiró?"),
    "Remove": ("Entfernen", "Retirer", "Retirar"),
    "Summarize from here": ("Ab hier zusammenfassen", "Résumer à partir d’ici", "Resumir desde aquí"),
    "History": ("Vorgeschichte", "Antécédents", "Antecedentes"),
}


def spoken(said: Words | None) -> Mapping[str, str]:
    """A text by Discord's names of languages; empty when nobody translated it."""
    if said is None:
        return {}
    german, french, spanish = said
    return {DE: german, FR: french, ES: spanish, LATAM: spanish}
