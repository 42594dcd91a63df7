"""What each result covers of a need's musts: by figures, and by meaning where there are none.

What it is for: turning ranked results into offers for ``matching.bundles``, and its answer back
into sentences that a reader can check.
What it must not know: indexes, ranking, pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matching.bundles import MOST_ASKED, MOST_OFFERS, Offer, better_than_one
from matching.documents import Document
from matching.reasons import Explainer, SplitText
from matching.requirements import parse_all
from matching.results import Band, Bundle, BundlePart, Covered, RequirementCheck, Verdict
from matching.sentences import sentences
from matching.text import detect_language

FITTING: Final = (Band.STRONG, Band.GOOD, Band.POSSIBLE)

READ_FOR_MEANING: Final = 15
"""Of so many results, best first, the sentences are compared with musts that have no figure."""

LEAST_LIKENESS: Final = 0.6
"""From this score of a pair of sentences the one speaks to the other. Over the demo set's musts
without figures 8.5 % reach it against the result that serves the need, 0.5 % against others:
few are found, but those found can be shown."""

_ASKS: Final = re.compile(
    r"要|需|希望|求|想|必须|不得|不能|\b(?:must|need|needs|should|want|require[sd]?|looking for)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Read:
    """A result that was read and ranked."""

    document: Document
    score: float
    band: Band | None
    checks: tuple[RequirementCheck, ...]


def asked_of(need: Document) -> tuple[str, ...]:
    """Return what a bundle has to cover: the need's musts as written.

    A need with fewer than two gives its sentences that ask for something as well. Wishes are
    left out: nobody takes on a second partner for a wish.
    """
    musts = [asked.text for asked in parse_all(need.facets.requirements) if not asked.wish]
    if len(musts) < 2:
        musts += [
            sentence
            for sentence in sentences(need.text)
            if _ASKS.search(sentence) and not any(must in sentence for must in musts)
        ]
    return tuple(dict.fromkeys(musts))[:MOST_ASKED]


def bundle_of(need: Document, results: Sequence[Read], explainer: Explainer) -> Bundle | None:
    """Return the smallest set of results that covers more of a need than any single one.

    None where one result covers all that any do, or where there is nothing to share out.

    Args:
        need: in the language it was written in.
        results: ranked, best first; those that fit weakly or not at all are left out.
        explainer: compares sentences.
    """
    asked = asked_of(need)
    fitting = [one for one in results if one.band in FITTING][:MOST_OFFERS]
    if len(asked) < 2 or len(fitting) < 2:
        return None
    covered = [_by_figures(asked, one.checks) for one in fitting]
    for place, found in enumerate(_by_meaning(asked, fitting[:READ_FOR_MEANING], explainer)):
        covered[place] = {**found, **covered[place]}
    offers = [
        Offer(one.document.key, one.score, frozenset(own))
        for one, own in zip(fitting, covered, strict=True)
    ]
    chosen = better_than_one(offers, len(asked))
    if not chosen:
        return None
    place_of = {one.document.key: place for place, one in enumerate(fitting)}
    parts = [_part(fitting[place_of[offer.key]], covered[place_of[offer.key]]) for offer in chosen]
    return Bundle(asked, tuple(parts))


def _part(one: Read, covered: Mapping[int, Covered]) -> BundlePart:
    return BundlePart(
        key=one.document.key,
        side=one.document.side,
        score=one.score,
        band=one.band or Band.WEAK,
        covers=tuple(covered[place] for place in sorted(covered)),
    )


def _by_figures(asked: Sequence[str], checks: Sequence[RequirementCheck]) -> dict[int, Covered]:
    """Return the musts that a result's figures meet."""
    met = {check.requirement: check for check in checks if check.verdict == Verdict.MET}
    return {
        place: Covered(place, check.sentence, check.found)
        for place, text in enumerate(asked)
        if (check := met.get(text)) is not None and check.sentence is not None
    }


def _by_meaning(
    asked: Sequence[str], results: Sequence[Read], explainer: Explainer
) -> list[dict[int, Covered]]:
    """Return for each result the musts without a figure that one of its sentences speaks to."""
    open_musts = {
        place: text
        for place, (text, read) in enumerate(zip(asked, parse_all(asked), strict=True))
        if not read.measurable
    }
    if not open_musts:
        return [{} for _ in results]
    own = [Document(0, "need", detect_language(text), "", text) for text in open_musts.values()]
    splits = explainer.split([*own, *(one.document for one in results)])
    lines, texts = splits[: len(own)], splits[len(own) :]
    return [
        {
            place: Covered(place, found, None)
            for place, line in zip(open_musts, lines, strict=True)
            if (found := _nearest(explainer, line, text)) is not None
        }
        for text in texts
    ]


def _nearest(explainer: Explainer, line: SplitText, text: SplitText) -> str | None:
    """Return the sentence that speaks to a must; None if none is near enough."""
    nearest = explainer.nearest(line, text)
    return nearest[0] if nearest is not None and nearest[1] >= LEAST_LIKENESS else None
