"""What the deals that are not signed yet may come to: number and value by stage, weighted.

The likelihood of each stage is data (forecast.toml), an assumption of whoever runs the site. Sums
of different currencies stay apart.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries.board import BoardFilter, narrowing

_FILE = Path(__file__).parents[1] / "forecast.toml"


@cache
def likely() -> Mapping[str, Decimal]:
    """Return stage -> how likely its deals are to be signed, in per cent."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))["likely"]
    return {stage: Decimal(percent) for stage, percent in read.items()}


@dataclass(slots=True)
class StageForecast:
    """One stage of the forecast.

    Attributes:
        number: how many deals stand in it.
        unvalued: of these, how many have no agreed value and so add nothing to the sums.
        values: currency -> the sum of agreed contract values, minor units.
        percent: how likely they are to be signed.
    """

    stage: str
    percent: Decimal
    number: int = 0
    unvalued: int = 0
    values: dict[str, int] = field(default_factory=dict)

    @property
    def expected_number(self) -> Decimal:
        """How many are expected to be signed, to one decimal."""
        return (self.number * self.percent / 100).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def expected_values(self) -> dict[str, int]:
        """Currency -> the weighted sum, minor units, rounded half up."""
        return {
            currency: int((value * self.percent / 100).to_integral_value(ROUND_HALF_UP))
            for currency, value in self.values.items()
        }


def forecast(
    session: Session, asked: BoardFilter, *, by: Actor, now: datetime
) -> Sequence[StageForecast]:
    """Return the forecast of the filter's deals, stage by stage; one statement."""
    found = {stage: StageForecast(stage, percent) for stage, percent in likely().items()}
    rows = session.execute(
        sa.select(
            Deal.stage,
            Deal.currency,
            sa.func.count().label("number"),
            sa.func.count(Deal.value_minor).label("valued"),
            sa.func.sum(Deal.value_minor).label("value"),
        )
        .where(Deal.stage.in_(list(found)), *narrowing(asked, by=by, now=now))
        .group_by(Deal.stage, Deal.currency)
        .order_by(Deal.currency)
    )
    for stage, currency, number, valued, value in rows:
        one = found[stage]
        one.number += number
        one.unvalued += number - valued
        if valued and value is not None:
            one.values[currency] = int(value)
    return list(found.values())


def totals(rows: Sequence[StageForecast]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return currency -> agreed value and currency -> expected value, over all stages."""
    agreed: dict[str, int] = {}
    expected: dict[str, int] = {}
    for row in rows:
        for currency, value in row.values.items():
            agreed[currency] = agreed.get(currency, 0) + value
        for currency, value in row.expected_values.items():
            expected[currency] = expected.get(currency, 0) + value
    return agreed, expected
