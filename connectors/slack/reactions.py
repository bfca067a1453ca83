"""Signs by the names Slack gives them."""

from __future__ import annotations

import re

from bot.core.errors import Rejected
from bot.core.surface import legible
from connectors.slack.texts import NO_REACTION

NAMES = {
    "👍": "+1",
    "👎": "-1",
    "✅": "white_check_mark",
    "❌": "x",
    "👀": "eyes",
    "⚠": "warning",
    "🚩": "triangular_flag_on_post",
    "🎉": "tada",
    "❤": "heart",
    "🙏": "pray",
    "🙋": "raising_hand",
    "⏳": "hourglass_flowing_sand",
    "🔇": "mute",
    "🛡": "shield",
    "😀": "grinning",
    "😂": "joy",
    "🤔": "thinking_face",
    "👋": "wave",
    "🔥": "fire",
    "💯": "100",
    **{f"{digit}\u20e3": name for digit, name in enumerate(("zero", "one", "two", "three", "four", "five"))},
    **{f"{digit}\u20e3": name for digit, name in enumerate(("six", "seven", "eight", "nine"), 6)},
    "🔟": "keycap_ten",
}
_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?")


def name_of(reaction: str) -> str:
    """The name of a sign; raises `Rejected` for what has none."""
    sign = legible(reaction).strip().strip(":")
    found = NAMES.get(sign.replace("\ufe0f", ""), sign)
    if not _NAME.fullmatch(found):
        raise Rejected(NO_REACTION)
    return found
