"""The example file beside the code says what the code says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.settings import EXAMPLES, load, sections
from config import example as module
from config.check import check
from config.example import example
from config.load import Source, read

FILE = Path(module.__file__).with_name("parley.example.toml")


def values(text: str) -> Source:
    return Source(file="parley.toml", tree=tomllib.loads(text), lines={}, environ={})


def test_the_file_is_what_the_settings_say() -> None:
    wanted = example(sections(), EXAMPLES)
    assert FILE.read_text(encoding="utf-8") == wanted, "run: parley config example > config/parley.example.toml"


def test_the_file_sets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(FILE, {}) == load(None, {})


def test_without_the_first_mark_it_sets_the_defaults(tmp_path: Path) -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    (tmp_path / "parley.toml").write_text("\n".join(line.removeprefix("# ") for line in lines), encoding="utf-8")
    assert load(tmp_path / "parley.toml", {}) == load(FILE, {})


def test_every_section_and_well_known_variable_is_named() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert [name for name in sections() if f"\n[{name}]\n" not in text] == []
    assert [name for name in ("DATABASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL") if name not in text] == []


def test_rules_to_imitate_can_be_used() -> None:
    found = {section: check(values(text), sections()) for section, text in EXAMPLES.items()}
    defaults = check(read(FILE, {}), sections())
    assert [section for section, models in found.items() if models[section] == defaults[section]] == []
