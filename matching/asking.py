"""What is asked of the words: from a text to weighed clauses for one language's documents.

What it is for: choosing of a text the few words that tell most, giving them weight, saying
them in the other language where the documents are written in that, and telling how much of
the text is known there at all.
What it must not know: the engine that runs the clauses, vectors, ranking.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from matching.documents import Language
from matching.text import bigrams, chinese_runs, words
from matching.translation.table import Renderings, renderings_of

MOST_WORDS: Final = 32
"""Of a long text only so many words are asked: those that tell most. On the development sets
32 found as much as 96 did, and each word costs a list to read."""

MOST_RENDERED: Final = 24
"""The same for words that are asked in another language, each by several."""

MOST_RENDERINGS: Final = 4
MOST_GRAMS: Final = 24
GRAM_WEIGHT: Final = 0.5
"""What two neighbouring Chinese characters count that the cutter did not see as a word: the
shop floor's and the laboratory's words are often cut differently."""

EMPHASIS: Final = 0.15
"""Rare words count more than BM25 has it: by this power of their idf."""

SHORT_QUERY: Final = 12
"""Up to this many Chinese characters a query also asks for its runs as a whole."""

Frequency = Callable[[str], int]
"""In how many documents of the language a word stands."""


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A text as the lexical index asks it.

    Attributes:
        weights: how often each word counts, saturated.
        grams: neighbouring Chinese characters that are no word of the query, likewise.
        runs: runs of Chinese characters of a short query, for the safety net; else empty.
    """

    weights: Mapping[str, float]
    grams: Mapping[str, float]
    runs: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> LexicalQuery:
        """Cut a text and weigh its words: a word said n times counts 1 + ln n."""
        counts = Counter(words(text))
        pairs = Counter(pair for pair in bigrams(text) if pair not in counts)
        runs = chinese_runs(text)
        short = sum(map(len, runs)) <= SHORT_QUERY
        return cls(
            weights={word: 1.0 + math.log(count) for word, count in counts.items()},
            grams={pair: 1.0 + math.log(count) for pair, count in pairs.items()},
            runs=tuple(run for run in runs if len(run) > 1) if short else (),
        )


@dataclass(frozen=True, slots=True)
class Size:
    """How many documents there are: what makes a word rare.

    Attributes:
        documents: of the language that is asked.
        whole: of the index, by which the engine that runs the clauses counts.
    """

    documents: int
    whole: int

    def tells(self, count: float) -> float:
        """Return how much a word tells that stands in ``count`` documents of the language."""
        return float(_idf(count, self.documents) ** (1 + EMPHASIS))

    def idf(self, count: int) -> float:
        """Return what the engine multiplies such a word with."""
        return _idf(count, self.whole)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask the documents of one language.

    Attributes:
        words: with the factor of each one's BM25 score.
        grams: neighbouring characters with theirs.
        known: share of the query's weight on words that the documents have as they stand.
        rendered: share on words that the documents have in their own language only.
        best: the score of a document with every word that is asked, each at its idf.
        masses: what each word of the query tells here, asked or not, by its form.
    """

    words: tuple[tuple[str, float], ...]
    grams: tuple[tuple[str, float], ...]
    known: float
    rendered: float
    best: float
    masses: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the query that the documents know.

    Attributes:
        mass: what it tells, idf times weight.
        forms: the words to ask, with factors.
        is_rendered: whether they are of another language than the word.
    """

    mass: float
    forms: tuple[tuple[str, float], ...]
    is_rendered: bool


def weigh_words(
    query: LexicalQuery,
    language: Language,
    size: Size,
    *,
    word_frequency: Frequency,
    gram_frequency: Frequency,
) -> Asked:
    """Choose and weigh what the documents of a language are asked.

    Args:
        query: the cut text.
        language: of the documents.
        size: of the index.
        word_frequency: of words.
        gram_frequency: of pairs of neighbouring characters.
    """
    masses: dict[str, float] = {}
    own: list[_Word] = []
    rendered: list[_Word] = []
    for word, weight in query.weights.items():
        found = _word(word, weight, language, size, word_frequency)
        masses[word] = found.mass
        if found.forms:
            (rendered if found.is_rendered else own).append(found)
    total = sum(masses.values())
    grams = _grams(query, size, gram_frequency) if language == "zh" else []
    chosen = [*_telling(own, MOST_WORDS), *_telling(rendered, MOST_RENDERED)]
    factors: dict[str, float] = {}
    for one in chosen:
        for form, factor in one.forms:
            factors[form] = factors.get(form, 0.0) + factor
    return Asked(
        words=tuple(factors.items()),
        grams=tuple(form for one in grams for form in one.forms),
        known=sum(one.mass for one in own) / total if total else 0.0,
        rendered=sum(one.mass for one in rendered) / total if total else 0.0,
        best=sum(one.mass for one in (*chosen, *grams)),
        masses=masses,
    )


def _telling(found: list[_Word], most: int) -> list[_Word]:
    """Return the words that tell most."""
    return sorted(found, key=lambda one: (-one.mass, one.forms))[:most]


def _word(word: str, weight: float, language: Language, size: Size, frequency: Frequency) -> _Word:
    """Weigh one word as it stands or as the documents' language says it; no forms if unknown."""
    count = frequency(word)
    renderings = renderings_of(word) if _is_foreign(word, language) else ()
    if renderings:
        return _rendered(word, count, weight, renderings, size, frequency)
    mass = weight * size.tells(count)
    forms = ((word, mass / size.idf(count)),) if count else ()
    return _Word(mass, forms, is_rendered=False)


def _rendered(
    word: str,
    count: int,
    weight: float,
    renderings: Renderings,
    size: Size,
    frequency: Frequency,
) -> _Word:
    """Weigh a word by its renderings, as if they were one word, as rare as they are together."""
    likely = [(form, share, frequency(form)) for form, share in renderings]
    likely = [one for one in likely if one[2]][:MOST_RENDERINGS]
    if count:  # names and symbols stand in texts of the other language as they are
        likely.append((word, renderings[0][1], count))
    whole = sum(share for _, share, _ in likely)
    if not likely:
        return _Word(weight * size.tells(0), (), is_rendered=True)
    mean = sum(share * found for _, share, found in likely) / whole
    mass = weight * size.tells(mean)
    forms = tuple((form, mass * share / whole / size.idf(found)) for form, share, found in likely)
    return _Word(mass, forms, is_rendered=True)


def _grams(query: LexicalQuery, size: Size, frequency: Frequency) -> list[_Word]:
    """Return the neighbouring characters that tell most, of those that the documents have."""
    found = []
    for pair, weight in query.grams.items():
        if count := frequency(pair):
            mass = GRAM_WEIGHT * weight * size.tells(count)
            found.append(_Word(mass, ((pair, mass / size.idf(count)),), is_rendered=False))
    return _telling(found, MOST_GRAMS)


def _is_foreign(word: str, language: Language) -> bool:
    """Whether a word is of another script than the language's own."""
    return (word[0] >= "〇") != (language == "zh")


def _idf(count: float, documents: int) -> float:
    """How much a word tells that stands in ``count`` of ``documents``, as BM25 has it."""
    return math.log(1 + (max(documents - count, 0.0) + 0.5) / (count + 0.5))
