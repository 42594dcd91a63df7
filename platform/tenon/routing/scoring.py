"""Who at a place should look after a need: points and reasons, from plain facts. Pure.

The keeper of the firm comes first; then whoever knows the field, speaks the language, serves the
region and has room. Whoever is away is stood in for by their deputy, or left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tenon.taxonomy.catalogue import find, lineage_codes

KEEPER = 100
FIELD_ITSELF, FIELD_ABOVE, FIELD_BELOW = 30, 22, 14
LANGUAGE = 12
REGION_ITSELF, REGION_STEP = 15, 4
ROOM = 20
STANDS_IN = -1
USUAL_MOST = 20
"""Open needs that somebody without a limit of their own is reckoned to have room for."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of the need: (scheme, code) of its fields, its region, its language."""

    fields: frozenset[tuple[str, str]] = frozenset()
    region: str | None = None
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of a broker.

    Attributes:
        user_id: their key.
        fields, regions, languages: what they know, serve and speak.
        open_needs: how many open needs they look after.
        most_needs: their own limit; None without one.
        keeper: whether they look after the firm.
        away: whether they are away today.
        deputy_id: who stands in meanwhile.
        here: whether they work at the place; who does not comes in as a deputy only.
    """

    user_id: int
    fields: frozenset[tuple[str, str]] = frozenset()
    regions: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    open_needs: int = 0
    most_needs: int | None = None
    keeper: bool = False
    away: bool = False
    deputy_id: int | None = None
    here: bool = True

    @property
    def full(self) -> bool:
        """Whether they have as many open needs as they can look after."""
        return self.most_needs is not None and self.open_needs >= self.most_needs


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody for a need.

    Attributes:
        user_id: who.
        points: more is better; comparable within one need alone.
        reasons: ``{"code": ..., further facts}``, weightiest first; ``labels.reason`` says them.
    """

    user_id: int
    points: int
    reasons: tuple[Mapping[str, Any], ...] = field(default=(), compare=False)


def propose(
    need: Sought, candidates: Sequence[Candidate], *, without: Collection[int] = ()
) -> list[Proposal]:
    """Return who could look after a need, best first; of equals, whoever has fewer open needs.

    ``without`` are left out: they have passed the need on. Nobody comes twice.
    """
    by_key = {each.user_id: each for each in candidates}
    best: dict[int, Proposal] = {}
    for each in candidates:
        found = _present(need, each, by_key)
        if found is None or found.user_id in without:
            continue
        known = best.get(found.user_id)
        if known is None or found.points > known.points:
            best[found.user_id] = found
    return sorted(
        best.values(),
        key=lambda one: (-one.points, by_key[one.user_id].open_needs, one.user_id),
    )


def _present(need: Sought, candidate: Candidate, known: Mapping[int, Candidate]) -> Proposal | None:
    """Return the proposal of a candidate, or of the deputy of one who is away."""
    if not candidate.away:
        left_out = candidate.full or not candidate.here
        return None if left_out else _judge(need, candidate)
    deputy = known.get(candidate.deputy_id or 0)
    if deputy is None or deputy.away or deputy.full:
        return None
    judged = _judge(need, candidate)
    reasons = ({"code": "stands_in", "for": candidate.user_id}, *judged.reasons[:-1], _load(deputy))
    return Proposal(deputy.user_id, judged.points + STANDS_IN, reasons)


def _judge(need: Sought, candidate: Candidate) -> Proposal:
    points, reasons = 0, []
    for weight, reason in _fits(need, candidate):
        points += weight
        reasons.append((weight, reason))
    reasons.sort(key=lambda pair: -pair[0])
    most = candidate.most_needs if candidate.most_needs is not None else USUAL_MOST
    room = round(ROOM * max(0.0, 1 - candidate.open_needs / max(most, 1)))
    said = (*(reason for _weight, reason in reasons), _load(candidate))
    return Proposal(candidate.user_id, points + room, said)


def _fits(need: Sought, candidate: Candidate) -> Iterator[tuple[int, dict[str, Any]]]:
    if candidate.keeper:
        yield KEEPER, {"code": "keeper"}
    field_found = max(_fields(need, candidate), key=lambda pair: pair[0], default=None)
    if field_found is not None:
        yield field_found
    if need.language in candidate.languages:
        yield LANGUAGE, {"code": "language", "language": need.language}
    region = _region(need, candidate)
    if region is not None:
        yield region


def _fields(need: Sought, candidate: Candidate) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what a candidate knows of the need's fields: itself, a wider one, a narrower one."""
    for scheme, code in sorted(need.fields):
        wanted = _lineage(scheme, code)
        for own_scheme, own in sorted(candidate.fields):
            if own_scheme != scheme:
                continue
            reason = {"code": "field", "scheme": scheme, "field": own}
            if own == code:
                yield FIELD_ITSELF, reason
            elif own in wanted:
                yield FIELD_ABOVE, reason
            elif code in _lineage(scheme, own):
                yield FIELD_BELOW, reason


def _region(need: Sought, candidate: Candidate) -> tuple[int, dict[str, Any]] | None:
    """Return what a candidate's regions are worth: the nearest around the need's counts."""
    if need.region is None:
        return None
    for steps, code in enumerate(_lineage("region", need.region)):
        if code in candidate.regions:
            weight = max(REGION_ITSELF - steps * REGION_STEP, REGION_STEP)
            return weight, {"code": "region", "region": code}
    return None


def _load(candidate: Candidate) -> dict[str, Any]:
    return {"code": "load", "open": candidate.open_needs, "most": candidate.most_needs}


def _lineage(scheme: str, code: str) -> tuple[str, ...]:
    return lineage_codes(scheme, code) if find(scheme, code) is not None else (code,)


@dataclass(frozen=True, slots=True)
class Place:
    """A place that needs may come to: its key, its region, how deep it lies in the tree."""

    station_id: int
    region: str | None
    depth: int


def nearest_place(region: str | None, places: Sequence[Place]) -> int | None:
    """Return the place whose region lies closest around ``region``; the deepest of equals.

    None where none of them serves it.
    """
    if region is None:
        return None
    lineage = _lineage("region", region)
    fitting = [each for each in places if each.region in lineage]
    if not fitting:
        return None
    return min(
        fitting,
        key=lambda each: (lineage.index(str(each.region)), -each.depth, each.station_id),
    ).station_id
