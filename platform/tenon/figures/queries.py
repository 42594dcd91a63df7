"""Sums over contracts as they were known on a day, and the contracts behind each sum.

Amounts of different currencies are never added: every sum stands under its currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.accounts.models import Organisation
from tenon.deals.models import Deal
from tenon.figures.models import ContractRecord
from tenon.notices import delivery

DIMENSIONS = ("contract", "year", "form", "region", "institution", "field")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which contracts count.

    Attributes:
        as_of: as known at the end of this day; None: as known now.
        first, last: days of signing, inclusive.
        registered: only registered ones, with their registered values.
        organisation_id: only where this organisation is a side.
        seller_id: only where it is the seller.
        only: dimension -> value, as a figure's link carries them.
    """

    as_of: date | None = None
    first: date | None = None
    last: date | None = None
    registered: bool = False
    organisation_id: int | None = None
    seller_id: int | None = None
    only: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table of figures.

    Attributes:
        value: of the dimension; None where it is not known.
        currency: of the sums.
        count, value_minor, technology_minor: all contracts; the technology value of those that
            state one.
        registered_count, registered_minor, registered_technology_minor: of registered ones.
    """

    value: Any
    currency: str
    count: int
    value_minor: int
    technology_minor: int
    registered_count: int
    registered_minor: int
    registered_technology_minor: int


def _year() -> sa.ColumnElement[Any]:
    return sa.extract("year", ContractRecord.signed_on)


def _column(dimension: str) -> sa.ColumnElement[Any]:
    columns: dict[str, Any] = {
        "contract": ContractRecord.contract,
        "year": _year(),
        "form": ContractRecord.form,
        "region": ContractRecord.seller_region,
        "institution": ContractRecord.seller_id,
        "field": ContractRecord.field_scheme + ":" + ContractRecord.field_code,
    }
    found: sa.ColumnElement[Any] = columns[dimension]
    return found


def end_of(day: date) -> datetime:
    """Return the first moment after a day by the site's clock."""
    zone = delivery.current().zone
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)


def _known(scope: Scope) -> sa.Select[int]:
    """Select the keys of the rows that hold: of each deal the last one up to the day."""
    later = aliased(ContractRecord)
    until = None if scope.as_of is None else end_of(scope.as_of)
    newer = sa.and_(
        later.deal_id == ContractRecord.deal_id, later.sequence > ContractRecord.sequence
    )
    if until is not None:
        newer = sa.and_(newer, later.recorded_at < until)
    chosen = sa.select(ContractRecord.id).where(~sa.exists().where(newer))
    return chosen if until is None else chosen.where(ContractRecord.recorded_at < until)


def conditions(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """Return what a contract's row must fulfil."""
    found: list[sa.ColumnElement[bool]] = [ContractRecord.id.in_(_known(scope))]
    if scope.first is not None:
        found.append(ContractRecord.signed_on >= scope.first)
    if scope.last is not None:
        found.append(ContractRecord.signed_on <= scope.last)
    if scope.registered:
        found.append(ContractRecord.registered_on.is_not(None))
    if scope.organisation_id is not None:
        own = scope.organisation_id
        found.append(sa.or_(ContractRecord.seller_id == own, ContractRecord.buyer_id == own))
    if scope.seller_id is not None:
        found.append(ContractRecord.seller_id == scope.seller_id)
    for dimension, value in (scope.only or {}).items():
        column = _column(dimension)
        if value == "":
            found.append(column.is_(None))
        else:
            number = dimension in ("year", "institution")
            found.append(column == (int(value) if number else value))
    return found


def figures(session: Session, scope: Scope, *, by: str) -> list[Figure]:
    """Return the sums by one dimension (of DIMENSIONS) and currency.

    The largest value comes first; years come in their order.
    """
    dimension = _column(by)
    registered = ContractRecord.registered_on.is_not(None)
    value = sa.case((registered, ContractRecord.registered_value_minor), else_=0)
    technology = sa.func.coalesce(ContractRecord.technology_minor, 0)
    counted = sa.case((registered, technology), else_=0)
    total = sa.func.sum(ContractRecord.value_minor)
    rows = session.execute(
        sa.select(
            dimension,
            ContractRecord.currency,
            sa.func.count(),
            total,
            sa.func.sum(technology),
            sa.func.sum(sa.case((registered, 1), else_=0)),
            sa.func.sum(value),
            sa.func.sum(counted),
        )
        .where(*conditions(scope))
        .group_by(dimension, ContractRecord.currency)
        .order_by(*([dimension] if by == "year" else [total.desc(), dimension]))
    )
    return [
        Figure(int(row[0]) if by == "year" else row[0], row[1], *(int(each) for each in row[2:]))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Local:
    """The local conversion rate (就地转化率) of results sold from one province.

    Attributes:
        local, all: how many went to a buyer of the same province, and how many in all.
        local_minor, all_minor: their values by currency.
    """

    local: int
    all: int
    local_minor: Mapping[str, int]
    all_minor: Mapping[str, int]

    @property
    def by_count(self) -> Decimal | None:
        """Share of contracts, in percent; None where there are none."""
        return None if not self.all else Decimal(self.local * 100) / self.all

    def by_value(self, currency: str) -> Decimal | None:
        """Share of their value in one currency, in percent; None where that is nothing."""
        whole = self.all_minor.get(currency, 0)
        return None if not whole else Decimal(self.local_minor.get(currency, 0) * 100) / whole


def local_conversion(session: Session, scope: Scope, *, province: str | None = None) -> Local:
    """Return how many contracts, and how much of their value, stayed in the seller's province."""
    where = [*conditions(scope), ContractRecord.seller_province.is_not(None)]
    if province is not None:
        where.append(ContractRecord.seller_province == province)
    near = ContractRecord.seller_province == ContractRecord.buyer_province
    rows = session.execute(
        sa.select(
            ContractRecord.currency,
            sa.func.count(),
            sa.func.sum(sa.case((near, 1), else_=0)),
            sa.func.sum(ContractRecord.value_minor),
            sa.func.sum(sa.case((near, ContractRecord.value_minor), else_=0)),
        )
        .where(*where)
        .group_by(ContractRecord.currency)
    ).all()
    return Local(
        sum(int(row[2]) for row in rows),
        sum(int(row[1]) for row in rows),
        {row[0]: int(row[4]) for row in rows},
        {row[0]: int(row[3]) for row in rows},
    )


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract behind a figure, with its deal and both sides."""

    record: ContractRecord
    deal: Deal
    seller: Organisation
    buyer: Organisation


def contracts(
    session: Session, scope: Scope, *, limit: int | None = None, offset: int = 0
) -> Sequence[Contract]:
    """Return the contracts of a scope, the latest signed first."""
    seller, buyer = aliased(Organisation), aliased(Organisation)
    rows = session.execute(
        sa.select(ContractRecord, Deal, seller, buyer)
        .join(Deal, Deal.id == ContractRecord.deal_id)
        .join(seller, seller.id == ContractRecord.seller_id)
        .join(buyer, buyer.id == ContractRecord.buyer_id)
        .where(*conditions(scope))
        .order_by(ContractRecord.signed_on.desc(), ContractRecord.deal_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Contract(*row) for row in rows]


def count(session: Session, scope: Scope) -> int:
    """Return how many contracts a scope holds."""
    statement = sa.select(sa.func.count()).select_from(ContractRecord).where(*conditions(scope))
    return session.scalar(statement) or 0
