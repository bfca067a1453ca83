"""Tell English from other languages, for models that were trained on English alone."""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pipelines.moderation.plain import plain

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# A word or two may belong to many languages.
_MIN_LETTERS: Final = 10
_SURE: Final = 0.5
_FOREIGN_SHARE: Final = 0.3
_MAX_CHARS: Final = 1_000
# Fewer candidates make fewer mistakes on short texts: those with many writers, and neighbours of English.
_LANGUAGES: Final = (
    "ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "no",
    "pl", "pt", "ro", "ru", "sv", "tr", "uk", "vi", "zh",
)  # fmt: skip


def english(text: str) -> bool | None:
    """Whether the text is in English; None where it is too short or too mixed to tell. Takes any `str`.

    The first call that needs the statistics loads them, which takes half a second and 70 MB with numpy.
    """
    words = plain(text)[:_MAX_CHARS]
    letters = [char for char in words if char.isalpha()]
    foreign = sum(1 for char in letters if not unicodedata.name(char, "").startswith("LATIN"))
    if letters and foreign > _FOREIGN_SHARE * len(letters):
        return False
    if len(letters) < _MIN_LETTERS:
        return None
    # Capitals look German to the statistics.
    language, chance = _identifier().classify(words.lower() if words.isupper() else words)
    return bool(language == "en") if chance >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    # Here, so that a bot that never acts by itself never pays for it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    every = LanguageIdentifier.from_model_file(MODEL_FILE)
    every.set_languages(list(_LANGUAGES))
    # A second one, for the first keeps the statistics of all 142 languages, which are 28 MB.
    return LanguageIdentifier(
        every.nb_ptc,
        every.nb_pc,
        every.nb_classes,
        every.tk_nextmove,
        every.tk_output,
        norm_probs=True,
        tk_row=every.tk_row,
    )
