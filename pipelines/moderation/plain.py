"""Take the decoration off a text and leave its words as they were written, the other form that models read."""

import re
import unicodedata
from typing import Final

from pipelines.moderation.normalise import cap_marks, shorten, without_markup

_ASCII: Final = 128
_MAX_REMEMBERED: Final = 8_192
_REPEATED: Final = re.compile(r"([^\w\s])(?:\s?\1)+")
_SIGNS: Final = re.compile(r"[^\w\s]|_")
_QUOTES: Final = str.maketrans(dict.fromkeys('"“”„«»<>|#=_^', " ") | {"’": "'", "\u2018": "'", "…": "."})
# Emoji of the platforms that have no code point, and the emoticons that people type in their place.
_SHORTCODE: Final = re.compile(r":[a-z][\w+-]{1,30}:|(?<!\w)[:;=8xX]['-]?[)(DPp3/|]+(?!\w)|<3")


class _Drop(dict[int, str | int | None]):
    """A table for `str.translate`: letters, marks, digits and punctuation stay; pictures and the invisible go."""

    def __missing__(self, code: int) -> str | int | None:
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        self[code] = kept = _kept(code)
        return kept


def plain(text: str) -> str:
    """Give the text without references, links, markup, quotation marks, emoji and repeated signs, on one line.

    Spelling, case and accents stay. Takes any `str` and never raises; the result holds no surrogates.
    """
    text = shorten(text)
    if not text.isascii():
        text = cap_marks(text)
    text = _SHORTCODE.sub(" ", without_markup(text)).translate(_DROP).translate(_QUOTES)
    return " ".join(_REPEATED.sub(r"\1", text).split())


def _kept(code: int) -> str | int | None:
    category = unicodedata.category(chr(code))
    if code < _ASCII:
        return " " if category == "Cc" else code
    # Joiners and variation selectors only hold emoji together; "Mn" is what accents are made of.
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:  # noqa: PLR2004 - Unicode's ranges
        return None
    return code if category[0] in "LMNP" else " "


_DROP: Final = _Drop()


def bare(text: str) -> str:
    """Give the words alone in lower case, as `normalise` does where nothing is disguised."""
    return " ".join(_SIGNS.sub(" ", text.casefold().replace("'", "")).split())
