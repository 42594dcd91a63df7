"""Paths counted: how many reached each stage, what share went on, in how many days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from tenon.insight.funnel.paths import STAGES, Path
from tenon.insight.measures import Scope, Value
from tenon.insight.measures.rolling import roll_up

DIMENSIONS = ("month", "side", "region", "field", "institution", "broker")
"""By what a funnel falls apart; ``month`` is that of entry."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a funnel.

    Attributes:
        code: of STAGES.
        number: how many listings reached it.
        passed: of those of the stage before, how many reached this one too; None at the first.
        before: how many the stage before has; None at the first.
        entered: how many came in.
        median, ninety: days from the last stage reached before, which half and 90 % of them
            took at most; None where nobody has both.
        timed: how many these days are of.
    """

    code: str
    number: int
    passed: int | None
    before: int | None
    entered: int
    median: int | None
    ninety: int | None
    timed: int

    @property
    def share(self) -> Decimal | None:
        """Of those that came in, percent."""
        return None if not self.entered else Decimal(self.number * 100) / self.entered

    @property
    def passing(self) -> Decimal | None:
        """Of those of the stage before, percent."""
        return None if not self.before else Decimal((self.passed or 0) * 100) / self.before


def stages(found: Sequence[Path]) -> list[Stage]:
    """Return the figures of each stage over these paths."""
    return [_stage(found, at) for at in range(len(STAGES))]


def _stage(found: Sequence[Path], at: int) -> Stage:
    here = [each for each in found if each.days[at] is not None]
    waits = sorted(days for each in here if (days := _waited(each.days, at)) is not None)
    passed = None if at == 0 else sum(each.days[at - 1] is not None for each in here)
    before = None if at == 0 else sum(each.days[at - 1] is not None for each in found)
    return Stage(
        STAGES[at],
        len(here),
        passed,
        before,
        len(found),
        _at_most(waits, Decimal("0.5")),
        _at_most(waits, Decimal("0.9")),
        len(waits),
    )


def _waited(days: Sequence[date | None], at: int) -> int | None:
    """Return the days since the last stage that was reached before this one, by its order."""
    here = days[at]
    former = next((day for day in reversed(days[:at]) if day is not None), None)
    if here is None or former is None:
        return None
    # A meeting may come before an introduction: it took no time then.
    return max((here - former).days, 0)


def _at_most(waits: Sequence[int], share: Decimal) -> int | None:
    """Return the smallest number of days within which at least this share lies."""
    return None if not waits else waits[ceil(share * len(waits)) - 1]


def groups(
    found: Iterable[Path], dimension: str, scope: Scope
) -> list[tuple[str | None, list[Stage]]]:
    """Return the funnel of each part: months in order, else the largest first, unknown last."""
    parts: dict[str | None, list[Path]] = {}
    known: dict[str | None, str | None] = {}
    for each in found:
        parts.setdefault(_key(each, dimension, scope, known), []).append(each)
    if dimension == "month":
        order = sorted(parts, key=str)
    else:
        order = sorted(parts, key=lambda key: (key is None, -len(parts[key]), str(key)))
    return [(key, stages(parts[key])) for key in order]


def members(
    found: Iterable[Path],
    scope: Scope,
    *,
    stage: str,
    dimension: str | None = None,
    value: str | None = None,
) -> list[Path]:
    """Return the paths behind a number: that reached ``stage``, of one part where one is named."""
    at = STAGES.index(stage)
    known: dict[str | None, str | None] = {}
    return [
        each
        for each in found
        if each.days[at] is not None
        and (dimension is None or _key(each, dimension, scope, known) == (value or None))
    ]


def _key(
    each: Path, dimension: str, scope: Scope, known: dict[str | None, str | None]
) -> str | None:
    if dimension == "month":
        return None if each.days[0] is None else f"{each.days[0]:%Y-%m}"
    if dimension in ("region", "field"):
        code: str | None = getattr(each, dimension)
        if code not in known:
            known[code] = _rolled(code, dimension, scope)
        return known[code]
    value = getattr(each, dimension)
    return None if value is None else str(value)


def _rolled(code: str | None, dimension: str, scope: Scope) -> str | None:
    one: Mapping[str | None, Value] = {code: Value(number=1)}
    return roll_up(one, dimension, scope, nothing=Value())[0].key
