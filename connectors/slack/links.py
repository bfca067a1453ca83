"""Links to messages: what Slack calls one in its address bar, and what we call it."""

from __future__ import annotations

import re

from bot.core.address import Address
from connectors.slack.reading import ident, message_id, stamp

# What the core makes of our template: a channel, and the message's id with its colon escaped.
_OURS = re.compile(r"^(https://[^/?#\s]+/archives)/([A-Z][A-Z0-9]+)/\2(?:%3A|:)(\d+)\.(\d{6})(\?[^\s]*)?$")
_TYPED = re.compile(r"https://[^/?#\s]+/archives/([A-Z][A-Z0-9]+)/p(\d+)(\d{6})(?:[/?#]\S*)?")


def template(workspace: str, where: Address) -> str:
    """Leads to a message of that place once `{message}` is replaced; `workspace` is its address, such as https://x/."""
    if not workspace or not where.channel:
        return ""
    inside = f"?thread_ts={where.thread}&cid={where.channel}" if where.thread else ""
    return f"{workspace.rstrip('/')}/archives/{where.channel}/{{message}}{inside}"


def direct(link: str) -> str:
    """The link as Slack writes it, whatever leads elsewhere as it is."""
    found = _OURS.match(link)
    return f"{found[1]}/{found[2]}/p{found[3]}{found[4]}{found[5] or ''}" if found else link


def meant(typed: str) -> str:
    """The id of the message that a link leads to, '' for what is no such link."""
    found = _TYPED.fullmatch(typed)
    return message_id(ident(found[1]), stamp(f"{found[2]}.{found[3]}")) if found else ""
