"""Two models as one: the linear one decides what is plainly fine, the transformer helps to judge the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.ports import Scores
from pipelines.moderation.linear import LinearModel, pieces, probability, worse
from pipelines.moderation.neural.files import Fusion
from pipelines.moderation.neural.model import NeuralModel
from pipelines.moderation.normalise import normalise
from pipelines.moderation.plain import bare, plain

# A text of many doubtful pieces is judged by the most doubtful ones, or it could keep the model busy for a second.
_MOST_PIECES: Final = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """The `number`th piece of a text, normalised, and the linear model's log odds for it, toxic first."""

    number: int
    normalised: str
    odds: Sequence[float]


class Cascade:
    """Both models' log odds summed and calibrated again; English only, so another language needs a person."""

    def __init__(self, linear: LinearModel, neural: NeuralModel) -> None:
        """Both stay loaded for as long as this lives."""
        self.version = version(linear.version, neural.fusion)
        self._linear = linear
        self._neural = neural
        self._fusion = neural.fusion
        self._nothing = Scores(toxic=0.0, labels=dict.fromkeys(linear.names, 0.0))

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """One result per text, in order, the same as for the text alone; takes any `str` and never raises."""
        return [self._judge(text, found) for text, found in zip(texts, cut(self._linear, texts), strict=True)]

    def _judge(self, text: str, found: Sequence[Piece]) -> Scores:
        if not found:
            return self._nothing
        ordered = sorted(found, key=lambda piece: -piece.odds[0])
        doubtful = [piece for piece in ordered[:_MOST_PIECES] if probability(piece.odds[0]) >= self._fusion.lo]
        # Once the transformer has read the worst pieces, the linear model's view of the others adds nothing.
        if not doubtful:
            return _worst([self._alone(piece) for piece in ordered])
        return _worst([self._both(text, piece) for piece in doubtful])

    def _alone(self, piece: Piece) -> Scores:
        toxic, *labels = map(probability, piece.odds)
        return Scores(toxic=toxic, labels=dict(zip(self._linear.names, labels, strict=True)))

    def _both(self, text: str, piece: Piece) -> Scores:
        neural = dict(zip(self._fusion.names, second_opinion(self._neural, text, piece), strict=True))
        chances = {
            name: probability(fuse(self._fusion, name, odds, neural[name]) if name in neural else odds)
            for name, odds in zip(("toxic", *self._linear.names), piece.odds, strict=True)
        }
        return Scores(toxic=chances.pop("toxic"), labels=chances)


def version(linear: str, fusion: Fusion) -> str:
    """Names both models."""
    return f"{linear}+{fusion.version}"


def fuse(fusion: Fusion, name: str, linear: float, neural: float) -> float:
    """Sum up two log odds, by their weights."""
    first, second, bias = fusion.weights[name]
    return first * linear + second * neural + bias


def cut(linear: LinearModel, texts: Sequence[str]) -> list[list[Piece]]:
    """Cut each text into its pieces and ask the linear model about them; none for a text without letters."""
    normalised = [pieces(normalise(text)) for text in texts]
    odds = linear.log_odds([piece for found in normalised for piece in found])
    return [[Piece(number, piece, next(odds)) for number, piece in enumerate(found)] for found in normalised]


def second_opinion(neural: NeuralModel, text: str, piece: Piece) -> list[float]:
    """Give the transformer's log odds, the mean of those for both forms where more than punctuation differs."""
    odds: list[float] = neural.log_odds(forms(text, piece)).mean(axis=0).tolist()
    return odds


def forms(text: str, piece: Piece) -> list[str]:
    """Give the piece normalised and, where its disguises made a difference, as it was written."""
    written = pieces(plain(text))
    if piece.number >= len(written) or bare(written[piece.number]) == piece.normalised:
        return [piece.normalised]
    return [piece.normalised, written[piece.number]]


def _worst(scores: Sequence[Scores]) -> Scores:
    result = scores[0]
    for other in scores[1:]:
        result = worse(result, other)
    return result
