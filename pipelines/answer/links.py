"""The links that members themselves gave: the only ones that an answer may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.core.passage import Passage

_URL: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]{1,2000}")
_BEHIND: Final = ".,;:!?)*_~"


def links(sources: Iterable[Passage]) -> frozenset[str]:
    """Every address in them, verbatim."""
    found = (url for source in sources for url in _URL.findall(source.words))
    return frozenset(url.rstrip(_BEHIND) for url in found)
