"""What the bot answers to interactions: the first response, and everything said with the interaction's token."""

from __future__ import annotations

from tests.emulators.discord import limits, posting, render_message
from tests.emulators.discord.call import Call, Routes
from tests.emulators.discord.interactions import Callback, Interaction, Type
from tests.emulators.discord.model import Flag, Message
from tests.emulators.discord.refusal import Json, Refusal, field
from tests.emulators.discord.rest.messages import change, draft_of, with_version

MOST_CHOICES = 25
CHOICE_TEXT = 100
COMMAND_MESSAGE, CONTEXT_MESSAGE = 20, 23
_ALLOWED = {
    Type.COMMAND: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.MODAL},
    Type.COMPONENT: {
        *(Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE, Callback.UPDATE),
        Callback.MODAL,
    },
    Type.AUTOCOMPLETE: {Callback.CHOICES},
    Type.MODAL: {Callback.MESSAGE, Callback.DEFERRED_MESSAGE, Callback.DEFERRED_UPDATE, Callback.UPDATE},
}


def callback(call: Call) -> Json | None:
    """The first response; a refused one leaves the interaction open for another."""
    it = call.interactions.unanswered(call.id("interaction_id"), call.parameters["interaction_token"])
    kind = _kind(it, call.body.get("type"))
    data: Json = call.body.get("data") or {}
    _respond(call, it, kind, data)
    it.response, it.response_body = kind, data
    it.tell()
    return _told(call, it) if call.query.get("with_response") in ("1", "true", "True") else None


def _kind(it: Interaction, asked: object) -> Callback:
    allowed = _ALLOWED[it.type]
    if it.type is Type.MODAL and it.message is None:
        allowed = allowed - {Callback.UPDATE, Callback.DEFERRED_UPDATE}
    for kind in allowed:
        if kind == asked:
            return kind
    choices = ", ".join(str(int(each)) for each in sorted(allowed))
    raise field("type", "BASE_TYPE_CHOICES", f"Value must be one of ({choices},).")


def _respond(call: Call, it: Interaction, kind: Callback, data: Json) -> None:
    match kind:
        case Callback.MESSAGE:
            it.original = _say(call, it, data)
        case Callback.DEFERRED_MESSAGE:
            it.original = _think(call, it, data)
        case Callback.DEFERRED_UPDATE:
            it.original = it.message
        case Callback.UPDATE:
            assert it.message is not None
            limits.check_message(with_version(data, it.message))
            change(call, it.message, data)
            it.original = it.message
        case Callback.CHOICES:
            it.choices = _choices(data)
        case Callback.MODAL:
            limits.check_modal(data)
            it.modal = {**data, "components": posting.numbered(data["components"])}
        case Callback.PONG:
            raise Refusal(50035)


def _choices(data: Json) -> list[Json]:
    choices: list[Json] = data.get("choices") or []
    if len(choices) > MOST_CHOICES:
        raise field("data.choices", "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_CHOICES} or fewer in length.")
    for index, each in enumerate(choices):
        for name in ("name", "value"):
            if not isinstance(each.get(name), int | float) and not 0 < len(each.get(name) or "") <= CHOICE_TEXT:
                path = f"data.choices.{index}.{name}"
                raise field(path, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CHOICE_TEXT} in length.")
    return choices


def _draft(call: Call, it: Interaction, data: Json) -> posting.Draft:
    draft = draft_of(call, it.channel, data)
    draft.embeds = data.get("embeds") or []
    draft.application_id = call.world.application.id
    draft.interaction = it.metadata()
    if (data.get("flags") or 0) & Flag.EPHEMERAL:
        draft.flags |= Flag.EPHEMERAL
        draft.only_for = it.user
    if it.type is Type.COMPONENT and it.message is not None:
        draft.type, draft.replied = posting.REPLY, it.message
        draft.reference = posting.reference(it.message)
    if it.type is Type.COMMAND:
        draft.type = COMMAND_MESSAGE if it.data.get("type") == 1 else CONTEXT_MESSAGE
    return draft


def _say(call: Call, it: Interaction, data: Json) -> Message:
    limits.check_message(data)
    limits.check_is_something(data, uploads=len(call.uploads))
    return posting.post(call.world, _draft(call, it, data))


def _think(call: Call, it: Interaction, data: Json) -> Message:
    draft = _draft(call, it, {"flags": (data.get("flags") or 0) & Flag.EPHEMERAL})
    draft.flags |= Flag.LOADING
    return posting.post(call.world, draft)


def _told(call: Call, it: Interaction) -> Json:
    assert it.response is not None
    told: Json = {"id": str(it.id), "type": int(it.type)}
    if it.original is not None:
        told["response_message_id"] = str(it.original.id)
        told["response_message_loading"] = bool(it.original.flags & Flag.LOADING)
        told["response_message_ephemeral"] = it.original.only_for is not None
        if it.response in (Callback.MESSAGE, Callback.UPDATE):
            shown = render_message.message(it.original, call.world)
            return {"interaction": told, "resource": {"type": int(it.response), "message": shown}}
    return {"interaction": told}


# With the token


def _living(call: Call) -> Interaction:
    return call.interactions.living(call.id("webhook_id"), call.parameters["webhook_token"])


def follow_up(call: Call) -> Json:
    """Another message; after a deferral the first one takes its place."""
    it = _living(call)
    limits.check_message(call.body)
    limits.check_is_something(call.body, uploads=len(call.uploads))
    if it.original is not None and it.is_deferred:
        _speak(call, it, it.original)
        return render_message.message(it.original, call.world)
    message = posting.post(call.world, _draft(call, it, call.body))
    it.followups.append(message)
    it.tell()
    return render_message.message(message, call.world)


def _speak(call: Call, it: Interaction, message: Message) -> None:
    limits.check_message(with_version(call.body, message))
    message.flags = message.flags & ~Flag.LOADING | ((call.body.get("flags") or 0) & Flag.COMPONENTS_V2)
    change(call, message, call.body)
    it.tell()


def _of(call: Call) -> tuple[Interaction, Message]:
    it = _living(call)
    wanted = call.parameters.get("message_id")
    known = [it.original] if wanted is None else [it.original, *it.followups]
    for message in known:
        if message is not None and not message.deleted and wanted in (None, str(message.id)):
            return it, message
    raise Refusal(10008)


def get_message(call: Call) -> Json:
    return render_message.message(_of(call)[1], call.world)


def edit_message(call: Call) -> Json:
    it, message = _of(call)
    _speak(call, it, message)
    return render_message.message(message, call.world)


def delete_message(call: Call) -> None:
    it, message = _of(call)
    posting.delete(call.world, [message])
    it.tell()


_TOKEN = "/webhooks/{webhook_id}/{webhook_token}"
ROUTES: Routes = {
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): callback,
    ("POST", _TOKEN): follow_up,
    ("GET", _TOKEN + "/messages/@original"): get_message,
    ("PATCH", _TOKEN + "/messages/@original"): edit_message,
    ("DELETE", _TOKEN + "/messages/@original"): delete_message,
    ("GET", _TOKEN + "/messages/{message_id}"): get_message,
    ("PATCH", _TOKEN + "/messages/{message_id}"): edit_message,
    ("DELETE", _TOKEN + "/messages/{message_id}"): delete_message,
}
