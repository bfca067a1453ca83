"""Files and variables become one source that knows where each key stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import ConfigError
from config.lines import lines
from config.load import Source, read
from tests.config.samples import written

NO_EQUALS = "expected '=' after a key in a key/value pair"


def test_without_a_file_there_are_only_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(None, {"A": "1", "EMPTY": ""}) == Source(file="parley.toml", tree={}, lines={}, environ={"A": "1"})


def test_a_file_in_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "\ufeff[store]\r\nurl = 'x'\r\n")
    tree = {"store": {"url": "x"}}
    known = {("store",): 1, ("store", "url"): 2}
    assert read(None, {}) == Source(file="parley.toml", tree=tree, lines=known, environ={})


def _said(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, {})
    return str(caught.value).replace(f"{file.parent}/", "")


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    said = "no.toml does not exist: give --config a file that does, or leave it out."
    assert _said(tmp_path / "no.toml") == said


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    assert _said(tmp_path / "etc") == "etc cannot be read (Is a directory): check its kind and its permissions."


def test_a_file_must_be_utf_8(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'a = "\xe9"')
    assert _said(tmp_path / "latin.toml") == "latin.toml is not UTF-8 text: save it as UTF-8."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[store]\nurl sqlite\n",
            f"parley.toml:2: this is not TOML at column 5 ({NO_EQUALS}): correct that line.",
        ),
        ("a = 1\nb = [1,\n", "parley.toml:2: this is not TOML (invalid value): correct that line."),
        ("a = 1\na = 2", "parley.toml:2: this is not TOML (cannot overwrite a value): correct that line."),
        (f"a = {'[' * 9000}", "parley.toml is nested too deeply to be settings: start from the example file."),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    assert _said(written(tmp_path, text)) == said


WITH_TRAPS = '''# settings
top.inner = { a = 1 }

[plain."dotted.name"]  # a ] comment
"quoted key" = """
fake = 1
[fake]
"""
list = [
  "# no comment", [1],
  { deep = 2 },
]
[[rules]]
name = 'first'
[[rules]]
name = 'second'
[rules.more]
x = 1
'''


def test_every_key_has_its_line() -> None:
    table = ("plain", "dotted.name")
    assert lines(WITH_TRAPS) == {
        ("top",): 2,
        ("top", "inner"): 2,
        ("top", "inner", "a"): 2,
        ("plain",): 4,
        table: 4,
        (*table, "quoted key"): 5,
        (*table, "list"): 9,
        (*table, "list", "0"): 9,
        (*table, "list", "1"): 9,
        (*table, "list", "1", "0"): 9,
        (*table, "list", "2"): 9,
        (*table, "list", "2", "deep"): 9,
        ("rules",): 13,
        ("rules", "0"): 13,
        ("rules", "0", "name"): 14,
        ("rules", "1"): 15,
        ("rules", "1", "name"): 16,
        ("rules", "1", "more"): 17,
        ("rules", "1", "more", "x"): 18,
    }


KEY = st.text("ab.\"' -#=[]\n", min_size=1).map(lambda name: '"' + _escaped(name) + '"')
TEXT = st.text("a\n\"'[]{}=#,\\").map(lambda value: '"""\n' + _escaped(value).replace("\\n", "\n") + '"""')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@given(st.dictionaries(KEY, TEXT | st.sampled_from(["1", "[\n1,\n]", "[ # ]\n]", "{}"]), max_size=6))
def test_no_text_in_a_value_is_taken_for_a_key(pairs: dict[str, str]) -> None:
    text = "[t]\n" + "\n".join(f"{key} = {value}" for key, value in pairs.items())
    known = lines(text)
    for name in tomllib.loads(text)["t"]:
        line = text.split("\n")[known["t", name] - 1]
        assert line.startswith(f'"{_escaped(name)}" = ')
