"""Bring what a reader sees into one plain form, so that word lists and models meet few disguises."""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from pipelines.moderation.lookalikes import LOOKALIKES, Fold

HEAD_CHARS: Final = 6_000
TAIL_CHARS: Final = 2_000
MAX_CHARS: Final = HEAD_CHARS + 1 + TAIL_CHARS

# More than this many marks on one letter is decoration in every script; canonical reordering of a run is quadratic.
MARKS_PER_LETTER: Final = 3

FOLD: Final = Fold()
LOOKS_LATIN: Final = re.compile(f"[{''.join(map(chr, LOOKALIKES))}]")

# Every quantifier below is bounded or followed by a character outside its class: time stays linear in the text.
FLAG: Final = re.compile("(?<![\U0001f1e6-\U0001f1ff])[\U0001f1e6-\U0001f1ff]{2}(?![\U0001f1e6-\U0001f1ff])")
REFERENCE: Final = re.compile(
    r"<(?:[@#][!&]?[A-Z0-9]{6,25}(?:\|[^<>]{0,80})?"  # <@123456>, <#C0123456|name>
    r"|!(?:here|channel|everyone|subteam\^[A-Z0-9]{1,25}(?:\|[^<>]{0,80})?)"  # <!here>
    r"|a?:\w{1,40}:\d{10,25}"  # <:emoji:1234567890>
    r"|/[\w -]{1,100}:\d{10,25}"  # </command:1234567890>
    r"|t:-?\d{1,13}(?::[A-Za-z])?)>"  # <t:1700000000:R>
)
FULL_ID: Final = re.compile(r"@[\w.=/+-]{1,64}:\w[\w-]{0,62}\.[\w.-]{2,100}")  # @user:server.example
LABELLED_LINK: Final = re.compile(r"<(?:https?|mailto):[^<>|]{1,2000}\|")
LINK: Final = re.compile(r"https?://[^\s<>|]+")
MARKERS: Final = re.compile(r"[*`~]+|\|\||__")

_LETTER: Final = r"(?:[^\W_]|[@$])"
_GAP: Final = r"[\s._,/|-]{1,3}"
# One space joins only what is all one space apart: "what a c.r.a.p" begins with two words.
_SPACED: Final = rf"{_LETTER}(?: {_LETTER}){{2,}}"
_DOTTED: Final = rf"{_LETTER}(?! {_LETTER}){_GAP}{_LETTER}(?:{_GAP}{_LETTER})+"
SPELLED: Final = re.compile(rf"(?<![^\W_]|[@$])(?:{_SPACED}|{_DOTTED})(?!{_LETTER})")
DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")

# Between an override to right-to-left and its end, readers see the letters in the other order (Unicode UAX 9).
TURNED: Final = re.compile("\u202e([^\u202c\u202e\n\u2029]*)\u202c?")

# One hides nothing, for a percent sign is ordinary; of characters beyond ASCII each needs several.
ENCODED: Final = re.compile(r"(?:%[0-9a-fA-F]{2}){2,}")

# In characters, and how many texts: a burst is looked at as a whole before it is judged.
MAX_REMEMBERED: Final = 300
REMEMBERED: Final = 8192
EDGES: Final = ".,;:?\"'()[]{}<>/\\-_=#%&^"
_LEET: Final = str.maketrans("0134578@$!|+", "oieastbasiit")
_LEET_SIGN: Final = re.compile(r"[0134578@$!|+]")
PLAIN: Final = {code: " " for code in range(128) if not chr(code).isalnum()} | dict.fromkeys(
    (*range(9), *range(14, 28), 127, ord("'")), ""
)


def normalise(text: str) -> str:
    """Give the words in lower case, of letters and digits, one space apart; "" where nothing is left to read.

    Takes any `str` (lone surrogates and NUL too), never raises, and needs a few milliseconds at worst: of a text above
    `MAX_CHARS` characters only the first `HEAD_CHARS` and the last `TAIL_CHARS` are read. References to people, rooms
    and custom emoji, links and markup go; percent-encoding, look-alikes (after Unicode TS 39), leetspeak, letters
    spelled apart, stacked marks and invisible characters are undone. Accents are folded, emoji dropped, and no letter
    comes thrice.
    """
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _normalised(text)


def _normalised(text: str) -> str:
    return DRAWN_OUT.sub(r"\1\1", _worded(_revealed(text)))


# Rules, models and whoever decides what is urgent read the same message one after the other.
_remembered: Final = lru_cache(maxsize=REMEMBERED)(_normalised)


def undrawn(text: str, plain: str) -> str:
    """Give `plain`, which is `normalise(text)`, with every letter once that is drawn out in the text."""
    if not DRAWN_OUT.search(text):
        return plain
    return DRAWN_OUT.sub(r"\1", _worded(_revealed(text)))


def _revealed(text: str) -> str:
    text = shorten(text)
    if "%" in text:
        text = ENCODED.sub(decode, text)
    if "\u202e" in text:
        text = TURNED.sub(turn, text)
    return text if text.isascii() else _fold(text)


def _worded(text: str) -> str:
    text = SPELLED.sub(join, without_markup(text).casefold())
    words = " ".join(word if word.isalpha() else undo_leet(word) for word in text.split())
    return " ".join(words.translate(PLAIN).split())


def has_letters(text: str) -> bool:
    """Whether any letter of any script is in the text."""
    return any(map(str.isalpha, text))


def shorten(text: str) -> str:
    """Keep the beginning and the end of a very long text."""
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[:HEAD_CHARS]} {text[-TAIL_CHARS:]}"


def decode(encoded: re.Match[str]) -> str:
    """What a reader who opens the link reads; what is no text stays."""
    try:
        return unquote_to_bytes(encoded[0]).decode()
    except UnicodeDecodeError:
        return encoded[0]


def turn(turned: re.Match[str]) -> str:
    """As it is seen."""
    return turned[1][::-1]


def _fold(text: str) -> str:
    """Write ASCII where a reader would read ASCII; other scripts stay, composed (NFC)."""
    text = FLAG.sub(" ", text)
    loose = unicodedata.normalize("NFKD", cap_marks(text))
    # One ligature may decompose into 18 characters.
    text = unicodedata.normalize("NFC", shorten(loose).translate(FOLD))
    if LOOKS_LATIN.search(text):
        text = " ".join(map(latinise, text.split(" ")))
    return text


def cap_marks(text: str) -> str:
    """Keep at most `MARKS_PER_LETTER` combining marks in a row."""
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= MARKS_PER_LETTER:
            kept.append(char)
    return "".join(kept)


def latinise(word: str) -> str:
    """Write the word in ASCII if look-alikes are all that keeps it from being so; a word of another script stays."""
    latin = word.translate(LOOKALIKES)
    return latin if latin.isascii() else word


def without_markup(text: str) -> str:
    """Take away what platforms draw as references, links, bold, code or spoilers; the words stay."""
    # Before leetspeak: "@user" would become "auser". A bare "@word" stays, for it may be leetspeak itself.
    if "<" in text:
        text = LABELLED_LINK.sub(" ", REFERENCE.sub(" ", text))
    if "://" in text:
        text = LINK.sub(" ", text)
    if "@" in text:
        text = FULL_ID.sub(" ", text)
    # A leading "!" asks a bot for something.
    return MARKERS.sub("", text).lstrip("! ")


def join(spelled: re.Match[str]) -> str:
    """The word that was spelled apart; numbers stay apart."""
    letters = "".join(char for char in spelled[0] if char.isalnum() or char in "@$")
    return letters if has_letters(letters) else spelled[0]


def undo_leet(word: str) -> str:
    """Read signs as letters, provided the word has letters: "1d10t!" is "idiot", "10:30!" stays."""
    word = word.strip(EDGES).rstrip("!.,;:?")
    if _LEET_SIGN.search(word) and has_letters(word):
        return word.translate(_LEET)
    return word
