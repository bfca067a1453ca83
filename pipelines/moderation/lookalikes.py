"""Which characters a reader takes for Latin letters, and which are not there for the eye at all."""

# ruff: noqa: RUF001 - look-alikes are what this file is about

import re
import unicodedata
from itertools import chain
from typing import Final

# Own selection in the spirit of Unicode TS 39: letters that a common font draws (nearly) like a Latin one.
_PAIRS: Final = (
    # Cyrillic
    ("АВСЕНІЈКМОРԚЅТԜХУҮ", "ABCEHIJKMOPQSTWXYY"),
    ("авсԁегһіјкӏмпорԛгѕтцѵԝхуүзьЬ", "abcdeghijklmnopqrstuvwxyy3bb"),
    # Greek
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳ", "ABEZHIKMNOPTYXCj"),
    ("αβϲδεηικνορστυωχγ", "abcdenikvopotuwxy"),
    # Armenian, Cherokee, Lisu
    ("օոսհցքգյԼՏՍ", "onuhgpqjLSU"),
    ("ᎪᏴᏟᎠᎬᎢᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃᎻ", "ABCDEIJKLMPRSTVWZH"),
    ("ꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "BCDEFGHIJKLMNOPRSTUVWXYZ"),
)
LOOKALIKES: Final = {ord(seen): read for foreign, latin in _PAIRS for seen, read in zip(foreign, latin, strict=True)}

_SPECIAL: Final = {
    ord("’"): "'", ord("‘"): "'", ord("ʼ"): "'", ord("æ"): "ae", ord("Æ"): "AE", ord("œ"): "oe", ord("Œ"): "OE",
    ord("ɑ"): "a", ord("ʟ"): "l", ord("ſ"): "s", ord("þ"): "p", ord("ƿ"): "p", ord("ß"): "ss",
}  # fmt: skip
# Letters and marks by category, yet drawn as nothing.
_BLANK: Final = (0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x3164, 0xFFA0)
_MARK_BLOCKS: Final = (
    range(0x0300, 0x0370), range(0x0483, 0x048A), range(0x1AB0, 0x1B00), range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100), range(0xFE00, 0xFE10), range(0xFE20, 0xFE30), range(0xE0100, 0xE01F0),
)  # fmt: skip
_DROPPED: Final = frozenset(chain(_BLANK, *_MARK_BLOCKS))
_LATIN_NAME: Final = re.compile(
    r"(?:LATIN (?:SMALL |CAPITAL )?|REGIONAL INDICATOR SYMBOL )"
    r"LETTER (?:SMALL CAPITAL |TURNED |OPEN |DOTLESS |SCRIPT |REVERSED )?([A-Z])(?: WITH [A-Z ]{1,60})?$"
)
_MAX_REMEMBERED: Final = 8_192


class Fold(dict[int, str | int | None]):
    """A table for `str.translate` after NFKD: what to read for each code point, worked out when first met.

    Letters, digits and the marks of scripts that spell with them stay; Latin letters with strokes, in small capitals,
    boxes or upside down become ASCII; the invisible and the diacritics go; all else (emoji, punctuation, lone
    surrogates) becomes a space.
    """

    def __missing__(self, code: int) -> str | int | None:
        """Read one code point and remember it; a hostile text may bring them all, so memory is bounded."""
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        self[code] = reading = code if code < 128 else _read(code)  # noqa: PLR2004 - ASCII is plain already
        return reading


def _read(code: int) -> str | int | None:
    if code in _SPECIAL:
        return _SPECIAL[code]
    if code in _DROPPED:
        return None
    if latin := _LATIN_NAME.search(unicodedata.name(chr(code), "")):
        return latin[1].lower()
    return _read_category(unicodedata.category(chr(code)), code)


def _read_category(category: str, code: int) -> str | int | None:
    if category in {"Cf", "Cc"}:
        return None
    return code if category[0] in "LNM" else " "
