"""Pieces of SQL that several sources share: last entries of a history, credit, places, fields.

Each is true as of a moment: it looks only at rows recorded before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased

from tenon.credit.models import CreditEntry
from tenon.db import UTCDateTime
from tenon.history.models import HistoryEntry
from tenon.insight.measures.counting import Condition, Moment
from tenon.listings.models import ListingField
from tenon.network.models import StationMember
from tenon.notices import delivery

SCHEMES = ("hitech", "ipc")
"""The fields of technology that break-downs name, the first that a listing has."""


class local_day(sa.sql.expression.FunctionElement[Any]):  # noqa: N801  # named as SQL's own are
    """The day of a moment by the site's clock.

    SQLite knows no zones: there the zone's present distance from UTC is used, which is exact for
    zones without summer time.
    """

    inherit_cache = False
    type = sa.Date()


@compiles(local_day, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **words: Any) -> str:
    inner = compiler.process(element.clauses, **words)
    zone = sa.literal(delivery.current().zone.key, sa.String())
    return f"CAST(timezone({compiler.process(zone, literal_binds=True)}, {inner}) AS DATE)"


@compiles(local_day, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **words: Any) -> str:
    inner = compiler.process(element.clauses, **words)
    apart = datetime.now(UTC).astimezone(delivery.current().zone).utcoffset()
    seconds = int(apart.total_seconds()) if apart is not None else 0
    return f"date({inner}, '{seconds:+d} seconds')"


def before(column: Any, until: Moment) -> list[Condition]:
    """Return the condition that something was recorded by then; nothing where it is now."""
    return [] if until is None else [column < until]


def last_is(
    chain: str, chain_id: Any, kind: str, others: Sequence[str], until: Moment
) -> Condition:
    """Return the condition that of these kinds of entry ``kind`` was the last by then."""
    entry, later = aliased(HistoryEntry), aliased(HistoryEntry)
    newer = sa.exists().where(
        later.chain_kind == chain,
        later.chain_id == chain_id,
        later.kind.in_([kind, *others]),
        later.sequence > entry.sequence,
        *before(later.at, until),
    )
    return sa.exists().where(
        entry.chain_kind == chain,
        entry.chain_id == chain_id,
        entry.kind == kind,
        *before(entry.at, until),
        ~newer,
    )


def stood(line: Any, until: Moment) -> list[Condition]:
    """Return the conditions that a line of the ledger of credit stood at a moment."""
    later = aliased(CreditEntry)
    replaced = sa.exists().where(
        later.replaces_id == line.id,
        later.replaces_id.is_not(None),
        *before(later.at, until),
    )
    return [line.says == "credit", ~replaced, *before(line.at, until)]


def credited(kind: str, public_id: Any, act: str, until: Moment) -> Any:
    """Return who is credited with an act on a thing: the first line that stood; one person."""
    line = aliased(CreditEntry)
    return (
        sa.select(line.user_id)
        .where(
            line.thing_kind == kind,
            line.thing_id == public_id,
            line.act == act,
            *stood(line, until),
        )
        .order_by(line.sequence)
        .limit(1)
        .scalar_subquery()
    )


def credited_to(kind: str, public_id: Any, act: str, person: int, until: Moment) -> Condition:
    """Return the condition that somebody is credited with an act, be it beside others."""
    line = aliased(CreditEntry)
    found: Condition = public_id.in_(
        sa.select(line.thing_id).where(
            line.user_id == person,
            line.thing_kind == kind,
            line.act == act,
            *stood(line, until),
        )
    )
    return found


def place_of(user: Any, day: Any) -> Any:
    """Return where somebody worked on a day: the place of longest standing, one key."""
    member = aliased(StationMember)
    return (
        sa.select(member.station_id)
        .where(
            member.user_id == user,
            member.since <= day,
            sa.or_(member.until.is_(None), member.until >= day),
        )
        .order_by(member.since, member.id)
        .limit(1)
        .scalar_subquery()
    )


def field_of(listing_id: Any) -> Any:
    """Return a listing's field of technology as ``scheme:code``: its first, one only."""
    row = aliased(ListingField)
    return (
        sa.select(row.scheme + ":" + row.code)
        .where(row.listing_id == listing_id, row.scheme.in_(SCHEMES))
        .order_by(row.scheme, row.code)
        .limit(1)
        .scalar_subquery()
    )


def moment(column: Any) -> Any:
    """Return an expression that comes back as an aware moment."""
    return sa.type_coerce(column, UTCDateTime())
