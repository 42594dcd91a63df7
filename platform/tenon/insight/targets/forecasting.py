"""How far one should be by now, and where the period will end: arithmetic, no database.

Expected by now: the target times the share of the period's working days that have passed; where a
year before is known, times the share that had come by the same day of that year. Forecast: what
there is, plus the pace so far times the working days left; its range draws whole past weeks at
random, with replacement, for the weeks left (bootstrap), and leaves out the outer tenths.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LEAST_WEEKS = 6
"""Complete weeks of the period that must have passed before anything is forecast."""

LEAST_BEFORE = 12
"""How many things last year must have brought before its shape says anything."""

DRAWS = 1000
_SEED = 20_260_101  # the same figures give the same range on every page
_SATURDAY = 5
_WEEK = 5
TOLERANCE = 20  # one part in so many of what is expected: 5 percent


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked: weekdays, but for the special days known."""

    special: Mapping[date, str]

    def count(self, first: date, last: date) -> int:
        """Return how many days from ``first`` to ``last``, both included, are worked."""
        length = (last - first).days + 1
        if length <= 0:
            return 0
        weeks, rest = divmod(length, 7)
        worked = weeks * _WEEK
        worked += sum(
            (first + timedelta(days=7 * weeks + each)).weekday() < _SATURDAY for each in range(rest)
        )
        for day, kind in self.special.items():
            if first <= day <= last:
                worked += (kind == "working") - (day.weekday() < _SATURDAY)
        return worked


@dataclass(frozen=True, slots=True)
class Week:
    """What one complete week brought, and how many of its days were worked."""

    amount: int
    worked: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the period may end with: at the pace so far, and between the outer tenths."""

    low: int
    middle: int
    high: int


def expected_linear(target: int, passed: int, whole: int) -> int:
    """Return what should be there after ``passed`` of ``whole`` working days, rounded."""
    return round(target * passed / whole) if whole else 0


def expected_by_season(
    target: int, before_by_now: int, before_whole: int, *, things: int
) -> int | None:
    """Return what should be there if this year goes as the one before; None without one.

    ``things`` is how many things the year before is made of, be they contracts behind a sum.
    """
    if things < LEAST_BEFORE or before_whole <= 0:
        return None
    return round(target * before_by_now / before_whole)


def forecast(
    weeks: Sequence[Week], *, so_far: int, passed: int, left: int, draws: int = DRAWS
) -> Forecast | None:
    """Return what the period may end with; None where it is too early to say.

    Args:
        weeks: the complete weeks so far; those without a working day are left out.
        so_far: what there is.
        passed: working days gone.
        left: working days to come.
        draws: how many ends are drawn.
    """
    worked = [week for week in weeks if week.worked]
    if left <= 0:
        return Forecast(so_far, so_far, so_far)
    if len(worked) < LEAST_WEEKS or passed <= 0:
        return None
    middle = so_far + round(so_far * left / passed)
    rates = [week.amount / week.worked for week in worked]
    whole, rest = divmod(left, _WEEK)
    chance = random.Random(_SEED)  # noqa: S311  # statistics, no secret
    ends = []
    for _ in range(draws):
        drawn = chance.choices(rates, k=whole + 1)
        ends.append(so_far + _WEEK * sum(drawn[:whole]) + rest * drawn[whole])
    ends.sort()
    low, high = ends[draws // 10], ends[-1 - draws // 10]
    return Forecast(min(round(low), middle), middle, max(round(high), middle))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a target stands, in a word: code, and by how much it is off.

    ``code`` is ``not_begun``, ``reached``, ``ahead``, ``on_course``, ``behind`` or ``missed``.
    """

    code: str
    by: int = 0


def verdict(*, target: int, reached: int, expected: int, begun: bool, over: bool) -> Verdict:
    """Return how a target stands; five percent either way is on course."""
    if reached >= target:
        return Verdict("reached", reached - target)
    if not begun:
        return Verdict("not_begun")
    if over:
        return Verdict("missed", target - reached)
    off = reached - expected
    if abs(off) * TOLERANCE <= expected:
        return Verdict("on_course", off)
    return Verdict("ahead", off) if off > 0 else Verdict("behind", -off)


def complete_weeks(
    weeks: Iterable[tuple[date, date, int]], calendar: WorkCalendar, today: date
) -> list[Week]:
    """Return those weeks (first day, last day, amount) that are whole and over, in order."""
    return [
        Week(amount, calendar.count(first, last))
        for first, last, amount in weeks
        if (last - first).days == 6 and last < today  # a week
    ]
