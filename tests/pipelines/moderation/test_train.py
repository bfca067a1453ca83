import csv
import gzip
from pathlib import Path

import pytest

from pipelines.moderation.learn import area_under_curve, best_f1, calibrate, recall_at
from pipelines.moderation.linear import LinearModel
from pipelines.moderation.train import Corpus, main

COLUMNS = ("source", "split", "text", "toxic", "weak", "insult", "threat", "identity_hate", "sexual", "spam")
UGLY = ("zork", "blurgh", "gnarf", "snorkel")
KIND = ("apple", "river", "window", "garden", "music")


def row(source: str, split: str, text: str, *, toxic: bool) -> dict[str, str]:
    return {"source": source, "split": split, "text": text, "toxic": f"{toxic:.1f}", "weak": "0"}


def write(path: Path) -> Path:
    rows = []
    for number in range(240):
        split = "valid" if number % 4 == 0 else "train"
        kind = f"the {KIND[number % 5]} is {KIND[number % 3]} number {number}"
        rows.append(row("made", split, f"you {UGLY[number // 4 % 4]} of a {KIND[number % 5]}", toxic=True))
        rows.append(row("other", split, kind, toxic=False))
    rows.append(row("stormfront", "train", "share alike", toxic=True))
    rows.append(row("made", "train", "123 !!", toxic=True))
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    return path


def test_training_learns_what_the_rows_show_and_repeats_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write(tmp_path / "data.csv.gz")
    for name in ("one.npz", "two.npz"):
        main([str(data), "--out", str(tmp_path / name)])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert "| toxic | 120 | 60 | 1.000 | 1.00 | 1.00 |" in capsys.readouterr().out
    model = LinearModel.load(tmp_path / "one.npz")
    assert [score.toxic > 0.5 for score in model.score(["you gnarf of a window", "the window is river"])] == [
        True,
        False,
    ]
    assert model.score(["zork"])[0].labels == {}


def test_share_alike_sources_and_texts_without_letters_are_left_out(tmp_path: Path) -> None:
    corpus = Corpus.read(write(tmp_path / "data.csv.gz"))
    assert {example.source for example in corpus.train} == {"made", "other"}
    assert (len(corpus.train), len(corpus.valid)) == (360, 120)


def test_a_source_held_out_is_only_measured_on(tmp_path: Path) -> None:
    corpus = Corpus.read(write(tmp_path / "data.csv.gz"), ["other"])
    assert {example.source for example in corpus.train} == {"made"}
    assert {example.source for example in corpus.valid} == {"other"}
    assert len(corpus.valid) == 240


def test_rows_of_one_kind_only_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="toxic and harmless"):
        main([str(write(tmp_path / "data.csv.gz")), "--hold-out", "other"])


def test_the_figures_are_those_of_the_textbook() -> None:
    import numpy as np

    scores, truth = np.array([0.1, 0.4, 0.4, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])
    assert area_under_curve(scores, truth) == pytest.approx(0.875)
    assert best_f1(scores, truth) == pytest.approx(1.0, abs=0.21)
    assert recall_at(scores, truth, false_alarms=0.01) == pytest.approx(0.5, abs=0.5)
    slope, bias = calibrate(np.array([-2.0, -1.0, -1.0, 1.0, 1.0, 2.0] * 50), np.array([0, 0, 1, 0, 1, 1.0] * 50))
    assert slope > 0
    assert bias == pytest.approx(0, abs=1e-6)
