"""Why a wish was not met, and which change would meet it; who has no meeting, and why.

Pure but for the optimiser's own explanation, which it asks for one wish at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenon.events.timetables import mapping, solving, valuing
from tenon.events.timetables.picture import Picture, Placed, pair_of
from tenon.timetable import Change, Problem, Timetable, Wish, worth_of


@dataclass(frozen=True, slots=True)
class Unmet:
    """A wish that is not in a timetable.

    Attributes:
        pair: the two.
        value: what their meeting would be worth; 0 where they may not meet.
        reason: a code of ``labels.REASONS``.
        changes: each of which alone would make room for it.
    """

    pair: tuple[int, int]
    value: int
    reason: str
    changes: tuple[Change, ...] = ()


def unmet_pairs(picture: Picture, placed: Sequence[Placed]) -> list[tuple[int, int]]:
    """Return the pairs that somebody asked for and that do not meet, the most valuable first."""
    met = {one.pair for one in placed}
    asked = {
        pair_of(one.from_id, one.to_id)
        for one in picture.asked
        if one.kind in valuing.ASKS
        and one.from_id in picture.people
        and one.to_id in picture.people
    }
    asked |= {pair_of(one.a, one.b) for one in picture.ruled if one.rule == "add"}

    def order(pair: tuple[int, int]) -> tuple[bool, int, tuple[int, int]]:
        refused = valuing.refusal(picture, *pair) is not None
        return refused, -valuing.worth(picture, *pair), pair

    return sorted(asked - met, key=order)


def unmet(
    picture: Picture,
    placed: Sequence[Placed],
    pairs: Sequence[tuple[int, int]],
    *,
    explain: bool = True,
) -> list[Unmet]:
    """Return why each of some pairs does not meet.

    Without ``explain`` only what keeps two apart is said; for the others the reason is empty.
    """
    if not explain:
        return [
            Unmet(pair, valuing.worth(picture, *pair) if not said else 0, said or "")
            for pair in pairs
            for said in [valuing.refusal(picture, *pair)]
        ]
    fixed = [one for one in placed if one.slot in picture.begun or one.pinned]
    problem = mapping.problem_of(picture, fixed).problem
    meetings = mapping.meetings_of(picture, placed)
    timetable = Timetable(meetings, worth_of(problem, meetings))
    wishes = {pair_of(one.a, one.b): one for one in problem.wishes}
    found = []
    for pair in pairs:
        refused = valuing.refusal(picture, *pair)
        if refused is not None or pair not in wishes:
            found.append(Unmet(pair, 0, refused or "unknown"))
            continue
        found.append(_explained(problem, timetable, wishes[pair]))
    return found


def _explained(problem: Problem, timetable: Timetable, wish: Wish) -> Unmet:
    reason, changes = solving.explained(problem, timetable, wish)
    return Unmet(pair_of(wish.a, wish.b), wish.value, reason, changes)


def why_none(picture: Picture, person: int) -> str:
    """Return why somebody has no meeting: ``never_asked``, ``all_refused`` or ``unmet``."""
    asked = [pair for pair in picture.asked_of if person in pair and _asks(picture, pair)]
    asked += [
        pair for pair, rule in picture.ruled_of.items() if person in pair and rule.rule == "add"
    ]
    if not asked:
        return "never_asked"
    if all(valuing.refusal(picture, *pair) is not None for pair in asked):
        return "all_refused"
    return "unmet"


def _asks(picture: Picture, pair: tuple[int, int]) -> bool:
    return any(one.kind in valuing.ASKS for one in picture.asked_of[pair])
