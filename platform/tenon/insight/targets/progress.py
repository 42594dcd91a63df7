"""How far a target is on a day: its figure, what is expected, what is to be expected.

The figure counts what was recorded by the end of the day; the target is the version of that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.insight import measures
from tenon.insight.measures import Measure, Scope, Step, Value
from tenon.insight.measures.counting import end_of
from tenon.insight.models import Target, TargetVersion
from tenon.insight.targets.forecasting import (
    Forecast,
    Verdict,
    WorkCalendar,
    complete_weeks,
    expected_by_season,
    expected_linear,
    forecast,
    verdict,
)
from tenon.network.models import CalendarDay, StationAncestor


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A target on a day, in the measure's own parts (number, minor units, hundredths of percent).

    Attributes:
        target: the row.
        day: as of its end.
        scope: what the figure counts.
        value: what was to be reached, as the target said that day.
        figure: as measured.
        reached: the figure in parts comparable to ``value``.
        expected: what should be there by now, by the working days passed.
        expected_by_season: the same by last year's shape; None without such a year.
        forecast: where the period will end; None where it is too early, or the figure is a share
            or a head-count, which no pace says anything of.
        verdict: in a word, by the working days passed.
        passed, whole: working days gone, and of the period.
        steps: the figure by week, for measures that add up.
    """

    target: Target
    day: date
    scope: Scope
    value: int
    figure: Value
    reached: int
    expected: int | None = None
    expected_by_season: int | None = None
    forecast: Forecast | None = None
    verdict: Verdict
    passed: int
    whole: int
    steps: Sequence[Step] = ()

    @property
    def measure(self) -> Measure:
        """What is measured."""
        return measures.get(self.target.measure)

    @property
    def share(self) -> float:
        """How much of the target is reached: 0 to 1, for a bar."""
        return min(1.0, max(0.0, self.reached / self.value))

    @property
    def expected_share(self) -> float | None:
        """Where on the bar one should be by now."""
        return None if self.expected is None else min(1.0, self.expected / self.value)


def scope_of(session: Session, target: Target, *, day: date | None) -> Scope:
    """Return what a target measures, as of a day."""
    stations = None
    if target.station_id is not None:
        row = StationAncestor
        below = sa.select(row.station_id).where(row.ancestor_id == target.station_id)
        stations = frozenset(session.scalars(below))
    return _scope(target, stations, day)


def _scope(target: Target, stations: frozenset[int] | None, day: date | None) -> Scope:
    field = None if target.field_code is None else (str(target.field_scheme), target.field_code)
    return Scope(
        first=target.first,
        last=target.last,
        as_of=day,
        region=target.region,
        organisation_id=target.organisation_id,
        station_ids=stations,
        broker_id=target.broker_id,
        field=field,
    )


def comparable(measure: Measure, figure: Value, currency: str | None) -> int:
    """Return a figure in the parts that a target is set in."""
    if measure.unit == "money":
        return figure.sums.get(currency or "", 0)
    if measure.unit == "percent":
        sums = figure.whole_sums
        named = currency or max(sums, key=lambda each: sums[each], default="")
        share = figure.percent_of(named) if sums else figure.percent
        return 0 if share is None else int(share * 100)
    return figure.number


def calendar_of(session: Session, first: date, last: date) -> WorkCalendar:
    """Return the working days of a span, in one statement."""
    rows = session.execute(
        sa.select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.day.between(first, last))
    )
    return WorkCalendar({row.day: row.kind for row in rows})


def values_on(session: Session, targets: Sequence[Target], day: date) -> Mapping[int, int]:
    """Return target -> the value it had at the end of a day; those not yet set are left out."""
    row, later = TargetVersion, sa.orm.aliased(TargetVersion)
    newer = sa.exists().where(
        later.target_id == row.target_id, later.number > row.number, later.at < end_of(day)
    )
    rows = session.execute(
        sa.select(row.target_id, row.value).where(
            row.target_id.in_([each.id for each in targets]), row.at < end_of(day), ~newer
        )
    )
    return {row.target_id: row.value for row in rows}


def progress(session: Session, target: Target, *, day: date, past: bool = False) -> Progress:
    """Return how far one target is at the end of a day, with series, season and forecast.

    ``past``: as it was known then; False takes the figure as known now up to that day. Raises
    NotFound where there was no such target yet.
    """
    value = values_on(session, [target], day).get(target.id, target.value)
    scope = scope_of(session, target, day=day if past else None)
    found = _paced(session, target, scope, value, day)
    if not found.measure.adds or day < target.first:
        return found
    season = _season(session, target, found.measure, scope, value, day)
    return replace(found, expected_by_season=season)


def pace(
    session: Session, target: Target, stations: frozenset[int] | None, *, day: date
) -> Progress:
    """Return how far a target was at the end of a day as known then, without last year's shape.

    ``target`` is taken as it is, of a session or not; ``stations`` are the keys of its place and
    those below, None for a target of no place.
    """
    return _paced(session, target, _scope(target, stations, day), target.value, day)


def _paced(session: Session, target: Target, scope: Scope, value: int, day: date) -> Progress:
    measure = measures.get(target.measure)
    calendar = calendar_of(session, target.first, target.last)
    if not measure.adds:
        return _standing(session, target, measure, scope, value, calendar, day)
    steps = measure.series(session, scope, "week")
    figure = Value()
    for each in steps:
        figure = measures.plus(figure, each.value)
    reached = comparable(measure, figure, target.currency)
    passed, whole = _days(target, calendar, day)
    weeks = complete_weeks(
        ((e.first, e.last, comparable(measure, e.value, target.currency)) for e in steps),
        calendar,
        day + timedelta(days=1),
    )
    begun, over = day >= target.first, day >= target.last
    linear = expected_linear(value, passed, whole)
    coming = forecast(weeks, so_far=reached, passed=passed, left=whole - passed) if begun else None
    return Progress(
        target=target,
        day=day,
        scope=scope,
        value=value,
        figure=figure,
        reached=reached,
        expected=linear,
        forecast=coming,
        verdict=verdict(target=value, reached=reached, expected=linear, begun=begun, over=over),
        passed=passed,
        whole=whole,
        steps=steps,
    )


def _days(target: Target, calendar: WorkCalendar, day: date) -> tuple[int, int]:
    whole = calendar.count(target.first, target.last)
    return calendar.count(target.first, min(day, target.last)), whole


def _standing(
    session: Session,
    target: Target,
    measure: Measure,
    scope: Scope,
    value: int,
    calendar: WorkCalendar,
    day: date,
) -> Progress:
    """Return how a share or a head-count stands: nothing is expected of it before the end."""
    scope = scope.between(scope.first, max(scope.first, min(scope.last, day)))
    figure = measure.count(session, scope)
    reached = comparable(measure, figure, target.currency)
    passed, whole = _days(target, calendar, day)
    word = verdict(
        target=value,
        reached=reached,
        expected=value,
        begun=day >= target.first,
        over=day >= target.last,
    )
    return Progress(
        target=target,
        day=day,
        scope=scope,
        value=value,
        figure=figure,
        reached=reached,
        verdict=word,
        passed=passed,
        whole=whole,
    )


def _season(
    session: Session, target: Target, measure: Measure, scope: Scope, value: int, day: date
) -> int | None:
    """Return what should be there by last year's shape: by the same day of the year before."""
    first, last = _year_before(target.first), _year_before(target.last)
    whole = measure.series(session, scope.between(first, last), "week")
    if not whole:
        return None
    until = _year_before(min(day, target.last))
    amounts = [
        (each.first, each.last, comparable(measure, each.value, target.currency)) for each in whole
    ]
    by_then = 0.0
    for begins, ends, amount in amounts:
        length = (ends - begins).days + 1
        gone = min(max((until - begins).days + 1, 0), length)
        by_then += amount * gone / length
    return expected_by_season(
        value,
        round(by_then),
        sum(amount for _, _, amount in amounts),
        things=sum(each.value.number for each in whole),
    )


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def progress_of_many(
    session: Session, targets: Sequence[Target], *, day: date, past: bool = False
) -> list[Progress]:
    """Return how far targets are, without series and forecast: few statements for a page of them.

    Targets of places share one statement for each measure and period.
    """
    if not targets:
        return []
    first, last = min(t.first for t in targets), max(t.last for t in targets)
    calendar = calendar_of(session, first, last)
    values = values_on(session, targets, day)
    below = places_below(session, [t.station_id for t in targets if t.station_id is not None])
    shared: dict[tuple[str, date, date], Mapping[str | None, Value]] = {}
    return [
        _short(session, each, day, past, calendar, values.get(each.id, each.value), below, shared)
        for each in targets
    ]


def places_below(session: Session, keys: Sequence[int]) -> Mapping[int, frozenset[int]]:
    """Return place -> its key and those of all places below it."""
    row = StationAncestor
    found: dict[int, set[int]] = {}
    if keys:
        wanted = sa.select(row.ancestor_id, row.station_id).where(row.ancestor_id.in_(set(keys)))
        for above, key in session.execute(wanted):
            found.setdefault(above, set()).add(key)
    return {above: frozenset(inside) for above, inside in found.items()}


def _short(
    session: Session,
    target: Target,
    day: date,
    past: bool,  # noqa: FBT001  # only ever called above
    calendar: WorkCalendar,
    value: int,
    below: Mapping[int, frozenset[int]],
    shared: dict[tuple[str, date, date], Mapping[str | None, Value]],
) -> Progress:
    measure = measures.get(target.measure)
    stations = None if target.station_id is None else below.get(target.station_id, frozenset())
    scope = _scope(target, stations, day if past else None)
    if not measure.adds:
        scope = scope.between(scope.first, max(scope.first, min(scope.last, day)))
    if stations is not None and measure.adds:
        figure = _of_places(session, measure, scope, stations, shared)
    else:
        figure = measure.count(session, scope)
    reached = comparable(measure, figure, target.currency)
    passed, whole = _days(target, calendar, day)
    linear = expected_linear(value, passed, whole) if measure.adds else value
    return Progress(
        target=target,
        day=day,
        scope=scope,
        value=value,
        figure=figure,
        reached=reached,
        expected=linear if measure.adds else None,
        verdict=verdict(
            target=value,
            reached=reached,
            expected=linear,
            begun=day >= target.first,
            over=day >= target.last,
        ),
        passed=passed,
        whole=whole,
    )


def _of_places(
    session: Session,
    measure: Measure,
    scope: Scope,
    stations: frozenset[int],
    shared: dict[tuple[str, date, date], Mapping[str | None, Value]],
) -> Value:
    key = (measure.code, scope.first, scope.last)
    if key not in shared:
        parts = measure.by(session, replace(scope, station_ids=None), "station")
        shared[key] = {part.key: part.value for part in parts}
    figure = Value()
    for station in sorted(stations):
        figure = measures.plus(figure, shared[key].get(str(station), Value()))
    return figure
