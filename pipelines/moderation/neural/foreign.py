"""Harmless sentences of our own in other languages, so that what a model cannot read does not look bad to it."""

# ruff: noqa: RUF001 - other scripts are what this file is about

from typing import Final

from pipelines.moderation.templates import Frame

FOREIGN: Final[tuple[Frame, ...]] = (
    (  # French
        ("bonjour", "salut", "merci", "d'accord", "ah oui", "pardon", "bonsoir", ""),
        (
            "est-ce que quelqu'un peut m'aider avec", "j'ai un problème avec", "je ne comprends pas bien",
            "où est-ce que je trouve", "on en parle demain, pour", "je suis très content de", "qui s'occupe de",
            "il faut mettre à jour", "ça marche enfin,", "je vais regarder", "tu as vu", "nous avons fini",
        ),
        (
            "le serveur", "la réunion", "cette version", "le fichier", "ma carte graphique", "les documents",
            "la nouvelle page", "ton message", "le projet", "la mise à jour", "le jeu", "mon ordinateur",
        ),
        ("", "s'il vous plaît", "ce soir", "depuis hier", "avec mes amis", "à midi"),
    ),
    (  # Spanish
        ("hola", "buenas", "gracias", "vale", "claro", "perdón", "oye", ""),
        (
            "alguien sabe cómo arreglar", "tengo un problema con", "no puedo abrir", "dónde está", "me encanta",
            "mañana terminamos", "quién lleva", "hay que actualizar", "ya funciona", "voy a revisar", "has visto",
            "estamos preparando", "no entiendo nada de",
        ),
        (
            "el servidor", "la reunión", "esta versión", "el archivo", "mi tarjeta", "los documentos",
            "la página nueva", "tu mensaje", "el proyecto", "la actualización", "el juego", "mi ordenador",
        ),
        ("", "por favor", "esta tarde", "desde ayer", "con mis amigos", "a las doce"),
    ),
    (  # German
        ("hallo", "moin", "danke", "alles klar", "genau", "sorry", "guten Morgen", ""),
        (
            "kann mir jemand helfen mit", "ich habe ein Problem mit", "ich verstehe nicht ganz", "wo finde ich",
            "morgen reden wir über", "ich freue mich sehr auf", "wer kümmert sich um", "wir müssen noch ändern:",
            "jetzt läuft endlich", "ich schaue mir gleich an:", "hast du schon gesehen,", "ich mag",
        ),
        (
            "den Server", "die Besprechung", "diese Version", "die Datei", "meine Grafikkarte", "die Unterlagen",
            "die neue Seite", "deine Nachricht", "das Projekt", "die Aktualisierung", "das Spiel", "meinen Rechner",
        ),
        ("", "bitte", "heute Abend", "seit gestern", "mit meinen Freunden", "um zwölf", "die Art und Weise"),
    ),
    (  # Italian, Portuguese, Dutch, Polish
        (
            "ciao a tutti", "grazie mille", "non funziona più", "qualcuno può aiutarmi con", "ho un problema con",
            "bom dia", "obrigado pela ajuda", "não consigo abrir", "alguém sabe como usar", "amanhã eu vejo",
            "hoi allemaal", "dank je wel voor", "ik snap het niet,", "kan iemand mij helpen met", "ik heb gisteren",
            "dzień dobry", "dziękuję za", "nie działa mi", "czy ktoś wie, gdzie jest", "jutro zobaczę",
        ),
        ("server", "computer", "Linux", "internet", "video", "Ubuntu", "Discord", "bot", "link", "test"),
        ("", "oggi", "hoje", "vandaag", "dzisiaj", "ok", "perfetto", "tudo bem", "prima", "super"),
    ),
    (  # Mandarin
        ("大家好", "谢谢", "好的", "请问", "对不起", "早上好", "没问题", ""),
        (
            "有人可以帮我看一下", "我不太明白", "在哪里可以找到", "明天我们讨论", "我很喜欢", "谁负责", "需要更新",
            "终于可以用", "我看一下", "你看到了吗", "我下载不了",
        ),
        (
            "服务器", "会议", "这个版本", "文件", "显卡", "新的页面", "你的消息", "这个项目", "这个游戏",
            "我的电脑", "天气",
        ),
        ("", "吗", "谢谢", "今天晚上", "从昨天开始"),
    ),
    (  # Arabic, Russian, Turkish
        (
            "مرحبا", "شكرا جزيلا", "صباح الخير", "هل يمكن لأحد أن يساعدني في", "لا أفهم", "أين أجد", "غدا نتحدث عن",
            "привет всем,", "спасибо за", "кто-нибудь знает, где", "у меня не работает", "завтра посмотрим",
            "merhaba arkadaşlar", "teşekkür ederim", "bana yardım edebilir misiniz,", "çalışmıyor",
        ),
        (
            "الخادم", "الاجتماع", "هذا الملف", "المشروع", "اللعبة", "الحاسوب", "сервер", "новый файл", "проект",
            "компьютер", "bilgisayar", "yeni sürüm", "dosya",
        ),
        ("", "من فضلك", "اليوم", "пожалуйста", "сегодня", "lütfen", "bugün"),
    ),
)  # fmt: skip
