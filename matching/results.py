"""What comes out of the matcher: matches, bands, reasons, requirement checks.

Plain frozen values, without words for the reader: codes, figures and verbatim sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matching.documents import Language, Side


class Band(StrEnum):
    """How well something fits. Shown instead of a percentage."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    WEAK = "weak"


class Verdict(StrEnum):
    """How a requirement fares against a result's text."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_STATED = "not_stated"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A word that both sentences of a reason say.

    Attributes:
        query_word: as it stands in the query sentence (up to letters' width).
        candidate_word: as it stands in the candidate sentence.
        translated: whether the two are words of different languages.
    """

    query_word: str
    candidate_word: str
    translated: bool = False

    def __str__(self) -> str:
        """Write the word, or both where they are translations: ``光刻 = lithography``."""
        return f"{self.query_word} = {self.candidate_word}" if self.translated else self.query_word


@dataclass(frozen=True, slots=True)
class Reason:
    """Two verbatim sentences that belong together, and why.

    Attributes:
        query_sentence: verbatim substring of the query document's title or text.
        candidate_sentence: verbatim substring of the found document's title or text.
        query_language, candidate_language: zh or en.
        terms: words that both sides have, in one language or across two.
        similarity: cosine of the two sentences' vectors, -1 to 1.
    """

    query_sentence: str
    candidate_sentence: str
    query_language: Language
    candidate_language: Language
    terms: tuple[SharedTerm, ...]
    similarity: float

    @property
    def shared(self) -> tuple[str, ...]:
        """The terms as words for the reader, each once."""
        return tuple(dict.fromkeys(map(str, self.terms)))


@dataclass(frozen=True, slots=True)
class RequirementCheck:
    """One measurable requirement of a need against one result.

    Attributes:
        requirement: the requirement as written (verbatim, without the wish mark).
        wish: True if it is a wish, False if it is a must.
        verdict: met, partly, not_met, not_stated, not_comparable.
        sentence: verbatim sentence of the result that speaks of it; None if none does.
        found: the figure found, verbatim (``230 ℃``); None if none.
    """

    requirement: str
    wish: bool
    verdict: Verdict
    sentence: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement that a part of a bundle covers.

    Attributes:
        requirement: its place in the bundle's list.
        sentence: verbatim sentence of the result that says so.
        found: the figure that meets it, verbatim; None where the sentence speaks to a
            requirement without a figure, which is the reader's to judge.
    """

    requirement: int
    sentence: str
    found: str | None


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One result of a bundle, with what it covers; ``covers`` is never empty."""

    key: int
    side: Side
    score: float
    band: Band
    covers: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Results that together cover more of a need's musts than any one of them.

    Attributes:
        requirements: the musts, as written.
        parts: two or more results, the one that covers most first.
    """

    requirements: tuple[str, ...]
    parts: tuple[BundlePart, ...]

    @property
    def covered(self) -> int:
        """How many of the musts the parts cover together."""
        return len({one.requirement for part in self.parts for one in part.covers})


@dataclass(frozen=True, slots=True)
class Match:
    """One listing that was found.

    Attributes:
        key: the listing's id.
        side: its side.
        score: 0 to 1, for ordering within one answer and for bands; never shown as such.
        relevance: the calibrated relevance before ranking features, 0 to 1.
        band: strong, good, possible or weak.
        languages: the indexed languages in which it was found, best first.
        reasons: best first; empty where they were not asked for.
        requirements: one check for each measurable requirement of the need side.
        features: what the ranking saw, by name, each 0 to 1.
        ranking: number of the learned weights that ordered it; 0 for the shipped ones.
    """

    key: int
    side: Side
    score: float
    relevance: float
    band: Band
    languages: tuple[Language, ...]
    reasons: tuple[Reason, ...] = ()
    requirements: tuple[RequirementCheck, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    ranking: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The counterparts of a listing, and the bundle where one does more than the best of them."""

    matches: tuple[Match, ...]
    bundle: Bundle | None


@dataclass(frozen=True, slots=True)
class IndexState:
    """What is in an index, for status pages and the sweeper.

    Attributes:
        generation: name of the current build.
        encoder: id of the encoder that made the vectors.
        documents: live documents (a listing in two languages counts twice).
        listings: live listings.
        pending: records in the journal that are not folded in yet.
        bytes: size of the generation's files.
    """

    generation: str
    encoder: str
    documents: int
    listings: int
    pending: int
    bytes: int
