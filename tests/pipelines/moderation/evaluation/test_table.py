from __future__ import annotations

import gzip
import sys
from pathlib import Path

import pytest

from bot import text_evaluation
from pipelines.moderation.evaluation.table import Labelled, Wanted, read, truth

PLAIN = "text,toxic\nhello,0\nyou idiot,1\n"
BOTH = Labelled(name="a.csv", texts=["hello", "you idiot"], abuse=[False, True])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        gzip.compress(PLAIN.encode()),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("\n", "\r\n\r\n").encode(),
        b" text , toxic\nhello,0\nyou idiot,1",
    ],
    ids=["plain", "gzipped", "with a mark", "semicolons", "tabs", "blank lines", "spaces"],
)
def test_a_table_is_read_however_it_was_written(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert read(file, Wanted()) == BOTH


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("0", False),
        ("1", True),
        ("0.0", False),
        ("1.0", True),
        ("True", True),
        ("false", False),
        (" YES ", True),
        ("no", False),
        ("0.5", True),
        ("0.4999", False),
        ("2", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("toxic", None),
    ],
)
def test_a_label_says_yes_or_no_or_a_share(*, label: str, expected: bool | None) -> None:
    assert truth(label) is expected


def test_texts_keep_their_lines_and_commas(file: Path) -> None:
    file.write_text('text,toxic\n"one, two\nthree ""four""",1\n', encoding="utf-8")
    assert read(file, Wanted()).texts == ['one, two\nthree "four"']


def test_rows_without_text_or_label_are_left_out_and_counted(file: Path) -> None:
    file.write_text("text,toxic\nhello,\n ,1\nfine,0\n", encoding="utf-8")
    assert read(file, Wanted()) == Labelled(name="a.csv", texts=["fine"], abuse=[False], left_out=2)


def test_columns_of_a_few_words_become_slices(file: Path) -> None:
    head = "id,text,toxic,source,weak,only\n"
    rows = [f"n{n},text {n},{n % 2},{'forum' if n % 3 else 'chat '},{n % 2},same\n" for n in range(60)]
    file.write_text(head + "".join(rows), encoding="utf-8")
    found = read(file, Wanted())
    assert {name: sorted(set(cells)) for name, cells in found.slices.items()} == {"source": ["chat", "forum"]}


def test_a_slice_may_be_named_whatever_is_in_it(file: Path) -> None:
    file.write_text("body,abuse,weak\na,0,1\nb,1,0\n", encoding="utf-8")
    found = read(file, Wanted(text="body", label="abuse", slices=("weak",)))
    assert found.slices == {"weak": ["1", "0"]}


@pytest.mark.parametrize(
    ("content", "wanted", "sentence"),
    [
        (
            PLAIN.encode(),
            Wanted(text="comment"),
            "has no column “comment”; it has “text”, “toxic”. Name the right one with --text-column.",
        ),
        (PLAIN.encode(), Wanted(label="label"), "Name the right one with --label-column."),
        (PLAIN.encode(), Wanted(slices=("source",)), "Name the right one with --slice."),
        (b"", Wanted(), "is empty; its first line should name the columns, such as text,toxic."),
        (b"\n\n", Wanted(), "is empty; its first line should name the columns, such as text,toxic."),
        (b"text,toxic\n", Wanted(), "has no row with both a text and a label; its columns are “text”, “toxic”."),
        ("text,toxic\ncafé,0\n".encode("latin-1"), Wanted(), "is not UTF-8 (see byte 14): save it as UTF-8"),
        (b"text,toxic\nhello, you,0\n", Wanted(), "has 3 cells in line 2 and 2 columns: “text”, “toxic”."),
        (b"text,toxic\nhello,maybe\n", Wanted(), "has the label “maybe” in column “toxic”, row 1: a label is 0 or 1"),
        (gzip.compress(PLAIN.encode())[:-9], Wanted(), "cannot be read: "),
        (b"PAR1 and nothing else", Wanted(), "cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_one_sentence(
    file: Path, content: bytes, wanted: Wanted, sentence: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(ValueError, match="csv") as refused:
        read(file, wanted)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="does not exist, or is no file"):
        read(tmp_path / name, Wanted())


def test_parquet_is_read_like_csv(tmp_path: Path) -> None:
    from pyarrow import table
    from pyarrow.parquet import write_table

    file = tmp_path / "a.parquet"
    columns = {
        "text": ["hello", "you idiot", None, "well"],
        "toxic": [0.0, 1.0, 1.0, float("nan")],
        "source": ["a", "b", None, "c"],
    }
    write_table(table(columns), file)
    slices = {"source": ["a", "b"]}
    assert read(file, Wanted()) == Labelled(
        name="a.parquet", texts=["hello", "you idiot"], abuse=[False, True], slices=slices, left_out=2
    )


def test_parquet_without_its_library_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    file.write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="parquet") as refused:
        read(file, Wanted())
    assert str(refused.value) == text_evaluation.NO_PYARROW
