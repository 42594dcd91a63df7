"""The figures of the public page: as of the end of a day, each cell safe to publish.

A dozen statements; whoever shows them keeps them for the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import VISITOR
from tenon.figures import queries as contract_figures
from tenon.figures.models import ContractRecord
from tenon.insight import measures
from tenon.insight.home import home_region
from tenon.insight.measures import Scope, Value
from tenon.insight.measures.rolling import roll_up
from tenon.insight.measures.shared import field_of
from tenon.insight.models import Target
from tenon.insight.public.cells import Cell, Heap, publish, total
from tenon.insight.targets.progress import Progress, progress_of_many
from tenon.insight.targets.queries import Wanted, targets
from tenon.listings.models import Listing
from tenon.listings.queries.visibility import visible_to
from tenon.taxonomy.queries import label

MOST_TARGETS = 30
Heaps = dict[str | None, Heap]


@dataclass(frozen=True, slots=True)
class Table:
    """A published table: its cells and their total."""

    cells: Sequence[Cell]
    whole: Cell


@dataclass(frozen=True, slots=True)
class Goal:
    """A public target and how far it is, in the measure's own parts (hundredths of a percent).

    Attributes:
        measure: code.
        unit: ``count``, ``percent``, ``days`` or ``money:`` with a currency.
        value, reached: what is to be reached, and what is.
        first, last: its period.
        whose_zh, whose_en: the part of the site that it is of; empty for the whole.
    """

    measure: str
    unit: str
    value: Decimal
    reached: Decimal
    first: date
    last: date
    whose_zh: str
    whose_en: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that the public page shows.

    Attributes:
        day: what was known by its end counts; listings are those public when it was computed.
        home: the province by whose cities regions are told apart.
        listings: ``need.region``, ``need.field``, ``achievement.region``, ``achievement.field``.
        contracts: those signed this year, by kind of contract.
        local: share that stayed in the province, by count in percent; None where there are none,
            or too few houses.
        local_of: of how many contracts.
        events: how many were held this year.
        targets: those that are marked as public, with how far they are.
    """

    day: date
    home: str | None
    listings: Mapping[str, Table]
    contracts: Table
    local: Decimal | None
    local_of: int | None
    events: int
    targets: Sequence[Goal]

    @property
    def first(self) -> date:
        """The first day of the year that the flows are of."""
        return date(self.day.year, 1, 1)


def statistics(session: Session, *, day: date, now: datetime) -> Statistics:
    """Return the figures as of the end of ``day``; listings as they are public ``now``."""
    home = home_region(session)
    scope = Scope(first=date(day.year, 1, 1), last=day, as_of=day)
    contracts, local, number = _contracts(session, scope)
    found, _count = targets(session, Wanted(), by=VISITOR, today=day, offset=0, limit=MOST_TARGETS)
    shown = [each for each in found if each.public and each.scope != "broker"]
    return Statistics(
        day=day,
        home=home,
        listings=_listings(session, home, now),
        contracts=contracts,
        local=local,
        local_of=number,
        events=measures.get("events_held").count(session, scope).number,
        targets=[_goal(each) for each in progress_of_many(session, shown, day=day, past=True)],
    )


def _goal(found: Progress) -> Goal:
    target, unit = found.target, found.measure.unit
    parts = 100 if unit == "percent" else 1
    return Goal(
        target.measure,
        f"money:{target.currency}" if unit == "money" else unit,
        Decimal(found.value) / parts,
        Decimal(found.reached) / parts,
        target.first,
        target.last,
        _whose(target, "zh"),
        _whose(target, "en"),
    )


def _whose(target: Target, language: str) -> str:
    """Return the name of the part of the site that a target is of; no person is named."""
    if target.region is not None:
        return label("region", target.region, language)
    if target.field_code is not None:
        return label(str(target.field_scheme), target.field_code, language)
    named = target.station or target.organisation
    return "" if named is None else named.name(language)


def _table(heaps: Heaps) -> Table:
    cells = publish(heaps)
    return Table(cells, total(heaps, cells))


def _listings(session: Session, home: str | None, now: datetime) -> dict[str, Table]:
    region = sa.func.coalesce(Listing.region, Organisation.region)
    found: dict[str, Table] = {}
    for dimension, column in (("region", region), ("field", field_of(Listing.id))):
        code = column.label("code")
        rows = session.execute(
            sa.select(Listing.side, code, Listing.organisation_id, sa.func.count())
            .join(Organisation, Organisation.id == Listing.organisation_id)
            .where(visible_to(VISITOR, now=now))
            .group_by(Listing.side, code, Listing.organisation_id)
        ).all()
        keys = _rolled([row[1] for row in rows], dimension, home)
        for side in ("need", "achievement"):
            heaps: Heaps = {}
            for one, said, house, number in rows:
                if one == side:
                    heaps.setdefault(keys[said], Heap.of(1)).add(number, [house])
            found[f"{side}.{dimension}"] = _table(heaps)
    return found


def _rolled(
    codes: Sequence[str | None], dimension: str, home: str | None
) -> dict[str | None, str | None]:
    """Return code -> the city at home, the province elsewhere, the highest field."""
    anywhere = Scope(first=date.min, last=date.max)
    at_home = Scope(first=date.min, last=date.max, region=home)
    found: dict[str | None, str | None] = {}
    for code in dict.fromkeys(codes):
        own = home is not None and code is not None and code[:2] == home[:2]
        scope = at_home if dimension == "region" and own else anywhere
        found[code] = roll_up({code: Value(1)}, dimension, scope, nothing=Value())[0].key
    return found


def _contracts(session: Session, scope: Scope) -> tuple[Table, Decimal | None, int | None]:
    """Return contracts by kind, and the local share where enough houses are behind it."""
    known = contract_figures.Scope(as_of=scope.as_of, first=scope.first, last=scope.last)
    rows = session.execute(
        sa.select(
            ContractRecord.contract,
            ContractRecord.currency,
            ContractRecord.value_minor,
            ContractRecord.seller_id,
            ContractRecord.buyer_id,
            ContractRecord.seller_province,
            ContractRecord.buyer_province,
        ).where(*contract_figures.conditions(known))
    ).all()
    heaps: Heaps = {}
    inside = Heap.of(2)
    near = 0
    for row in rows:
        houses = (row.seller_id, row.buyer_id)
        sums = {row.currency: row.value_minor}
        heaps.setdefault(row.contract, Heap.of(2)).add(1, houses, sums)
        if row.seller_province is not None:
            inside.add(1, houses)
            near += row.seller_province == row.buyer_province
    if not inside.number or inside.small:
        return _table(heaps), None, None
    return _table(heaps), Decimal(near * 100) / inside.number, inside.number
