"""Which of many kept questions a new document may answer, without asking each of them.

What it is for: a question is gauged once against the index: what any text has with it, how far a
candidate must stand out, and what each of its words tells. Held against those figures, thousands
of questions are told from their vectors and words alone whether a document comes near enough to
be worth asking them anew. It may say yes for nothing; the engine has the last word.
What it must not know: the engine, where questions are kept, whose they are.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from matching.asking import LexicalQuery
from matching.columns import BoolArray
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Document, Language
from matching.fusion import CROWD, LEAST_CROWD, fuse
from matching.ranking import RankingWeights, log_odds
from matching.retrieval import Pool
from matching.text import bigrams, words
from matching.translation.table import renderings_of

TITLE_COUNT: Final = 3
SATURATION: Final = 2.2
"""No word counts more than so many times its weight, however often it is said (BM25, k1 = 1.2)."""

HALF: Final = 0.75
"""What is said once in a short text counts SATURATION / (1 + HALF) times its weight at most."""

GRAM: Final = 0.5
LIKELY: Final = 4
"""So many of a word's renderings are asked for in any case; of the others, those that are known."""

EASE: Final = 0.85
"""A document passes at this share of the signal that it would need: the figures age a little."""

CLOSE_EASE: Final = 0.93
"""The same where the signal itself is exact."""

FIGURES: Final = 8
"""Numbers kept of a question for each language."""

_LEAST: Final = 1e-3

HashArray = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Gauged:
    """A question's figures; every array may be kept as bytes.

    Attributes:
        vector: float32 (d,).
        figures: float32 (languages, FIGURES): mean and deviation of the cosines that any text
            has, mean and scale of the words' sums, crowd, trust, best sum, and 1 where the
            language had documents; zeros where it had none.
        forms: uint32 (w,), the words asked for, with the language they are asked in.
        masses: float32 (w,), what each tells.
        few: whether it is of so few words that sharing one of them is enough.
    """

    vector: FloatArray
    figures: FloatArray
    forms: HashArray
    masses: FloatArray
    few: bool


class Leeway(IntEnum):
    """What may add to a document's relevance for a question, beyond words and meaning."""

    FRESHNESS = 0
    REQUIREMENTS = 1
    FACETS = 2
    WORDS = 3


@dataclass(frozen=True, slots=True)
class Questions:
    """Many gauged questions side by side.

    Attributes:
        vectors: (n, d).
        figures: (n, languages, FIGURES).
        forms, masses: of all questions, one after another, (w,).
        owners: which question each form is of, (w,).
        few: (n,).
        leeway: (n,), a Leeway each.
    """

    vectors: FloatArray
    figures: FloatArray
    forms: HashArray
    masses: FloatArray
    owners: npt.NDArray[np.int64]
    few: BoolArray
    leeway: npt.NDArray[np.int64]

    @classmethod
    def of(cls, gauged: Sequence[Gauged], leeway: Sequence[int]) -> Self:
        """Put questions side by side; all of one encoder.

        Raises:
            ValueError: there are none, or their vectors differ in length.
        """
        sizes = [len(one.forms) for one in gauged]
        return cls(
            vectors=np.stack([one.vector for one in gauged]),
            figures=np.stack([one.figures for one in gauged]),
            forms=np.concatenate([one.forms for one in gauged]),
            masses=np.concatenate([one.masses for one in gauged]),
            owners=np.repeat(np.arange(len(gauged)), sizes),
            few=np.array([one.few for one in gauged]),
            leeway=np.array(leeway, dtype=np.int64),
        )


def gauge(
    vector: FloatArray,
    query: LexicalQuery,
    pools: Iterable[Pool],
    weights: RankingWeights,
    *,
    few: bool = False,
) -> Gauged:
    """Take a question's figures from what both sides say of it now.

    Args:
        vector: of the question, (d,).
        query: its cut text.
        pools: of every language that has documents.
        weights: of the ranking.
        few: whether one shared word is enough.
    """
    figures = np.zeros((len(LANGUAGES), FIGURES), dtype=np.float32)
    forms: dict[int, float] = {}
    for pool in pools:
        figures[LANGUAGES.index(pool.language)] = _figures(pool, weights)
        top = max(pool.masses.values(), default=0.0)
        for word, mass in pool.masses.items():
            for kind, form in _forms(word, pool.language):
                key = _key(kind, pool.language, form)
                forms[key] = max(forms.get(key, 0.0), mass)
        if pool.language == "zh":
            runs = {run[i : i + 2] for run in query.runs for i in range(len(run) - 1)}
            forms |= {_key("g", "zh", pair): GRAM * top for pair in query.grams}
            forms |= {_key("r", "zh", pair): GRAM * top for pair in runs - query.grams.keys()}
    return Gauged(
        vector=np.asarray(vector, dtype=np.float32),
        figures=figures,
        forms=np.array(list(forms), dtype=np.uint32),
        masses=np.array(list(forms.values()), dtype=np.float32),
        few=few,
    )


def _figures(pool: Pool, weights: RankingWeights) -> list[float]:
    evidence = pool.evidence(weights.fusion)
    signal = fuse(evidence, weights.fusion)
    crowd = float(np.sort(signal)[-CROWD]) if len(signal) >= CROWD else LEAST_CROWD
    chance = pool.chance
    spread = float(chance.var()) if len(chance) else 0.0
    deviation = np.sqrt(spread + weights.fusion.floor**2 * max(pool.best, 0.0))
    return [
        float(pool.background.mean()),
        max(float(pool.background.std()), _LEAST),
        float(chance.mean()) if len(chance) else 0.0,
        evidence.trust / float(deviation) if deviation > 0 else 0.0,
        max(crowd, LEAST_CROWD),
        evidence.trust,
        float(pool.best),
        1.0,
    ]


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a document comes to many questions; arrays (n,).

    Attributes:
        certain: searches of few words that share one, so that there is nothing to ask.
        signal: the most that words and meaning may say.
        odds: log-odds that would fit.
        crowd, trust: of the questions, in the document's language.
        unknown: questions that never met the document's language.
    """

    certain: BoolArray
    signal: FloatArray
    odds: FloatArray
    crowd: FloatArray
    trust: FloatArray
    unknown: BoolArray

    def reach(self, bonus: FloatArray, weights: RankingWeights) -> BoolArray:
        """Return which questions the document may answer with so much added, (n,)."""
        needed = _needed(self.odds - bonus, self.crowd, self.trust, weights)
        found: BoolArray = _passes(self.signal, needed, EASE) | self.unknown | self.certain
        return found

    def is_close(self, at: int, signal: float, bonus: float, weights: RankingWeights) -> bool:
        """Whether an exact signal may be enough for one question."""
        odds, crowd, trust = self.odds[at] - bonus, self.crowd[at], self.trust[at]
        needed = _needed(odds, crowd, trust, weights)
        return bool(self.unknown[at] or _passes(signal, needed, CLOSE_EASE))


def near(
    questions: Questions,
    document: Document,
    vector: FloatArray,
    weights: RankingWeights,
    *,
    least: float,
    floor: float,
) -> Nearness:
    """Hold a document against many questions.

    Args:
        questions: gauged.
        document: new to the index.
        vector: of the document, (d,).
        weights: of the ranking.
        least: the score from which it fits.
        floor: the same for searches.
    """
    place = LANGUAGES.index(document.language)
    mean, spread, chance, scale, crowd, trust, best, known = questions.figures[:, place].T
    shared, sure = _shared(questions, document)
    dense = np.where(
        questions.vectors.any(axis=1),
        (questions.vectors @ vector - mean) / np.maximum(spread, _LEAST),
        0.0,
    )
    searched = questions.leeway == Leeway.WORDS
    share = np.minimum(shared / np.maximum(best, _LEAST), 1.0)
    said = np.where(searched, weights.features.get("words", 0.0) * share, 0.0)
    few = questions.few & (shared > 0)
    return Nearness(
        certain=questions.few & sure & (known > 0),
        signal=dense + weights.fusion.lexical * (shared - chance) * scale,
        odds=np.where(searched, log_odds(floor), log_odds(least)) - said,
        crowd=crowd,
        trust=trust,
        unknown=(known == 0) | few,
    )


def slack(questions: Questions, weights: RankingWeights) -> FloatArray:
    """Return the most that facets may add in log-odds to each question's candidates, (n,)."""
    sizes = {name: abs(weight) for name, weight in weights.features.items() if name != "words"}
    some = sizes.get("freshness", 0.0)
    steps = np.zeros(len(Leeway), dtype=np.float32)
    steps[Leeway.FRESHNESS] = some
    steps[Leeway.REQUIREMENTS] = some + sizes.get("requirements", 0.0)
    steps[Leeway.FACETS] = sum(sizes.values())
    found: FloatArray = steps[questions.leeway]
    return found


def _passes(signal: Any, needed: Any, ease: float) -> Any:
    return signal >= np.where(needed > 0, ease * needed, needed / ease)


def _needed(odds: FloatArray, crowd: FloatArray, trust: FloatArray, weights: RankingWeights) -> Any:
    """Return the signal that gives these log-odds, where so many others stand out so far."""
    fusion = weights.fusion
    relevance = (odds - weights.intercept) / weights.slope
    raised = (
        (relevance - fusion.intercept + fusion.trust_shift * trust)
        * (1 + fusion.trust_slope * trust)
        / fusion.slope
    )
    return (raised + fusion.standing * crowd) / (1 + fusion.standing)


def _shared(questions: Questions, document: Document) -> tuple[FloatArray, BoolArray]:
    """Return the most that each question's words may count in the document, (n,).

    And which questions share a word that is asked for in any case.
    """
    number = len(questions.vectors)
    keys, factors, certain = _said(document)
    if not len(keys) or not len(questions.forms):
        return np.zeros(number, dtype=np.float32), np.zeros(number, dtype=bool)
    at = np.minimum(np.searchsorted(keys, questions.forms), len(keys) - 1)
    found = keys[at] == questions.forms
    owners, at = questions.owners[found], at[found]
    sums = np.bincount(owners, questions.masses[found] * factors[at], minlength=number)
    sure = np.zeros(number, dtype=bool)
    sure[owners[certain[at]]] = True
    return sums.astype(np.float32), sure


def _said(document: Document) -> tuple[HashArray, FloatArray, BoolArray]:
    """Return the keys of all that a document says, sorted, what each counts, and the sure ones."""
    said = Counter(words(document.title) * TITLE_COUNT + words(document.text))
    keyed: dict[int, tuple[int, bool]] = {}
    for word, count in said.items():
        keyed[_key("w", document.language, word)] = count, True
        keyed[_key("m", document.language, word)] = count, False
    if document.language == "zh":
        for pair, count in Counter(bigrams(document.full_text)).items():
            keyed[_key("g", "zh", pair)] = count, True
            keyed[_key("r", "zh", pair)] = count, False
    keys = sorted(keyed)
    often = np.array([keyed[key][0] for key in keys], dtype=np.float32)
    sure = np.array([keyed[key][1] for key in keys], dtype=bool)
    return np.array(keys, dtype=np.uint32), SATURATION * often / (often + HALF), sure


def _forms(word: str, language: Language) -> list[tuple[str, str]]:
    """Return how a word may stand in a document of a language: as it is, or rendered.

    With ``w`` for what is asked for in any case, and ``m`` for what may be.
    """
    found = [("w", word)]
    if (word[0] >= "〇") != (language == "zh"):
        for place, (form, _) in enumerate(renderings_of(word)):
            found.append(("w" if place < LIKELY else "m", form))
    return found


def _key(kind: str, language: str, form: str) -> int:
    return zlib.crc32(f"{kind}{language}{form}".encode())
