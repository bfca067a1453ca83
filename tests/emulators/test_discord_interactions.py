"""Commands, buttons and forms, and native AutoMod, through the real client library."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import discord
import pytest
from discord import app_commands

from tests.emulators.client import Bot, connected, request
from tests.emulators.discord import ALL, EVERYONE, Emulator, Permission, Refusal
from tests.emulators.discord.asking import NotOffered
from tests.emulators.discord.model import Guild


class Form(discord.ui.Modal, title="Why?"):
    reason: discord.ui.TextInput[Form] = discord.ui.TextInput(label="Reason", custom_id="reason")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"because {self.reason.value}", ephemeral=True)


class Card(discord.ui.View):
    @discord.ui.button(label="Approve", custom_id="approve")
    async def approve(self, interaction: discord.Interaction, _: discord.ui.Button[Card]) -> None:
        await interaction.response.edit_message(content="approved", view=None)

    @discord.ui.button(label="Explain", custom_id="explain")
    async def explain(self, interaction: discord.Interaction, _: discord.ui.Button[Card]) -> None:
        await interaction.response.send_modal(Form())


class Commanded(Bot):
    """Has a group of commands and two menus."""

    def __init__(self) -> None:
        super().__init__()
        group = app_commands.Group(name="parley", description="Everything")

        @group.command(name="hello", description="Greets")
        async def hello(interaction: discord.Interaction, who: discord.Member, times: int = 1) -> None:
            await interaction.response.send_message(f"hello {who.display_name} x{times}", ephemeral=True)

        @group.command(name="slow", description="Thinks")
        async def slow(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.followup.send("done")
            await interaction.followup.send("more")

        @group.command(name="mute", description="Says nothing")
        async def mute(interaction: discord.Interaction) -> None:
            """Leaves the person waiting."""

        @group.command(name="case", description="Shows a case")
        async def case(interaction: discord.Interaction, number: str) -> None:
            await interaction.response.send_message(number)

        @case.autocomplete("number")
        async def numbers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=each, value=each) for each in ("12", "13", "21") if each.startswith(typed)]

        @app_commands.context_menu(name="Report")
        @app_commands.default_permissions(manage_messages=True)
        async def report(interaction: discord.Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"reported {message.content}", ephemeral=True)

        self.tree.add_command(group)
        self.tree.add_command(report)

    async def setup_hook(self) -> None:
        await self.tree.sync()
        self.add_view(Card(timeout=None))


async def test_a_command_is_answered_so_that_only_one_person_sees_it(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann, ben = discord_emulator.member(guild, "ann"), discord_emulator.member(guild, "ben")
    async with connected(discord_emulator, Commanded()):
        it = await ann.command(general, "parley hello", {"who": str(ben.id), "times": 2})
        assert (it.text, it.is_ephemeral) == ("hello ben x2", True)
        assert ([each.content for each in ann.whispers()], ben.reads(general)) == (["hello ben x2"], [])
        slow = await ann.settled(await ann.command(general, "parley slow"))
        await discord_emulator.until(lambda: slow.followups)
        assert (slow.text, slow.is_ephemeral, slow.followups[0].content) == ("done", True, "more")
        assert await ann.complete(general, "parley case", "number", "1") == ["12", "13"]
        with pytest.raises(NotOffered):
            await ann.command(general, "parley unknown")
    assert discord_emulator.refused == []


async def test_a_menu_is_offered_to_who_may_use_it(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    mods = discord_emulator.role(guild, "moderators", EVERYONE | Permission.MANAGE_MESSAGES)
    ann, mod = discord_emulator.member(guild, "ann"), discord_emulator.member(guild, "mod", mods)
    said = ann.say(general, "bad words")
    async with connected(discord_emulator, Commanded()):
        assert (await mod.menu("Report", message_id=said)).text == "reported bad words"
        with pytest.raises(NotOffered):
            await ann.menu("Report", message_id=said)


async def test_buttons_and_forms_are_answered(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator, Commanded()) as bot:
        card = await bot.get_partial_messageable(general.id).send("case 1", view=Card(timeout=None))
        form = await ann.press(card.id, "explain")
        assert form.modal is not None
        assert form.modal["title"] == "Why?"
        assert (await ann.submit(form, {"reason": "spam"})).text == "because spam"
        await ann.press(card.id, "approve")
        assert (discord_emulator.texts(general), discord_emulator.message(card.id).components) == (["approved"], [])
        with pytest.raises(NotOffered):
            await ann.press(card.id, "approve")
    assert discord_emulator.refused == []


class Layout(discord.ui.LayoutView):
    """A card of the second version of components: text beside a button, and a menu."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        # Assigning the callback is how the library documents it.
        undo: discord.ui.Button[Layout] = discord.ui.Button(label="Undo", custom_id="undo")
        undo.callback = self.undo  # type: ignore[method-assign]
        why = [discord.SelectOption(label="spam")]
        menu: discord.ui.Select[Layout] = discord.ui.Select(custom_id="why", options=why)
        menu.callback = self.choose  # type: ignore[method-assign]
        section: discord.ui.Section[Layout] = discord.ui.Section("evidence", accessory=undo)
        self.add_item(discord.ui.Container(section, discord.ui.Separator(), discord.ui.ActionRow(menu)))

    async def undo(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Undone())

    async def choose(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        await interaction.followup.send("noted", ephemeral=True)


class Undone(discord.ui.LayoutView):
    text: discord.ui.TextDisplay[Undone] = discord.ui.TextDisplay("undone")


async def test_cards_of_the_second_version_are_used(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        card = await bot.get_partial_messageable(general.id).send(view=Layout())
        chosen = await ann.choose(card.id, "why", ["spam"])
        await discord_emulator.until(lambda: chosen.followups)
        assert (chosen.followups[0].content, chosen.followups[0].only_for) == ("noted", ann.user)
        await ann.press(card.id, "undo")
        assert [each["content"] for each in discord_emulator.message(card.id).components] == ["undone"]
    assert discord_emulator.refused == []


async def test_an_answer_must_be_in_time_and_the_only_one(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    discord_emulator.settings.interaction_deadline = timedelta(milliseconds=50)
    async with connected(discord_emulator, Commanded()) as bot:
        assert (await ann.command(general, "parley mute")).response is None
        late = await bot.hears(discord_emulator, "interaction", discord.Interaction)
        with pytest.raises(discord.NotFound) as refused:
            await late.response.send_message("late")
        assert refused.value.code == 10062
        discord_emulator.settings.interaction_deadline = timedelta(seconds=3)
        asked = asyncio.create_task(ann.command(general, "parley mute"))
        await discord_emulator.until(lambda: bot.count("interaction") == 2)
        interaction = bot.all("interaction", discord.Interaction)[-1]
        await interaction.response.send_message("first")
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        second = await request(discord_emulator, "POST", path, {"type": 4, "data": {"content": "second"}})
        assert (second.status, second.body["code"]) == (400, 40060)
        assert (await asked).text == "first"
        discord_emulator.advance(timedelta(minutes=16))
        with pytest.raises(discord.HTTPException) as expired:
            await interaction.followup.send("too late")
        assert (expired.value.status, expired.value.code) == (401, 50027)


@pytest.mark.parametrize(
    "commands",
    [
        [{"name": "Upper", "description": "d"}],
        [{"name": "one", "description": "d"}] * 2,
        [{"name": f"c{number}", "description": "d"} for number in range(101)],
        [{"name": f"c{number}", "type": 3} for number in range(16)],
        [{"name": "x" * 33, "description": "d"}],
        [{"name": "one", "description": ""}],
        [{"name": "one", "description": "d", "options": [{"type": 3, "name": "o", "description": "d" * 101}]}],
    ],
)
async def test_commands_keep_to_their_limits(discord_emulator: Emulator, commands: list[dict[str, object]]) -> None:
    path = f"/applications/{discord_emulator.world.me.id}/commands"
    answer = await request(discord_emulator, "PUT", path, commands)
    assert (answer.status, answer.body["code"] in (50035, 30032)) == (400, True)
    assert discord_emulator.world.application.commands == {}


async def test_a_command_keeps_its_id(discord_emulator: Emulator) -> None:
    path = f"/applications/{discord_emulator.world.me.id}/commands"
    first = await request(discord_emulator, "PUT", path, [{"name": "a", "description": "d"}])
    again = await request(discord_emulator, "PUT", path, [{"name": "a", "description": "e"}])
    assert (first.body[0]["id"], again.body[0]["description"]) == (again.body[0]["id"], "e")


async def rule(bot: Bot, guild: Guild, **trigger: object) -> discord.AutoModRule:
    place = bot.get_guild(guild.id)
    assert place is not None
    return await place.create_automod_rule(
        name="words",
        event_type=discord.AutoModRuleEventType.message_send,
        trigger=discord.AutoModTrigger(**trigger),  # type: ignore[arg-type]
        actions=[discord.AutoModRuleAction(custom_message="mind your words")],
        enabled=True,
        reason="sync",
    )


async def test_native_automod_blocks_what_its_rules_name(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann, owner = discord_emulator.member(guild, "ann"), discord_emulator.owner(guild)
    async with connected(discord_emulator) as bot:
        made = await rule(bot, guild, keyword_filter=["bad*", "worse"], regex_patterns=["aw+ful"], allow_list=["badge"])
        for text in ("a BADly put thing", "worse!", "awwwful"):
            with pytest.raises(Refusal, match="blocked by automatic moderation"):
                ann.say(general, text)
        said = ann.say(general, "not worsened, with a badge")
        with pytest.raises(Refusal):
            ann.edit(said, "bad")
        owner.say(general, "bad, says who may")
        done = await bot.hears(discord_emulator, "automod_action", discord.AutoModAction, times=4)
        assert (done.rule_id, done.user_id, done.content, done.matched_keyword) == (made.id, ann.id, "bad", "bad*")
        assert discord_emulator.texts(general) == ["not worsened, with a badge", "bad, says who may"]
        await made.delete()
        ann.say(general, "bad")


async def test_native_automod_keeps_to_its_limits(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    discord_emulator.settings.rate_limits = False
    async with connected(discord_emulator) as bot:
        for bad in (
            {"keyword_filter": ["x" * 61]},
            {"keyword_filter": ["x"] * 1001},
            {"regex_patterns": ["x"] * 11},
            {"regex_patterns": ["x" * 261]},
            {"regex_patterns": ["(?=look)"]},
        ):
            with pytest.raises(discord.HTTPException) as refused:
                await rule(bot, guild, **bad)
            assert refused.value.code == 50035
        for _ in range(6):
            await rule(bot, guild, keyword_filter=["x"])
        with pytest.raises(discord.HTTPException):
            await rule(bot, guild, keyword_filter=["x"])
        discord_emulator.allow_bot(guild, Permission(0))
        with pytest.raises(discord.Forbidden):
            await rule(bot, guild, mention_limit=5)
