"""What the local models cost and how they do, each figure beside its aim."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np

from benchmarks import corpora
from benchmarks.figures import absent, figure, heading, percent
from benchmarks.processes import cpu_seconds, resident_mb, resident_mb_after
from bot.logs import Level, LogSettings, set_up
from bot.models import shipped_models
from pipelines.moderation.bands import TOXICITY, Standing
from pipelines.moderation.cascade import Cascade, cut
from pipelines.moderation.classifier import Scorer
from pipelines.moderation.evaluation.curves import calibration_error, recall_at, reliability
from pipelines.moderation.evaluation.disguises import disguise
from pipelines.moderation.evaluation.judged import judge
from pipelines.moderation.evaluation.models import BOTH, earned
from pipelines.moderation.evaluation.pace import a_second, alone, at
from pipelines.moderation.isolated import IsolatedModel
from pipelines.moderation.learn import Floats, area_under_curve
from pipelines.moderation.linear import LinearModel, probability
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.settings import ModerationSettings
from tests.pipelines.moderation.benign import DECORATED, FOREIGN

MESSAGES, ALONE, CLEAN, BENIGN, TOXIC, DISGUISED = 4_000, 1_500, 20_000, 10_000, 1_500, 1_000
SEED = 5
FALSE_ALARMS = 0.01
LANGUAGES = ("French", "Spanish", "German", "Mandarin", "Arabic")
# The bot, and the language statistics that it reads when something is first about to be acted on.
BOT = "import bot.app\nfrom pipelines.moderation.language import english\nenglish('is this English or not')"


def main() -> None:
    """Print them all; a corpus that is missing leaves out its own."""
    set_up(LogSettings(), Level.ERROR)
    source = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    linear = LinearModel.load()
    neural = NeuralModel.load()
    cascade = Cascade(linear, neural)
    print(f"classifier: {cascade.version}")
    chat = corpora.ubuntu()
    if not chat:
        absent("real chat", corpora.CHAT)
    _cost(linear, cascade, neural.fusion.lo, _some(chat, MESSAGES, source))
    _clean(cascade, {"#ubuntu": _some(chat, CLEAN, source), "a workspace on Slack": corpora.slack()})
    _benign(cascade)
    if not corpora.labelled():
        absent("labelled rows", corpora.LABELLED)
        return
    _quality(linear, cascade)
    if chat:
        _found(linear, cascade, _some(chat, BENIGN, source), source)
        _disguised(cascade, _some(chat, DISGUISED, source), source)


def _some(texts: Sequence[str], most: int, source: random.Random) -> list[str]:
    return source.sample(texts, min(most, len(texts)))


def _cost(linear: LinearModel, cascade: Cascade, lo: float, chat: Sequence[str]) -> None:
    heading("what it costs")
    started = time.perf_counter()
    local = shipped_models()
    assert local is not None
    local.close()
    figure("start-up, before the first message", f"{time.perf_counter() - started:.3f} s, and no model is loaded")
    if chat:
        share = np.mean([any(probability(piece.odds[0]) >= lo for piece in found) for found in cut(linear, chat)])
        figure("reaches the transformer, of real chat", percent(float(share)))
        figure("linear model, real chat, one core", f"{a_second(linear, chat):,.0f} messages/s")
        rate = a_second(cascade, chat)
        figure("cascade, real chat, one core", f"{rate:,.0f} messages/s", "at least 1,500", kept=rate >= 1_500)
    _alone(chat[:ALONE] or [*DECORATED, *FOREIGN] * 10)


def _alone(texts: Sequence[str]) -> None:
    """One message at a time through the process, as a quiet room brings them."""
    model = IsolatedModel("bench")
    started = time.perf_counter()
    model.score(["hello"])
    figure("first message, which starts the process", f"{time.perf_counter() - started:.2f} s")
    own, there = time.process_time(), cpu_seconds(model.process_id or 0)
    waits = alone(model, texts)
    own, there = time.process_time() - own, cpu_seconds(model.process_id or 0) - there
    figure("one message alone, p50", f"{at(waits, 0.5):.1f} ms")
    figure("one message alone, p99", f"{at(waits, 0.99):.1f} ms", "under 20 ms", kept=at(waits, 0.99) < 20)
    each = [f"{seconds / len(texts) * 1e6:,.0f} us" for seconds in (there, own)]
    figure("CPU of one message alone", f"{each[0]} in the model’s process, {each[1]} in the bot’s")
    memory, bot = resident_mb(model.process_id or 0), resident_mb_after(BOT)
    model.close()
    figure("memory of the model’s process", f"{memory:.0f} MB", "under 250 MB", kept=memory < 250)
    figure("memory of the bot’s, languages included", f"{bot:.0f} MB; both together {memory + bot:.0f} MB")


def _clean(cascade: Cascade, rooms: dict[str, Sequence[str]]) -> None:
    """Ordinary messages, all taken for harmless, judged as in auto mode with every label."""
    if not any(rooms.values()):
        return
    rights = earned(BOTH, cascade, ModerationSettings())
    band = rights.bands[TOXICITY]
    sure = "never" if band.sure is None else f"from {band.sure:.4f}"
    heading(f"ordinary messages flagged: toxicity is doubtful from {band.doubtful:.4f}, sure {sure}")
    for name, texts in rooms.items():
        if not texts:
            continue
        judged = list(judge(texts, cascade, rights))
        doubtful = np.mean([each.standing >= Standing.DOUBTFUL for each in judged])
        sure_of = np.mean([each.standing >= Standing.SURE for each in judged])
        acted = sum(each.alone for each in judged)
        figure(
            f"{name}, {len(texts):,}: doubtful", percent(float(doubtful)), "at most 0.5 %", kept=bool(doubtful <= 0.005)
        )
        figure(f"{name}: sure", percent(float(sure_of)), "at most 0.05 %", kept=bool(sure_of <= 0.0005))
        figure(f"{name}: acted on without asking", f"{acted}")


def _benign(cascade: Cascade) -> None:
    rights = earned(BOTH, cascade, ModerationSettings())
    heading("harmless messages of our own")
    step = len(FOREIGN) // len(LANGUAGES)
    groups = {"decorated": DECORATED} | {
        name: FOREIGN[number * step : (number + 1) * step] for number, name in enumerate(LANGUAGES)
    }
    flagged, acted = 0, 0
    for name, texts in groups.items():
        judged = list(judge(texts, cascade, rights))
        found = [text for text, each in zip(texts, judged, strict=True) if each.standing >= Standing.DOUBTFUL]
        flagged, acted = flagged + len(found), acted + sum(each.alone for each in judged)
        figure(f"{name}, {len(texts)}", f"{len(found)} flagged{''.join(f' “{text}”' for text in found)}")
    total = len(DECORATED) + len(FOREIGN)
    figure("all together", percent(flagged / total), "at most 1 %", kept=flagged <= total * FALSE_ALARMS)
    figure("acted on", f"{acted}", "none", kept=not acted)


def _quality(linear: LinearModel, cascade: Cascade) -> None:
    rows = corpora.validation()
    truth = np.array([row.labels["toxic"] for row in rows])
    texts = [row.text for row in rows]
    heading(f"validation rows of the sources trained on, {len(rows):,}")
    for name, model in (("linear", linear), ("cascade", cascade)):
        scores = _toxicity(model, texts)
        area = area_under_curve(scores, truth)
        aim = "at least 0.965" if model is cascade else ""
        figure(f"{name}, AUC", f"{area:.3f}", aim, kept=area >= 0.965)
        figure(f"{name}, recall at 1 % false alarms", f"{recall_at(scores, truth > 0, FALSE_ALARMS):.3f}")
        error = calibration_error(reliability(scores, truth > 0))
        figure(f"{name}, calibration error", f"{error:.3f}")


def _found(linear: LinearModel, cascade: Cascade, chat: Sequence[str], source: random.Random) -> None:
    """Recall at the score that 1 % of real chat exceeds, all of it taken for harmless."""
    known = [row.text for row in corpora.validation() if row.labels["toxic"]]
    abuse = {
        "abuse of known sources": _some(known, TOXIC, source),
        "abuse of unknown sources": _some(corpora.unknown("1.0"), TOXIC, source),
    }
    benign = {"#ubuntu": chat, "polite chat": _some(corpora.polite(), BENIGN, source)}
    heading("recall at 1 % false alarms on real benign chat, linear model -> cascade")
    found = {name: (_toxicity(linear, texts), _toxicity(cascade, texts)) for name, texts in (abuse | benign).items()}
    for room, harmless in benign.items():
        for kind, bad in abuse.items():
            truth = np.array([True] * len(bad) + [False] * len(harmless))
            recalls = [
                recall_at(np.concatenate([found[kind][model], found[room][model]]), truth, FALSE_ALARMS)
                for model in range(2)
            ]
            figure(f"{room} ({len(harmless):,}), {kind}", " -> ".join(f"{recall:.3f}" for recall in recalls))
    print("  (the aim of 0.731 is for six sets that are not here; 0.631 was the linear model's there)")


def _disguised(cascade: Cascade, chat: Sequence[str], source: random.Random) -> None:
    abuse = _some([row.text for row in corpora.validation() if row.labels["toxic"]], DISGUISED, source)
    truth = [True] * len(abuse) + [False] * len(chat)
    found = disguise([*abuse, *chat], truth, cascade)
    heading(f"recall under disguise at {found.alarms:.0%} false alarms, clean {found.clean:.3f}")
    for each in found.tricks:
        share = found.share(each.found)
        told = f"{each.found:.3f}, {share:.0%} of clean; {each.level:.3f} if harmless messages wrote so too"
        figure(each.trick, told, "90 %", kept=share >= 0.9)
    mean = found.share(found.mean)
    told = f"{found.mean:.3f}, {mean:.0%} of clean; {found.level:.3f} if harmless messages wrote so too"
    figure("mean", told, "90 %", kept=mean >= 0.9)


def _toxicity(model: Scorer, texts: Sequence[str]) -> Floats:
    return np.array([score.toxic for score in model.score(texts)])
