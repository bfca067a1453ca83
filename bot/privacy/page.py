"""What is kept about a member, written down for machines and for people."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader

from bot.core.privacy import Remembered


def as_json(member: str, found: Sequence[Remembered]) -> str:
    """One object, with the entries oldest first and times in UTC (ISO 8601)."""
    entries = [
        {
            "kind": one.kind,
            "at": one.at.isoformat() if one.at else None,
            "where": str(one.where) if one.where else None,
            "what": one.what,
            "outcome": one.outcome or None,
        }
        for one in found
    ]
    return json.dumps({"member": member, "entries": entries}, indent=1, ensure_ascii=False) + "\n"


def as_page(member: str, found: Sequence[Remembered]) -> str:
    """One page that needs nothing from anywhere else."""
    environment = Environment(loader=PackageLoader("bot"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("member.html.jinja").render(member=member, found=found)
