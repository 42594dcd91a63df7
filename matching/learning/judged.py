"""The bilingual judged set as a gate: learned weights may lose nothing on it.

The set is in BEIR's form (``corpus.jsonl``, ``queries.jsonl``, ``qrels.tsv``) with, besides,
``facets.jsonl``: what a listing's form would say of a document or a query (fields, readiness,
price ...), without which the features would have nothing to say. It is asked as the site asks.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

from matching.documents import Document, Facets, Side, Where
from matching.encoder import Encoder
from matching.engine import RERANKED, MatchEngine
from matching.ranking import RankingWeights, band_of, load_weights, rank
from matching.requirements import find_requirements
from matching.results import Band
from matching.text import detect_language
from matching.writer import IndexWriter

JUDGED: Final = Path(__file__).parents[1] / "judged"

DEPTH: Final = 10

TODAY: Final = 20_779
"""Epoch day on which the set's needs are asked, after the last of its results was published."""

SLACK: Final = 0.005
"""A mean lower by so little, half a point, is a swap or two in some query, and no loss."""

Pool = tuple[tuple[float, Mapping[str, float], float], ...]


@dataclass(frozen=True, slots=True)
class _Question:
    """One judged query with all that the ranking would see.

    Attributes:
        language: of the query.
        found: (relevance, features, grade) of each candidate that the engine ranks.
        ideal: discounted gain of the best possible answer.
    """

    language: str
    found: Pool
    ideal: float


class JudgedSet:
    """A judged set, retrieved once and ranked as often as wanted."""

    def __init__(self, questions: list[_Question]) -> None:
        self._questions = questions

    def __len__(self) -> int:
        """Return how many judged queries there are."""
        return len(self._questions)

    def ndcg(self, weights: RankingWeights) -> dict[str, float]:
        """Return the mean nDCG@10 with these weights, of ``all`` and of each language."""
        found: dict[str, list[float]] = defaultdict(list)
        for question in self._questions:
            value = _ndcg(question, weights)
            found["all"].append(value)
            found[question.language].append(value)
        return {name: math.fsum(values) / len(values) for name, values in sorted(found.items())}


def loses(before: Mapping[str, float], after: Mapping[str, float]) -> bool:
    """Whether ``after`` lost on any part of the judged set."""
    return any(after[name] < value - SLACK for name, value in before.items())


def load_judged(encoder: Encoder, folder: Path = JUDGED) -> JudgedSet:
    """Index the set in a temporary folder, ask its queries, and keep what the ranking sees.

    Raises:
        OSError, ValueError, KeyError: the folder holds no judged set.
    """
    facets = {
        str(row.pop("_id")): Facets.from_record(row) for row in _rows(folder / "facets.jsonl")
    }
    grades = _grades(folder / "qrels.tsv")
    asked = {str(row["_id"]): row for row in _rows(folder / "queries.jsonl")}
    names, documents = [], []
    for key, row in enumerate(_rows(folder / "corpus.jsonl"), start=1):
        names.append(str(row["_id"]))
        documents.append(_document(key, row, "achievement", facets))
    with tempfile.TemporaryDirectory(prefix="judged-") as place:
        IndexWriter.rebuild(encoder, Path(place), documents)
        engine = MatchEngine(encoder, Path(place), _by_relevance(load_weights()))
        return JudgedSet(
            [
                _question(engine, _document(0, asked[name], "need", facets), names, judged)
                for name, judged in grades.items()
                if name in asked
            ]
        )


def _by_relevance(weights: RankingWeights) -> RankingWeights:
    """Return weights that leave all to the relevance, and nothing below the floor.

    So what the engine gives best is what it would read and rank with any weights.
    """
    bands = dict.fromkeys(Band, 0.0)
    return replace(weights, features={}, slope=1.0, intercept=0.0, bands=bands)


def _question(
    engine: MatchEngine, query: Document, names: list[str], judged: Mapping[str, float]
) -> _Question:
    matches = engine.match(query, RERANKED, Where(today=TODAY), reasons=False)
    return _Question(
        language=query.language,
        found=tuple(
            (match.relevance, match.features, judged.get(names[match.key - 1], 0.0))
            for match in matches
        ),
        ideal=_discounted(sorted(judged.values(), reverse=True)),
    )


def _ndcg(question: _Question, weights: RankingWeights) -> float:
    scored = [(rank(one, features, weights), grade) for one, features, grade in question.found]
    shown = [pair for pair in scored if band_of(pair[0], weights) is not None]
    shown.sort(key=lambda pair: -pair[0])
    return _discounted([grade for _, grade in shown]) / question.ideal


def _discounted(grades: list[float]) -> float:
    return math.fsum(
        (2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades[:DEPTH], 1)
    )


def _document(
    key: int, row: Mapping[str, Any], side: Side, facets: Mapping[str, Facets]
) -> Document:
    title, text = str(row.get("title") or ""), str(row["text"])
    language = detect_language(f"{title}\n{text}")
    own = facets.get(str(row["_id"]), Facets())
    if side == "need":
        own = replace(own, requirements=find_requirements(text))
    return Document(key, side, language, title, text, own)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield cast("dict[str, Any]", json.loads(line))


def _grades(path: Path) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if float(grade) > 0:
            found.setdefault(query, {})[document] = float(grade)
    return found
