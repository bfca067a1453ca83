"""The real client library against the emulator: what people do is heard, what the bot does is done."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from tests.emulators.client import Bot, connected
from tests.emulators.discord import ALL, Emulator, Kind, Overwrite, Permission, Refusal


def text_channel(bot: Bot, channel_id: int) -> discord.TextChannel:
    found = bot.get_channel(channel_id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_message_is_heard_and_answered(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        said = ann.say(general, "hello")
        message = await bot.hears(discord_emulator, "message", discord.Message)
        assert (message.id, message.content, message.author.name) == (said, "hello", "ann")
        answer = await message.reply("hi")
        await answer.edit(content="hi there")
        assert discord_emulator.texts(general) == ["hello", "hi there"]
        await message.delete()
        assert discord_emulator.texts(general) == ["hi there"]
        later = message.channel.history(after=discord.Object(said - 1))
        assert [each.content async for each in later] == ["hi there"]
    assert discord_emulator.refused == []


async def test_what_people_do_is_heard(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann, ben = discord_emulator.member(guild, "ann"), discord_emulator.member(guild, "ben")
    async with connected(discord_emulator) as bot:
        first, second = ann.say(general, "one"), ann.say(general, "two")
        ann.edit(first, "won")
        edited = await bot.hears(discord_emulator, "raw_message_edit", discord.RawMessageUpdateEvent)
        assert (edited.message_id, edited.data["content"]) == (first, "won")
        ben.react(first, "👍")
        reaction = await bot.hears(discord_emulator, "raw_reaction_add", discord.RawReactionActionEvent)
        assert (str(reaction.emoji), reaction.user_id) == ("👍", ben.id)
        ann.delete(first)
        gone = await bot.hears(discord_emulator, "raw_message_delete", discord.RawMessageDeleteEvent)
        assert gone.message_id == first
        third = ann.say(general, "three")
        discord_emulator.owner(guild).purge([second, third])
        purged = await bot.hears(discord_emulator, "raw_bulk_message_delete", discord.RawBulkMessageDeleteEvent)
        assert purged.message_ids == {second, third}
        discord_emulator.rename(ben, "Benny")
        renamed = await bot.hears(discord_emulator, "member_update", discord.Member)
        assert renamed.nick == "Benny"
        cat = discord_emulator.member(guild, "cat")
        assert (await bot.hears(discord_emulator, "member_join", discord.Member)).id == cat.id
        discord_emulator.leave(cat)
        removed = await bot.hears(discord_emulator, "raw_member_remove", discord.RawMemberRemoveEvent)
        assert removed.user.id == cat.id
        cat.dm("hello bot")
        heard = await bot.hears(discord_emulator, "message", discord.Message, times=4)
        assert (heard.content, isinstance(heard.channel, discord.DMChannel)) == ("hello bot", True)


async def test_webhooks_and_pins_are_heard(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    async with connected(discord_emulator) as bot:
        discord_emulator.webhook(general, "news", "extra, extra")
        message = await bot.hears(discord_emulator, "message", discord.Message)
        assert (message.webhook_id, message.author.name) == (message.author.id, "news")
        await message.pin(reason="so that all see it")
        notice = await bot.hears(discord_emulator, "message", discord.Message, times=2)
        assert notice.type is discord.MessageType.pins_add
        assert [each.id async for each in message.channel.pins()] == [message.id]
        await message.unpin()
    assert discord_emulator.refused == []


async def test_attachments_embeds_and_forwards_are_readable(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general, other = discord_emulator.channel(guild), discord_emulator.channel(guild, "other")
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        said = ann.say(general, "look", files=[("a.txt", b"content")], embeds=[{"title": "T", "description": "D"}])
        message = await bot.hears(discord_emulator, "message", discord.Message)
        assert await message.attachments[0].read() == b"content"
        assert (message.attachments[0].filename, message.embeds[0].description) == ("a.txt", "D")
        ann.forward(said, other)
        forward = await bot.hears(discord_emulator, "message", discord.Message, times=2)
        assert (forward.content, forward.message_snapshots[0].content) == ("", "look")
        await message.reply(file=discord.File(__file__, "b.py", description="a test"))
        assert discord_emulator.messages(general)[-1].attachments[0].description == "a test"
    assert discord_emulator.refused == []


async def test_without_the_intent_content_is_withheld(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator, Bot(wants=discord.Intents(guilds=True, guild_messages=True))) as bot:
        ann.say(general, "secret")
        ann.say(general, f"<@{discord_emulator.world.me.id}> help")
        await bot.hears(discord_emulator, "message", discord.Message, times=2)
        contents = [each.content for each in bot.all("message", discord.Message)]
        assert contents == ["", f"<@{discord_emulator.world.me.id}> help"]


async def test_a_channel_that_the_bot_does_not_see_is_silent(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(everyone=ALL & ~Permission.ADMINISTRATOR, bot=Permission(0))
    hidden, general = discord_emulator.channel(guild, "hidden"), discord_emulator.channel(guild)
    role = discord_emulator.bot_role(guild)
    discord_emulator.overwrite(hidden, Overwrite(id=role.id, deny=Permission.VIEW_CHANNEL))
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        ann.say(hidden, "psst")
        ann.say(general, "hello")
        await bot.hears(discord_emulator, "message", discord.Message)
        assert [each.content for each in bot.all("message", discord.Message)] == ["hello"]
        with pytest.raises(discord.Forbidden) as refused:
            await text_channel(bot, hidden.id).send("hi")
        assert refused.value.code == 50001
    assert [(each.status, each.code) for each in discord_emulator.refused] == [(403, 50001)]


async def test_messages_are_deleted_in_bulk_but_not_old_ones(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    old = ann.say(general, "old", at=discord_emulator.world.now() - timedelta(days=15))
    fresh = [ann.say(general, str(number)) for number in range(3)]
    discord_emulator.settings.rate_limits = False
    async with connected(discord_emulator) as bot:
        channel = text_channel(bot, general.id)
        await channel.delete_messages([discord.Object(each) for each in fresh], reason="raid")
        assert discord_emulator.texts(general) == ["old"]
        assert guild.audit[-1].reason == "raid"
        again = ann.say(general, "again")
        with pytest.raises(discord.HTTPException) as refused:
            await channel.delete_messages([discord.Object(old), discord.Object(again)])
        assert refused.value.code == 50034


async def test_polls_are_opened_voted_on_and_counted(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann, ben = discord_emulator.member(guild, "ann"), discord_emulator.member(guild, "ben")
    async with connected(discord_emulator) as bot:
        poll = discord.Poll("Tea?", timedelta(hours=1)).add_answer(text="yes").add_answer(text="no")
        sent = await text_channel(bot, general.id).send(poll=poll)
        ann.vote(sent.id, 1)
        ben.vote(sent.id, 2)
        ben.vote(sent.id, 1)
        await bot.hears(discord_emulator, "raw_poll_vote_add", discord.RawPollVoteActionEvent, times=3)
        await bot.hears(discord_emulator, "raw_poll_vote_remove", discord.RawPollVoteActionEvent)
        message = await sent.channel.fetch_message(sent.id)
        assert message.poll is not None
        answer = message.poll.answers[0]
        assert {each.name async for each in answer.voters()} == {"ann", "ben"}
        await message.end_poll()
        await discord_emulator.until(lambda: discord_emulator.message(sent.id).poll.finalized)  # type: ignore[union-attr]
        counted = await sent.channel.fetch_message(sent.id)
        assert counted.poll is not None
        assert (counted.poll.is_finalised(), counted.poll.answers[0].vote_count) == (True, 2)
        result = discord_emulator.messages(general)[-1]
        assert (result.type, result.embeds[0]["fields"][1]["value"]) == (46, "2")
        with pytest.raises(Refusal, match="Poll expired"):
            ann.vote(sent.id, 2)
    assert discord_emulator.refused == []


async def test_a_poll_ends_with_its_time(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    async with connected(discord_emulator) as bot:
        poll = discord.Poll("Tea?", timedelta(hours=1)).add_answer(text="yes")
        await text_channel(bot, general.id).send(poll=poll)
        discord_emulator.advance(timedelta(hours=2))
        edited = await bot.hears(discord_emulator, "raw_message_edit", discord.RawMessageUpdateEvent)
        assert edited.message.poll is not None
        assert edited.message.poll.is_finalised()


async def test_threads_and_forum_posts(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    forum = discord_emulator.channel(guild, "ideas", kind=Kind.FORUM, tags=["bug"])
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        said = ann.say(general, "long story")
        message = await bot.hears(discord_emulator, "message", discord.Message)
        thread = await message.create_thread(name="Story", reason="long")
        assert thread.id == said
        assert [each.type for each in discord_emulator.messages(discord_emulator.world.channels[said])] == [21]
        await thread.send("go on")
        assert discord_emulator.texts(discord_emulator.world.channels[said]) == ["go on"]
        await thread.edit(archived=True, locked=True)
        with pytest.raises(discord.HTTPException) as refused:
            await message.create_thread(name="Again")
        assert refused.value.code == 160004
        place = bot.get_channel(forum.id)
        assert isinstance(place, discord.ForumChannel)
        opened = await place.create_thread(name="Idea", content="text", applied_tags=[place.available_tags[0]])
        assert (opened.thread.id, opened.message.content) == (opened.message.id, "text")
        post = ann.post(forum, "Bug", "it broke")
        heard = await bot.hears(discord_emulator, "thread_create", discord.Thread, times=3)
        assert (heard.id, heard.name) == (post.id, "Bug")
        assert discord_emulator.texts(post) == ["it broke"]


async def test_members_are_timed_out_kicked_and_banned(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann, ben = discord_emulator.member(guild, "ann"), discord_emulator.member(guild, "ben")
    async with connected(discord_emulator) as bot:
        place = bot.get_guild(guild.id)
        assert place is not None
        member = await place.fetch_member(ann.id)
        await member.timeout(timedelta(minutes=5), reason="calm down")
        with pytest.raises(Refusal, match="Missing Permissions"):
            ann.say(general, "grr")
        discord_emulator.advance(timedelta(minutes=6))
        ann.say(general, "sorry")
        await member.send("You will be removed.")
        await member.kick(reason="bye")
        assert ann.id not in guild.members
        with pytest.raises(discord.Forbidden) as refused:
            await member.send("You were removed.")
        assert refused.value.code == 50278
        assert [each.content for each in ann.inbox()] == ["You will be removed."]
        ben.say(general, "spam")
        await place.ban(discord.Object(ben.id), reason="spam", delete_message_seconds=3600)
        assert (guild.bans, discord_emulator.texts(general)) == ({ben.id: "spam"}, ["sorry"])
        await place.unban(discord.Object(ben.id))
        discord_emulator.rejoin(ben)
        assert [(each.action, each.reason) for each in guild.audit] == [
            (24, "calm down"),
            (20, "bye"),
            (22, "spam"),
            (23, None),
        ]
        cat = discord_emulator.member(guild, "cat")
        done = await place.bulk_ban([discord.Object(ben.id), discord.Object(cat.id), discord.Object(1)])
        assert ([each.id for each in done.banned], [each.id for each in done.failed]) == ([ben.id, cat.id], [1])
    assert [each.code for each in discord_emulator.refused] == [50278]


async def test_who_stands_higher_cannot_be_touched(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=Permission.BAN_MEMBERS | Permission.MODERATE_MEMBERS)
    high = discord_emulator.role(guild, "moderators")
    mod, ann = discord_emulator.member(guild, "mod", high), discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        place = bot.get_guild(guild.id)
        assert place is not None
        for untouchable in (mod.id, guild.owner_id):
            with pytest.raises(discord.Forbidden) as refused:
                await place.ban(discord.Object(untouchable))
            assert refused.value.code == 50013
        await place.ban(discord.Object(ann.id))
        discord_emulator.allow_bot(guild, Permission(0))
        with pytest.raises(discord.Forbidden):
            await place.unban(discord.Object(ann.id))


async def test_pings_show_in_what_was_posted(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    ann = discord_emulator.member(guild, "ann")
    async with connected(discord_emulator) as bot:
        channel = text_channel(bot, general.id)
        await channel.send(f"{ann.mention} @everyone")
        await channel.send(f"{ann.mention} @everyone", allowed_mentions=discord.AllowedMentions.all())
    assert [each.pings for each in discord_emulator.messages(general)] == [False, True]
    bodies = [each.body for each in discord_emulator.calls("POST", "/messages")]
    assert [each["allowed_mentions"] for each in bodies if isinstance(each, dict)] == [
        {"parse": []},
        {"parse": ["everyone", "users", "roles"], "replied_user": True},
    ]


async def test_a_nonce_makes_one_message_of_two_requests(discord_emulator: Emulator) -> None:
    guild = discord_emulator.guild(bot=ALL)
    general = discord_emulator.channel(guild)
    async with connected(discord_emulator) as bot:
        channel = text_channel(bot, general.id)
        first = await channel.send("once", nonce="key-1")
        second = await channel.send("once", nonce="key-1")
        assert first.id == second.id
        discord_emulator.advance(timedelta(minutes=6))
        assert (await channel.send("once", nonce="key-1")).id != first.id
    assert discord_emulator.texts(general) == ["once", "once"]
