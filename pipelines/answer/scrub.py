"""What no model needs to see: addresses, numbers and keys are marks to it, and people read them again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final

MAIL: Final = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63})+")
# A card or an account has at least as many digits as a telephone, with little between them.
NUMBER: Final = re.compile(r"(?<![\w.])\+?\d(?:[ \-./()]{0,2}\d){7,18}(?![\w])")
ACCOUNT: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
HOST: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
# Keys of well-known services by their beginnings, tokens of three parts, private keys, and what is called a password.
SECRET: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}"
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|syt_|AKIA|ASIA|AIza|hf_|npm_|pypi-)[A-Za-z0-9_\-]{12,}"
    r"|\b[A-Za-z0-9_\-]{20,}\.[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]{20,}"
    r"|(?i:\b(?:password|passwd|passwort|pwd|secret|api[_ -]?key|token)\b\s*(?:is|=|:)\s*)\S{4,}"
)
KINDS: Final = (("secret", SECRET), ("email", MAIL), ("host", HOST), ("account", ACCOUNT), ("number", NUMBER))
_MARK: Final = re.compile(r"⟦(?:email|account|number|host) \d{1,4}⟧")


@dataclass(slots=True)
class Scrubber:
    """One for an answer. The same thing always gets the same mark; secrets are never put back."""

    _marks: dict[tuple[str, str], str] = field(default_factory=dict)

    def scrub(self, text: str) -> str:
        """Marks in place of what is private."""
        # A member may have typed what looks like a mark.
        text = text.replace("⟦", "[").replace("⟧", "]")
        for kind, pattern in KINDS:
            text = pattern.sub(partial(self._mark, kind), text)
        return text

    def restore(self, text: str) -> str:
        """What was marked, for those who may read where it came from; marks that nobody made are words."""
        known = {mark: found for (kind, found), mark in self._marks.items() if kind != "secret"}
        return _MARK.sub(lambda mark: known.get(mark[0], mark[0]), text)

    def _mark(self, kind: str, found: re.Match[str]) -> str:
        count = sum(known == kind for known, _ in self._marks) + 1
        return self._marks.setdefault((kind, found[0]), f"⟦{kind} {count}⟧")
