"""Measurable requirements: parsed as written, compared with what a result's text states.

``耐温≥200℃``, ``cost below 30 CNY/kg``, ``30-50 μm``: quantity, comparison, figures in base
units. A figure in a result answers a requirement only if it is of the same dimension and of
the same quantity (by the table of quantities, in either language), so that no random number
meets anything. Returns codes and verbatim text, no words for the reader.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from matching.claims import Claim, claims, is_figure
from matching.cues import Comparison
from matching.measures import quantities
from matching.results import RequirementCheck, Verdict
from matching.sentences import sentences

WISH_MARKS = ("?", "？")

MOST_FOUND: Final = 8
"""Of one text at most so many requirements are taken; more is a list, not a paragraph."""

LONGEST_REQUIREMENT: Final = 1_000
LONGEST_TEXT: Final = 60_000
"""Characters of a requirement, and of a result's text, in which figures are looked for."""

FEW_TERMS: Final = 2
"""A figure whose quantity the table does not know must share so many words with what is asked."""

_COUNTS = re.compile(
    r"[\d一二两三四五六七八九十百千万半]"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|dozen|hundred|thousand|half)\b",
    re.IGNORECASE,
)
"""What a sentence with a figure has at least one of."""

_LEADING = re.compile(r"^(?:and|with|且|及|并)\s*", re.IGNORECASE)
_CLOSE = 1e-9
_BEST_FIRST = (Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a need.

    Attributes:
        text: verbatim, without the wish mark.
        wish: True for a wish, False for a must.
        quantity: code of the quantity (``heat_resistance``); None where the table has none.
        comparison: at_least, at_most, range, about or exactly; None if nothing measurable
            was found.
        low, high: the interval asked for, in base units of the dimension; infinite where
            open.
        unit: the unit as written; empty for a bare number.
        dimension: canonical, e.g. ``Θ``, ``CNY·M^-1``; None if nothing was found.
        figure: the verbatim figure with unit (``200℃``); None if nothing was found.
        terms: words around the figure, for quantities that the table does not know.
    """

    text: str
    wish: bool
    quantity: str | None = None
    comparison: Comparison | None = None
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    dimension: str | None = None
    figure: str | None = None
    terms: frozenset[str] = frozenset()

    @property
    def measurable(self) -> bool:
        """Whether there is a figure to compare with."""
        return self.comparison is not None


@lru_cache(maxsize=4096)
def parse_requirement(text: str) -> Requirement:
    """Parse one requirement as written; a leading ``?`` marks a wish.

    Of several figures the first that says how it is meant counts, else the first with a
    unit; the rest are conditions. Text without a figure comes back not measurable.
    """
    stripped = text.strip()
    wish = stripped.startswith(WISH_MARKS)
    if wish:
        stripped = stripped[1:].strip()
    found = [claim for claim in claims(stripped[:LONGEST_REQUIREMENT]) if is_figure(claim)]
    if not found:
        return Requirement(stripped, wish)
    chosen = next((claim for claim in found if claim.explicit), found[0])
    return _requirement(stripped, chosen, wish=wish)


def _requirement(text: str, claim: Claim, *, wish: bool) -> Requirement:
    comparison, low, high = claim.comparison, claim.low, claim.high
    quantity = claim.quantity or _by_direction(claim)
    if comparison is Comparison.EXACTLY:
        # 耐温200℃ asks for at least that much, 成本30元/kg for at most
        better = quantities()[quantity].better if quantity else ""
        if better == "higher":
            comparison, high = Comparison.AT_LEAST, math.inf
        elif better == "lower":
            comparison, low = Comparison.AT_MOST, -math.inf
        elif quantity is None:
            comparison = Comparison.ABOUT
    return Requirement(
        text=text,
        wish=wish,
        quantity=quantity,
        comparison=comparison,
        low=low,
        high=high,
        unit=claim.measure.unit.symbol,
        dimension=claim.dimension,
        figure=claim.measure.text,
        terms=claim.terms,
    )


def _by_direction(claim: Claim) -> str | None:
    """Return what a time limit without a name is of: at most it takes, at least it lasts."""
    if claim.dimension != "T" or not claim.explicit:
        return None
    if claim.comparison is Comparison.AT_MOST:
        return "duration"
    return "life" if claim.comparison is Comparison.AT_LEAST else None


def parse_all(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """Parse requirements as they stand in a document's facets; empty ones are left out."""
    return tuple(parse_requirement(text) for text in texts if text.strip(" ?？"))


def find_requirements(text: str) -> tuple[str, ...]:
    """Find in running text the clauses that ask for a figure, verbatim, as musts.

    Only figures that say how they are meant and whose quantity is known count.
    """
    found: list[str] = []
    for sentence in sentences(text):
        begin = 0
        for claim in claims(sentence):
            if claim.explicit and claim.quantity and is_figure(claim) and not claim.baseline:
                found.append(_clause_around(sentence, claim, begin))
            begin = claim.measure.end
    return tuple(dict.fromkeys(found))[:MOST_FOUND]


def _clause_around(sentence: str, claim: Claim, begin: int) -> str:
    """Return the part of a sentence around a figure: between stops, from ``begin`` on."""
    start, end = claim.measure.start, claim.measure.end
    while start > begin and not _is_stop(sentence, start - 1):
        start -= 1
    while end < len(sentence) and not _is_stop(sentence, end):
        end += 1
    return _LEADING.sub("", sentence[start:end].strip())


def _is_stop(sentence: str, place: int) -> bool:
    """Say whether a clause ends at a character; the stop inside 1,200 or 0.8 ends nothing."""
    if sentence[place] not in ",，;；。、.!！?？:：":
        return False
    around = sentence[max(0, place - 1) : place + 2]
    return not (len(around) == 3 and around[0].isdigit() and around[2].isdigit())


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim with the verbatim sentence that makes it."""

    sentence: str
    claim: Claim


@lru_cache(maxsize=2048)
def statements(text: str) -> tuple[Statement, ...]:
    """Return what a result's text claims in figures."""
    return tuple(
        Statement(sentence, claim)
        for sentence in sentences(text[:LONGEST_TEXT])
        if _COUNTS.search(sentence)
        for claim in claims(sentence)
        if is_figure(claim)
    )


def check(requirement: Requirement, stated: Sequence[Statement]) -> RequirementCheck:
    """Compare one requirement with all statements of a result.

    Of the statements that speak of the same quantity, those nearest to what is asked
    decide, and among them the best. A statement on the same quantity in a unit of another
    kind is "not comparable", with its sentence.
    """
    if not requirement.measurable:
        return RequirementCheck(requirement.text, requirement.wish, Verdict.NOT_COMPARABLE)
    near = [(nearness, s) for s in stated if (nearness := _nearness(requirement, s.claim)) > 0]
    if not near:
        return _without_answer(requirement, stated)
    closest = max(nearness for nearness, _ in near)
    judged = [(_verdict(requirement, s.claim), s) for nearness, s in near if nearness == closest]
    verdict, statement = min(judged, key=lambda pair: _BEST_FIRST.index(pair[0]))
    return _checked(requirement, verdict, statement)


def _without_answer(requirement: Requirement, stated: Sequence[Statement]) -> RequirementCheck:
    """Say that nothing is stated, or that what is stated does not compare."""
    other = next((s for s in stated if _of_another_kind(requirement, s.claim)), None)
    if other is None:
        return RequirementCheck(requirement.text, requirement.wish, Verdict.NOT_STATED)
    return _checked(requirement, Verdict.NOT_COMPARABLE, other)


def _checked(requirement: Requirement, verdict: Verdict, statement: Statement) -> RequirementCheck:
    return RequirementCheck(
        requirement.text,
        requirement.wish,
        verdict,
        statement.sentence,
        statement.claim.measure.text,
    )


def check_all(asked: Sequence[Requirement], text: str) -> tuple[RequirementCheck, ...]:
    """Compare all requirements of a need with one result's text."""
    if not asked:
        return ()
    stated = statements(text)
    return tuple(check(requirement, stated) for requirement in asked)


def _nearness(requirement: Requirement, claim: Claim) -> int:
    """Return 0 where a claim does not answer, else how closely its words do."""
    if claim.dimension != requirement.dimension or claim.baseline:
        return 0
    shared = len(requirement.terms & claim.terms)
    if requirement.quantity is None:
        return shared
    if claim.quantity == requirement.quantity:
        return 100 + min(shared, 9)
    if claim.quantity in quantities()[requirement.quantity].accepts:
        return 50 + min(shared, 9)
    enough = shared >= min(FEW_TERMS, len(requirement.terms)) > 0
    return shared if claim.quantity is None and enough else 0


def _of_another_kind(requirement: Requirement, claim: Claim) -> bool:
    """Say whether a claim is on the quantity asked for, in figures that do not compare."""
    if requirement.quantity is None or claim.baseline:
        return False
    if claim.dimension == requirement.dimension:
        return False
    if claim.quantity is not None:
        return claim.quantity == requirement.quantity
    return requirement.quantity in claim.named


def _verdict(requirement: Requirement, claim: Claim) -> Verdict:
    """Compare intervals: inside is met, apart is not met, overlapping is partly met."""
    low, high = requirement.low, requirement.high
    slack = _slack(claim)
    inside = claim.low >= low - slack and claim.high <= high + slack
    covered = claim.low <= low + slack and claim.high >= high - slack
    cover = ""
    if requirement.comparison is Comparison.RANGE and requirement.quantity is not None:
        cover = quantities()[requirement.quantity].cover
    if {"": inside, "whole": covered, "either": inside or covered}[cover]:
        return Verdict.MET
    if claim.high < low - slack or claim.low > high + slack:
        return Verdict.NOT_MET
    return Verdict.PARTLY


def _slack(claim: Claim) -> float:
    """Return how far two figures may lie apart and still be one: rounding of conversions."""
    ends = [abs(end) for end in (claim.low, claim.high) if math.isfinite(end)]
    return _CLOSE * max(*ends, 1e-300) if ends else 0.0
