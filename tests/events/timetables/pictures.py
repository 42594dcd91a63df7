"""Pictures of small events for tests of pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tenon.events.timetables.picture import Asked, Person, Picture, Place, Span

START = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
RESEARCHERS, COMPANIES = 1, 2


def spans(number: int = 4, *, every: int = 25, minutes: int = 20) -> tuple[Span, ...]:
    """Slots one after another; their ids begin at 100."""
    return tuple(
        Span(
            100 + place,
            START + timedelta(minutes=every * place),
            START + timedelta(minutes=every * place + minutes),
            0,
        )
        for place in range(number)
    )


def people(researchers: int = 2, companies: int = 2, **columns: Any) -> dict[int, Person]:
    """Researchers 1, 2 ... and companies 11, 12 ...; nobody of one house."""
    found = [Person(key, RESEARCHERS, **columns) for key in range(1, researchers + 1)]
    found += [Person(key, COMPANIES, **columns) for key in range(11, 11 + companies)]
    return {one.id: one for one in found}


def picture(
    asked: Iterable[tuple[int, int, str] | Asked] = (),
    *,
    those: Mapping[int, Person] | None = None,
    slots: int = 4,
    tables: int = 2,
    **columns: Any,
) -> Picture:
    """An event where researchers and companies may meet."""
    values: dict[str, Any] = {
        "slots": spans(slots),
        "tables": tuple(Place(key, 7) for key in range(21, 21 + tables)),
        "people": people() if those is None else those,
        "may": frozenset({(RESEARCHERS, COMPANIES)}),
        "asked": tuple(one if isinstance(one, Asked) else Asked(*one) for one in asked),
    } | columns
    return Picture(**values)
