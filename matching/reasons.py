"""Why two documents belong together: pairs of verbatim sentences, best first.

Sentences are compared by meaning (their vectors) and by words; a pair says something only
if it says more than two arbitrary sentences of the two texts would. Knows no index.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np

from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder, finite
from matching.requirements import parse_all
from matching.results import Reason
from matching.sentences import sentences
from matching.terms import said_across, shared_terms
from matching.text import detect_language, surface_words

MOST_SENTENCES: Final = 24
"""Of one document only so many sentences are compared; the first say what it is about."""

MOST_REASONS: Final = 3
WORD_WEIGHT: Final = 0.5
TITLE_WEIGHT: Final = 0.8
"""The reader has seen the candidate's title; a sentence of its text that is nearly as near says
more."""

LEAST_SCORE: Final = 0.25
"""Below this a pair of sentences says nothing and is not shown."""

FORMAL_WEIGHT: Final = 0.5
"""What a sentence counts that stands in any listing: patents granted, whom to ask, who paid."""

HEADING_WEIGHT: Final = 0.7
LEAST_SHARE: Final = 0.6
"""A further reason must reach this share of the best one's score."""

RENDERED_WEIGHT: Final = 0.8
"""What a word counts that the other sentence says in the other language."""

_FORMAL: Final = re.compile(
    r"专利.{0,6}(?:授权|申请|受理|\d+\s?[项件])|(?:获得?|授权|申请|拥有|形成).{0,10}专利|联系(?:人|电话|方式|我们)"
    r"|欢迎.{0,12}(?:联系|合作|洽谈|咨询|来电)|(?:获|荣获).{0,12}奖|基金.{0,8}(?:资助|支持)|发表.{0,8}论文"
    r"|有意者|面议|(?:可|愿).{0,6}(?:转让|许可|作价入股)|(?:项目|课题)(?:来源|编号|负责人)|详见|如下[:：]?$"
    r"|\b(?:patents? (?:is|are|was|were|has|have|pending|granted|filed|applied)|patented in"
    r"|(?:for|more|further) information|(?:please )?contact|interested parties|funded by"
    r"|supported by .{0,40}grant|we (?:look forward|welcome)|published in|was awarded"
    r"|won .{0,20}award"
    r"|seek(?:s|ing)? (?:partners|licensees|investors)|licen[cs]e (?:is )?(?:available|offered))\b",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(r".{1,30}[:：]|[\u3400-\u9fff、与和及]{2,8}|(?:[A-Z][\w-]*\s?){1,4}")

_CACHED_DOCUMENTS: Final = 512


_Place = tuple[str, str, tuple[str, ...]]
"""Where a document's sentences are remembered: title, text, requirements."""


@dataclass(frozen=True, slots=True)
class SplitText:
    """A document's sentences with what is compared of them.

    Attributes:
        sentences: verbatim.
        vectors: float32 (len(sentences), d).
        words: of each sentence, from the word as indexed to the word as shown.
        titles: how many of the sentences, the first ones, are the title's.
        weights: what each sentence counts, float32 (len(sentences),).
        masses: how much each sentence's words say together.
    """

    sentences: tuple[str, ...]
    vectors: FloatArray
    words: tuple[dict[str, str], ...]
    titles: int
    weights: FloatArray
    masses: tuple[float, ...]


class Explainer:
    """Finds reasons; keeps the sentences of recently shown documents.

    Safe to share between threads.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._cache: OrderedDict[_Place, SplitText] = OrderedDict()
        self._lock = Lock()

    def split(self, documents: Sequence[Document]) -> list[SplitText]:
        """Cut documents into sentences and encode those not seen lately in one batch."""
        found: dict[_Place, SplitText] = {}
        fresh: list[tuple[_Place, list[str]]] = []
        with self._lock:
            for document in documents:
                place = _place_of(document)
                if place in self._cache:
                    self._cache.move_to_end(place)
                    found[place] = self._cache[place]
                else:
                    fresh.append((place, _sentences_of(document)))
        self._encode(fresh, found)
        return [found[_place_of(document)] for document in documents]

    def _encode(
        self,
        fresh: list[tuple[_Place, list[str]]],
        found: dict[_Place, SplitText],
    ) -> None:
        vectors = finite(self._encoder.encode_documents([s for _, own in fresh for s in own]))
        start = 0
        with self._lock:
            for place, own in fresh:
                words = tuple(dict(surface_words(sentence)) for sentence in own)
                split = SplitText(
                    sentences=tuple(own),
                    vectors=vectors[start : start + len(own)],
                    words=words,
                    titles=len(sentences(place[0])),
                    weights=_weights(own, place[2]),
                    masses=tuple(map(_mass, words)),
                )
                start += len(own)
                found[place] = self._cache[place] = split
            while len(self._cache) > _CACHED_DOCUMENTS:
                self._cache.popitem(last=False)

    def explain(self, query: SplitText, candidate: SplitText) -> list[Reason]:
        """Return up to MOST_REASONS pairs of sentences, each sentence used once."""
        if not query.sentences or not candidate.sentences:
            return []
        cosines, scores = _scores(query, candidate)
        reasons: list[Reason] = []
        best = 0.0
        while len(reasons) < MOST_REASONS:
            place = np.unravel_index(int(scores.argmax()), scores.shape)
            one, other = int(place[0]), int(place[1])
            score = float(scores[one, other])
            if score < LEAST_SCORE or (reasons and score < best * LEAST_SHARE):
                break
            best = max(best, score)
            terms = shared_terms(query.words[one], candidate.words[other])
            reasons.append(
                Reason(
                    query_sentence=query.sentences[one],
                    candidate_sentence=candidate.sentences[other],
                    query_language=detect_language(query.sentences[one]),
                    candidate_language=detect_language(candidate.sentences[other]),
                    terms=terms,
                    similarity=float(cosines[one, other]),
                )
            )
            scores[one, :] = scores[:, other] = -1
        return reasons

    def nearest(self, query: SplitText, candidate: SplitText) -> tuple[str, float] | None:
        """Return the candidate's sentence that is nearest to any of the query's, and its score.

        None if one of the two has no sentences.
        """
        if not query.sentences or not candidate.sentences:
            return None
        best = _scores(query, candidate)[1].max(axis=0)
        place = int(best.argmax())
        return candidate.sentences[place], float(best[place])


def _place_of(document: Document) -> _Place:
    return document.title, document.text, document.facets.requirements


def _weights(own: Sequence[str], requirements: Iterable[str]) -> FloatArray:
    """Return what each sentence counts: a requirement with a figure nothing, it has its verdict."""
    checked = {asked.text for asked in parse_all(requirements) if asked.measurable}
    return np.array(
        [0.0 if sentence in checked else weight_of(sentence) for sentence in own], dtype=np.float32
    )


def _sentences_of(document: Document) -> list[str]:
    found = sentences(document.title) + sentences(document.text)
    return list(dict.fromkeys(found))[:MOST_SENTENCES]


def _scores(query: SplitText, candidate: SplitText) -> tuple[FloatArray, FloatArray]:
    """Return the cosines and the scores of all pairs of sentences, each of shape (q, c)."""
    cosines = query.vectors @ candidate.vectors.T
    scores = cosines + WORD_WEIGHT * _overlap(query, candidate)
    if len(candidate.sentences) > candidate.titles:
        scores[:, : candidate.titles] *= TITLE_WEIGHT
    scores *= np.outer(query.weights, candidate.weights)
    return cosines, scores


def _overlap(query: SplitText, candidate: SplitText) -> FloatArray:
    """Share of the shorter sentence's words that the other has too, in either language.

    Shape (q, c). Long words count more, since they say more: each by the root of its length.
    """
    found = np.zeros((len(query.words), len(candidate.words)), dtype=np.float32)
    for i, own in enumerate(query.words):
        mass = query.masses[i]
        across = said_across(tuple(own))
        for j, other in enumerate(candidate.words):
            shared = own.keys() & other.keys()
            said = {across[word] for word in across.keys() & other.keys()} - shared
            if shared or said:
                common = _mass(shared) + RENDERED_WEIGHT * _mass(said)
                found[i, j] = common / max(min(mass, candidate.masses[j]), 4.0)
    return np.minimum(found, 1.0)


def _mass(words: Iterable[str]) -> float:
    return float(sum(len(word) ** 0.5 for word in words))


def weight_of(sentence: str) -> float:
    """Return what a sentence counts as a reason: less for formal ones and for headings."""
    weight = FORMAL_WEIGHT if _FORMAL.search(sentence) else 1.0
    return weight * (HEADING_WEIGHT if _HEADING.fullmatch(sentence) else 1.0)
