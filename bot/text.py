"""Every sentence Parley says. Short, kind, and with what the reader can do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.address import Address
from bot.core.evidence import Decision, Record
from bot.core.markdown import called, literal
from bot.core.settlement import Outcome

REMOVED_REASON = "It went against the rules of this room."
NOT_A_MODERATOR = "Only moderators of that room can decide this."
NOT_THEIR_COMMUNITY = "Only moderators of the whole community can change what holds everywhere in it."
NOT_THEIR_ROOM = "Cards can only go to a room that you moderate too; another one is set in the configuration file."
MODERATORS_ARE_IMMUNE = "This member is a moderator there, and I never act on moderators. Please talk to each other."
FAILED = "Sorry, that did not work. Nothing was changed; please try again, and tell whoever runs me if it stays so."
NO_SUCH_MESSAGE = "I know of no such message here."
NOT_JUDGED_YET = "I have not judged this message yet; ask again in a moment."
REPORT_RECEIVED = "Thank you. The moderators will look at it."
ANSWERED_IN_REVIEW_ROOM = "I answered in the moderators’ room."
SHOWN_IN_REVIEW_ROOM = "I showed it in the moderators’ room."
FOUND = "What was found:"
NOTHING_FOUND = "nothing found"
REPORTED = "reported"
APPEAL = "Appeal"
APPEAL_ASKS = "Why should it be looked at again?"
APPEAL_RECEIVED = "Thank you. Another moderator will look at it, and I will tell you what they say."
APPEAL_WAITS = "Your appeal is with the moderators already; I will tell you what they say."
APPEAL_DECIDED = "Your appeal was decided, and each decision can be appealed once."
NOTHING_TO_APPEAL = "Nothing was decided against this message, so there is nothing to appeal."
APPEAL_ANSWERS = "This is an appeal: either “approve” it or “remove”, which leaves everything as it was decided."
SOMEBODY_ELSE = "You decided this the first time, so another moderator should look at the appeal."
NOT_LISTENING = "I am not listening yet, or no more."
TAKING = "I am taking it away."
REMOVED_AFTER_ALL = "A moderator takes it away after all."
GRANT = "Grant"
UPHOLD = "Uphold"
REASON_ASKS = "Reason, which its author will read"
REMOVE_IT = "remove the message"

WHAT_WAS_SAID = "I have no language model, so here is what was said about it:"
NOTHING_FOR_YOU = "I found nothing about that in what you may see here. Other words may help."
NOTHING_KNOWN = (
    "I found nothing about that in what everybody who reads this may see. "
    "Other words may help; so may “ask”, whose answer only you see."
)

DONE = {
    Decision.APPROVE: "approved",
    Decision.REMOVE: "removed",
    Decision.WARN: "left standing with a warning",
    Decision.TIMEOUT: "removed, its author timed out",
    Decision.KICK: "removed, its author sent out",
    Decision.BAN: "removed, its author banned",
    Decision.GONE: "closed: the message was taken away",
}
OUTCOMES = {
    Outcome.APPROVED: "Nothing was found; it stands.",
    Outcome.ACTED: "I removed it.",
    Outcome.ASKED: "I asked the moderators.",
    Outcome.WAITING: "It waits for a moderator, as every message here does.",
    Outcome.SHADOWED: "I did nothing: this room is in shadow mode, where I only write down what I would do.",
    Outcome.GONE: "It was gone before I could judge it.",
    Outcome.SUPERSEDED: "A newer version of it was already known.",
}


def trouble(where: Address, reason: str) -> str:
    """To moderators: something failed in a place."""
    return f"⚠️ Something I should do in **{literal(where.channel)}** failed: {literal(reason)} The case is open again."


def removed(name: str, reason: str = "") -> str:
    """To an author; without a reason it is the same whether a rule, a model or a person found it."""
    why = f" A moderator says: “{literal(reason)}”." if reason else ""
    return (
        f"{called(name)}, your message was removed because it went against the rules of this room.{why} "
        "If you think that was a mistake, you can appeal."
    )


def history(who: str, record: Record, lines: Sequence[str]) -> str:
    """A member's messages in one community."""
    counted = f"{literal(who)}: {record.judged} messages, {record.removed} removed, {record.asked} asked about."
    return counted + ("\nWaiting for a decision:\n" + "\n".join(f"- {line}" for line in lines) if lines else "")


def appeal_instead(message_id: str) -> str:
    """How to appeal where there is no button."""
    return f"To appeal, give the command “appeal {literal(message_id)}” with your reason behind it."


def appealed(reason: str, decision: Decision, by: str) -> str:
    """The line of a card that says it is an appeal, and who should not decide it."""
    said = f": “{literal(reason)}”" if reason else ""
    return f"🙋 **Appeal** by its author{said}\nIt was {DONE[decision]}, by {by or 'Parley itself'}."


def appeal_answered(name: str, reason: str, *, granted: bool) -> str:
    """To the author, how their appeal went."""
    why = f" They say: “{literal(reason)}”." if reason else ""
    if granted:
        return f"{called(name)}, the moderators looked again: it was a mistake, and they are sorry.{why}"
    return f"{called(name)}, the moderators looked again and leave the decision as it was.{why}"


def warned(name: str) -> str:
    """To an author whose message stands."""
    return f"{called(name)}, a moderator asks you to mind the rules of this room."


def case_head(number: int, place: str) -> str:
    """First line of a card."""
    return f"**Case {number}** in {place}"


def author(who: str, record: Record) -> str:
    """The author's line on a card."""
    if record.judged <= 1:
        return f"by {who}, first message I saw"
    return f"by {who}, {record.judged} messages, {record.removed} removed, {record.asked} asked about"


def proposed(what: str) -> str:
    """What a card proposes."""
    return f"Proposed: {what}"


def reported_by(names: Sequence[str], count: int) -> str:
    """Who asked the moderators to look."""
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return f"Reported by {', '.join(names)}{more}"


def problem(reason: str) -> str:
    """What went wrong with an earlier attempt."""
    return f"⚠️ It could not be done: {literal(reason)}"


def decided(number: int, decision: Decision, by: str, at: datetime | None) -> str:
    """How a closed case stands."""
    when = f" at {at:%H:%M} UTC on {at:%d %B}" if at else ""
    return f"Case {number} was {DONE[decision]}, by {by}{when}."


def still_open(number: int, problem_: str) -> str:
    """How an open case stands."""
    return f"Case {number} is open. {problem(problem_)}" if problem_ else f"Case {number} is open."


def no_case(number: str) -> str:
    """A number without a case."""
    return f"There is no case {number}. “queue” shows those that wait."


def queue(lines: Sequence[str], *, more: bool, approved: int) -> str:
    """The queue."""
    counted = f"{approved:,} message{'' if approved == 1 else 's'} approved in this channel so far."
    if not lines:
        return f"Nothing waits. {counted}"
    rest = ["…and more."] if more else []
    listed = "\n".join(f"- {line}" for line in [*lines, *rest])
    return f"Waiting for a decision:\n{listed}\n\n“case N” shows one, “approve N” and “remove N” decide. {counted}"


def without_room(line: str) -> str:
    """A case where there is no room for its card."""
    return f"{line}\n\nI show no card where others read along. Set `review_room`, and cards appear there."


def approved_up_to(count: int, kept: int) -> str:
    """After approving many."""
    left = f" {kept} reported one(s) I left for you to look at." if kept else ""
    return f"Approved {count} message(s).{left}"


def reminder(count: int, oldest: datetime) -> str:
    """To a review room."""
    noun = "case waits" if count == 1 else "cases wait"
    return f"{count} {noun} for a decision, the oldest since {oldest:%d %B, %H:%M} UTC. “queue all” shows them."


def no_command(name: str) -> str:
    """A command nobody answers."""
    return f"I do not know the command “{literal(name)}”. “help” lists what I can do."


def not_allowed(name: str) -> str:
    """A command for others."""
    return f"“{name}” is for moderators."


def help_(commands: Sequence[tuple[str, str]]) -> str:
    """The list of commands."""
    listed = "\n".join(f"- `{usage}` – {literal(summary)}" for usage, summary in commands)
    return f"What you can ask of me here:\n{listed}"


def setting(key: str, value: str, level: str) -> str:
    """One setting."""
    return f"`{key}` is **{literal(value)}** ({level})"


def settings(rows: Sequence[tuple[str, str, str]]) -> str:
    """Several settings."""
    listed = "\n".join(f"- {setting(*row)}" for row in rows)
    how = "“settings KEY VALUE” changes one here, “community” before it everywhere; the value “default” undoes it."
    return f"{listed}\n\n{how}"


def no_setting(key: str) -> str:
    """A key that does not exist."""
    return f"There is no setting “{literal(key)}”. “settings” lists them all."


def not_set(problem_: str) -> str:
    """A change that was refused."""
    return f"Not changed: {literal(problem_)}"


def changed(key: str, value: str, *, community: bool) -> str:
    """A change that holds."""
    where = "the whole community" if community else "this channel"
    return f"`{key}` is **{literal(value)}** for {where} from here on."


def outcome_for_author(outcome: Outcome | None) -> str:
    """To the author: what was done, not what found it."""
    if outcome is None:
        return NOT_JUDGED_YET
    if outcome is Outcome.ACTED:
        return (
            "It went against the rules of this room. If you think that was a mistake, you can appeal: “appeal” does it."
        )
    return "A moderator will look at it." if outcome in (Outcome.ASKED, Outcome.WAITING) else "It stands."


def outcome_for_moderators(outcome: Outcome, mode: str) -> str:
    """To moderators: what became of a message."""
    return f"{OUTCOMES[outcome]} (mode {mode})" if mode else OUTCOMES[outcome]


def versions(policy: str, model: str, event_hash: str) -> str:
    """What a decision can be repeated with."""
    return f"policy `{policy or 'none'}` · model `{model or 'none'}` · event `{event_hash}`"


def started(version: str, on: Sequence[str], off: Sequence[tuple[str, str]], mode: str) -> str:
    """The first lines of a run, for a terminal."""
    lines = [f"Parley {version}", f"on:    {', '.join(on)}; moderation in mode {mode}"]
    return "\n".join([*lines, *(f"off:   {name} ({how})" for name, how in off)])


def kept(place: str) -> str:
    """The line of a start that says where the store is."""
    return f"store: {place}"


def stuck(seconds: float) -> str:
    """To whoever watches over a run."""
    return f"An event has waited for {seconds:.0f} seconds."


def pages(listen: str) -> str:
    """The line of a start that says where monitoring looks."""
    return f"pages: http://{listen}/healthz, /readyz and /metrics"


def plain(value: object) -> str:
    """A JSON value as people write it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(plain(item) for item in value) or "none"
        case None | "" | {}:
            return "none"
        case _:
            return str(value)


def source(author: str, place: str, link: str, at: datetime) -> str:
    """Who said it, where and when; the place links to the message."""
    return f"{author} in {f'[{place}](<{link}>)' if link else place}, {at.day} {at:%B %Y}"
