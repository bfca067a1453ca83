"""What a language model says arrives piece by piece, and only what is whole arrives without an error."""

from __future__ import annotations

import asyncio
import traceback

import pytest
import structlog

from bot.core.errors import BrokenOff, Garbled, Misconfigured, ModelBusy, ModelFailed, ModelRefused
from bot.core.llm import LanguageModel, Speaker, Tool, ToolCall, Turn
from bot.llm.chat import ChatModel, open_model
from bot.llm.endpoint import Endpoint
from bot.llm.settings import LlmSettings
from tests.llm.conftest import KEY, Time
from tests.servers.llm import Call, Cut, End, Garbage, Hang, LlmServer, Refuse, Say

ASKED = (Turn(speaker=Speaker.SYSTEM, text="Be kind."), Turn(speaker=Speaker.USER, text="What is Parley?"))
SEARCH = Tool(name="search", purpose="Look it up.", parameters={"type": "object", "properties": {}})


async def heard(model: LanguageModel, *tools: Tool, limit: int | None = None) -> list[str | ToolCall]:
    return [piece async for piece in model.stream(ASKED, tools=tools, limit=limit)]


async def received(model: LanguageModel) -> tuple[list[str | ToolCall], BrokenOff]:
    pieces: list[str | ToolCall] = []
    try:
        async for piece in model.stream(ASKED):
            pieces.append(piece)  # noqa: PERF401 - what came before the error counts
    except BrokenOff as broken:
        return pieces, broken
    raise AssertionError(pieces)


async def test_an_answer_comes_piece_by_piece(server: LlmServer, model: ChatModel) -> None:
    server.will(Say("A bot for rooms."))
    assert await heard(model) == ["A ", "bot ", "for ", "rooms."]
    assert server.asked[0]["messages"] == [
        {"content": "Be kind.", "role": "system"},
        {"content": "What is Parley?", "role": "user"},
    ]


async def test_a_whole_answer_is_its_pieces(server: LlmServer, model: ChatModel) -> None:
    server.will(Say("A bot for rooms."))
    assert await model.complete(ASKED) == "A bot for rooms."


async def test_calls_come_after_the_words(server: LlmServer, model: ChatModel) -> None:
    server.will(Call("search", '{"words": ["pie"]}', "Let me see."))
    call = ToolCall(id="call_1", name="search", arguments={"words": ["pie"]})
    assert await heard(model, SEARCH) == ["Let ", "me ", "see.", call]
    function = {"name": "search", "description": "Look it up.", "parameters": {"type": "object", "properties": {}}}
    assert server.asked[0]["tools"] == [{"type": "function", "function": function}]


@pytest.mark.parametrize("arguments", ["{broken", "[]", "null", '{"words": "pi', "[" * 100_000])
async def test_a_call_with_nonsense_for_arguments_says_so(server: LlmServer, model: ChatModel, arguments: str) -> None:
    server.will(Call("search", arguments))
    [call] = [piece async for piece in model.stream(ASKED, tools=[SEARCH], limit=100_000)]
    assert call == ToolCall(id="call_1", name="search", arguments=None)


async def test_a_conversation_with_calls_is_told_as_it_was(server: LlmServer, model: ChatModel) -> None:
    call = ToolCall(id="c1", name="search", arguments={"words": "pie"})
    asked = Turn(speaker=Speaker.ASSISTANT, text="", calls=(call,))
    found = Turn(speaker=Speaker.TOOL, text="Apple pie.", answers="c1")
    server.will(Say("Apple."))
    assert await model.complete([*ASKED, asked, found]) == "Apple."
    told = server.asked[0]["messages"]
    assert isinstance(told, list)
    function = {"name": "search", "arguments": '{"words": "pie"}'}
    assert told[2]["tool_calls"] == [{"type": "function", "id": "c1", "function": function}]
    assert told[3] == {"content": "Apple pie.", "role": "tool", "tool_call_id": "c1"}


async def test_the_limit_is_told_and_kept(server: LlmServer, model: ChatModel) -> None:
    server.will(Say("word " * 100), Say("short", why="length"))
    with pytest.raises(BrokenOff) as endless:
        await model.complete(ASKED, limit=2)
    assert server.asked[0]["max_tokens"] == 2
    assert endless.value.at_limit
    assert len(endless.value.received) == 32
    with pytest.raises(BrokenOff) as told:
        await model.complete(ASKED)
    assert (told.value.received, told.value.at_limit) == ("short", True)


async def test_what_came_before_a_cut_is_kept(server: LlmServer, model: ChatModel) -> None:
    server.will(Cut("Half an "))
    pieces, broken = await received(model)
    assert (pieces, broken.received, broken.at_limit) == (["Half ", "an "], "Half an ", False)
    assert len(server.asked) == 1


async def test_an_end_that_is_not_called_one_is_a_cut(server: LlmServer, model: ChatModel) -> None:
    server.will(End("Half an "))
    pieces, broken = await received(model)
    assert (pieces, broken.received) == (["Half ", "an "], "Half an ")


async def test_a_model_that_falls_silent_is_cut_off(server: LlmServer, model: ChatModel) -> None:
    server.will(Hang("Well, "))
    pieces, broken = await received(model)
    assert (pieces, broken.received) == (["Well, "], "Well, ")
    assert "in time" in str(broken)


async def test_a_model_that_never_begins_is_not_waited_for(server: LlmServer, model: ChatModel) -> None:
    server.will(Hang())
    pieces, broken = await received(model)
    assert (pieces, broken.received) == ([], "")


@pytest.mark.parametrize("raw", [b"data: {nonsense\n\n", b'data: {"choices": 7}\n\n', b"data: []\n\n"])
async def test_nonsense_is_no_answer(server: LlmServer, model: ChatModel, raw: bytes) -> None:
    server.will(Garbage("", raw), Garbage("Half ", raw))
    with pytest.raises(ModelFailed):
        await heard(model)
    pieces, broken = await received(model)
    assert (pieces, broken.received) == (["Half "], "Half ")


async def test_a_page_that_is_no_stream_is_no_answer(server: LlmServer, model: ChatModel) -> None:
    server.will(Garbage("", b"<html>Welcome to our proxy</html>"))
    with pytest.raises(ModelFailed):
        await heard(model)


async def test_an_empty_answer_is_none(server: LlmServer, model: ChatModel) -> None:
    server.will(Say(""))
    with pytest.raises(Garbled):
        await heard(model)


async def test_a_model_that_is_busy_is_asked_again_when_it_said(
    server: LlmServer, model: ChatModel, time: Time
) -> None:
    server.will(Refuse(429, "3"), Say("Here."))
    assert await heard(model) == ["Here."]
    assert time.slept == [3.0]


async def test_nobody_waits_long_for_a_busy_model_and_nobody_disturbs_it(
    server: LlmServer, model: ChatModel, time: Time
) -> None:
    server.will(Refuse(429, "60"))
    for _ in range(2):
        with pytest.raises(ModelBusy) as busy:
            await heard(model)
        assert busy.value.retry_after == 60.0
    assert len(server.asked) == 1
    time.now += 60
    server.will(Say("Here."))
    assert await heard(model) == ["Here."]


async def test_a_failing_server_is_asked_again_and_then_left_alone(
    server: LlmServer, model: ChatModel, time: Time
) -> None:
    server.will(*[Refuse(503)] * 20)
    started = time.now
    with pytest.raises(ModelBusy):
        await heard(model)
    assert time.now - started <= 8
    asked = len(server.asked)
    assert 1 < asked <= 4
    with pytest.raises(ModelBusy):
        await heard(model)
    assert len(server.asked) <= asked + 1


async def test_a_server_that_comes_back_is_as_good_as_before(server: LlmServer, model: ChatModel) -> None:
    server.will(Refuse(500), Say("Here."))
    assert await heard(model) == ["Here."]


async def test_a_cut_before_the_first_word_is_tried_again(server: LlmServer, model: ChatModel) -> None:
    server.will(Cut(""), Say("Here."))
    assert await heard(model) == ["Here."]


async def test_an_endpoint_that_is_not_there_is_busy(model: ChatModel, server: LlmServer) -> None:
    await server.__aexit__()
    with pytest.raises(ModelBusy, match="cannot be reached"):
        await heard(model)


@pytest.mark.parametrize(("status", "code"), [(401, ""), (403, ""), (404, ""), (429, "insufficient_quota")])
async def test_what_a_person_must_mend_is_not_tried_again(
    server: LlmServer, model: ChatModel, status: int, code: str
) -> None:
    server.will(Refuse(status, code=code))
    with pytest.raises(Misconfigured):
        await heard(model)
    assert len(server.asked) == 1


async def test_a_request_that_is_not_taken_is_not_tried_again(server: LlmServer, model: ChatModel) -> None:
    server.will(Refuse(400, code="context_length_exceeded"))
    with pytest.raises(ModelRefused):
        await heard(model)
    server.will(Say("", why="content_filter"))
    with pytest.raises(ModelRefused):
        await heard(model)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
async def test_an_endpoint_that_repeats_the_key_puts_it_in_no_error_and_no_log(
    server: LlmServer, model: ChatModel, status: int
) -> None:
    server.will(*[Refuse(status, said="Your key {key} is wrong")] * 9)
    with structlog.testing.capture_logs() as logged, pytest.raises(ModelFailed) as failed:
        await heard(model)
    assert KEY not in "".join(traceback.format_exception(failed.value)) + repr(logged)
    assert failed.value.__context__ is None or isinstance(failed.value.__context__, ModelFailed)


async def test_a_reader_who_leaves_ends_the_answer(server: LlmServer, model: ChatModel) -> None:
    server.will(Hang("Well, then "), Say("Here."))
    async for _ in model.stream(ASKED):
        break
    assert await heard(model) == ["Here."]


async def test_a_choice_is_one_of_the_options(server: LlmServer, model: ChatModel) -> None:
    server.will(Say('{"answer": "no"}'))
    assert await model.choose(ASKED, ["yes", "no"]) == "no"
    wanted = server.asked[0]["response_format"]
    assert isinstance(wanted, dict)
    assert wanted["json_schema"]["schema"]["properties"] == {"answer": {"type": "string", "enum": ["yes", "no"]}}


@pytest.mark.parametrize(
    "said",
    ["no", '{"answer": "No"}', '{"answer": "maybe"}', '{"answer": "no", "and": 1}', '["no"]', "{", '{"answer": 1}'],
)
async def test_anything_but_an_option_is_no_choice(server: LlmServer, model: ChatModel, said: str) -> None:
    server.will(Say(said))
    with pytest.raises(Garbled):
        await model.choose(ASKED, ["yes", "no"])


async def test_an_endpoint_without_schemas_is_asked_without_one(server: LlmServer, model: ChatModel) -> None:
    server.will(Refuse(400), Say('{"answer": "no"}'), Say('{"answer": "yes"}'))
    assert await model.choose(ASKED, ["yes", "no"]) == "no"
    assert await model.choose(ASKED, ["yes", "no"]) == "yes"
    assert ["response_format" in asked for asked in server.asked] == [True, False, False]


async def test_a_question_that_is_not_taken_does_not_cost_the_schema(server: LlmServer, model: ChatModel) -> None:
    server.will(Refuse(400), Refuse(400), Say('{"answer": "yes"}'))
    with pytest.raises(ModelRefused):
        await model.choose(ASKED, ["yes", "no"])
    assert await model.choose(ASKED, ["yes", "no"]) == "yes"
    assert ["response_format" in asked for asked in server.asked] == [True, False, True]


async def test_ten_answers_at_once_do_not_mix(server: LlmServer, model: ChatModel) -> None:
    turns = [[Turn(speaker=Speaker.USER, text=f"say {number} twice")] for number in range(10)]
    said = await asyncio.gather(*(model.complete(one) for one in turns))
    assert list(said) == [one[0].text for one in turns]


async def test_the_models_of_an_endpoint_are_found(server: LlmServer, endpoint: Endpoint) -> None:
    assert await endpoint.models() == ["large", "tiny"]
    server.will(Refuse(401))
    with pytest.raises(Misconfigured):
        await endpoint.models()
    server.will(Hang())
    with pytest.raises(BrokenOff):
        await endpoint.models()


async def test_texts_are_rated_by_the_moderation_page(server: LlmServer, endpoint: Endpoint) -> None:
    server.ratings = {"fool": {"harassment": 0.9}}
    fine, bad = await endpoint.rate(["good day", "you fool"], "omni-moderation-latest")
    assert (fine["harassment"], bad["harassment"]) == (0.001, 0.9)
    server.will(Garbage("", b'{"results": []}'))
    with pytest.raises(Garbled):
        await endpoint.rate(["good day"], "omni-moderation-latest")


def test_no_model_is_none() -> None:
    assert open_model(LlmSettings()) is None
    model = open_model(LlmSettings(model="tiny", window=4_096))
    assert model is not None
    assert (model.name, model.window) == ("tiny", 4_096)
