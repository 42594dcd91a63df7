"""Needs and achievements: brought in, published, answered, done.

A listing counts at the first such step of its history, whatever became of it since; those moments
are laid flat in its row. Region, field and place are the listing's own as they stand; the person
is whom the ledger of credit names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tenon.accounts.models import Organisation
from tenon.deals.models import DealListing
from tenon.figures.models import ContractRecord
from tenon.history.models import HistoryEntry
from tenon.insight.measures.counting import Condition, Counting, Moment, Source
from tenon.insight.measures.measure import Measure, register
from tenon.insight.measures.shared import (
    before,
    credited,
    credited_to,
    field_of,
    local_day,
    moment,
)
from tenon.listings.models import Listing
from tenon.routing.models import NeedCase, NeedCaseMove


def columns(*, person: str | None) -> Mapping[str, Callable[[Moment], Any]]:
    """Return what tells listings apart; ``person`` is the act that the ledger is asked for."""
    found: dict[str, Callable[[Moment], Any]] = {
        "region": lambda _: sa.func.coalesce(Listing.region, Organisation.region),
        "field": lambda _: field_of(Listing.id),
        "institution": lambda _: Listing.organisation_id,
        "station": lambda _: Listing.station_id,
    }
    if person is not None:
        found["broker"] = lambda until: credited("listing", Listing.public_id, person, until)
    return found


def _with_houses(start: Any, used: frozenset[str]) -> Any:
    """Join the houses where regions are asked for: a listing may lie where its house does."""
    if "region" not in used:
        return start
    return start.join(Organisation, Organisation.id == Listing.organisation_id)


def _first(side: str, at: Any, *, person: str) -> Source:
    return Source(
        kind="listing",
        start=lambda used: _with_houses(sa.inspect(Listing).local_table, used),
        key=Listing.id,
        at=at,
        where=lambda _: [Listing.side == side],
        columns=columns(person=person),
        within={
            "broker": lambda who, until: credited_to(
                "listing", Listing.public_id, person, who, until
            )
        },
    )


def done_by(until: Moment) -> sa.Select[Any]:
    """Select the listings that were concluded, or are of a signed deal, and when, as (id, at)."""
    entry, record = aliased(HistoryEntry), aliased(ContractRecord)
    concluded = (
        sa.select(Listing.id.label("listing_id"), entry.at.label("at"))
        .join(entry, sa.and_(entry.chain_kind == "listing", entry.chain_id == Listing.public_id))
        .where(entry.kind == "conclude", *before(entry.at, until))
    )
    signed = (
        sa.select(DealListing.listing_id, record.recorded_at)
        .join(record, record.deal_id == DealListing.deal_id)
        .where(record.sequence == 1, *before(record.recorded_at, until))
    )
    return sa.union_all(concluded, signed)  # type: ignore[return-value]  # both are selectable


def _done() -> Source:
    either = done_by(None).subquery("either_end")
    first = (
        sa.select(either.c.listing_id, moment(sa.func.min(either.c.at)).label("at"))
        .group_by(either.c.listing_id)
        .subquery("first_end")
    )
    return Source(
        kind="listing",
        start=lambda used: _with_houses(
            sa.join(first, Listing, Listing.id == first.c.listing_id), used
        ),
        key=Listing.id,
        at=first.c.at,
        where=lambda _: [Listing.side == "need"],
        columns=columns(person="collected"),
        within={
            "broker": lambda who, until: credited_to(
                "listing", Listing.public_id, "collected", who, until
            )
        },
    )


def _completed() -> Source:
    cohort = _first("need", Listing.first_published_at, person="collected")

    def hits(until: Moment) -> Condition:
        done = done_by(until).subquery("done")
        return Listing.id.in_(sa.select(done.c.listing_id))

    return Source(
        kind="listing",
        start=cohort.start,
        key=cohort.key,
        at=cohort.at,
        where=cohort.where,
        columns=cohort.columns,
        within=cohort.within,
        hits=hits,
    )


def _answered(*, shares: bool) -> Source:
    move, earlier = aliased(NeedCaseMove), aliased(NeedCaseMove)
    former = sa.exists().where(
        earlier.case_id == move.case_id,
        earlier.kind == "answered",
        earlier.number < move.number,
    )
    told = {**columns(person=None)}
    told["station"] = lambda _: move.to_station_id
    told["broker"] = lambda _: move.to_broker_id
    return Source(
        kind="listing",
        start=lambda used: _with_houses(
            sa.join(move, NeedCase, NeedCase.id == move.case_id).join(
                Listing, Listing.id == NeedCase.listing_id
            ),
            used,
        ),
        key=Listing.id,
        at=move.at,
        where=lambda _: [move.kind == "answered", ~former],
        columns=told,
        hits=(lambda _: local_day(move.at) <= move.due_on) if shares else None,
    )


_TABLES = ("listings", "history_entries")
_CASES = ("need_cases", "need_case_moves")

register(
    Measure(
        "needs_collected",
        "count",
        _TABLES,
        Counting(_first("need", Listing.first_handed_in_at, person="collected")),
    )
)
register(Measure("needs_answered", "count", _CASES, Counting(_answered(shares=False))))
register(
    Measure(
        "needs_answered_in_time", "percent", _CASES, Counting(_answered(shares=True)), adds=False
    )
)
register(
    Measure(
        "needs_done",
        "count",
        (*_TABLES, "deal_listings", "contract_records"),
        Counting(_done()),
    )
)
register(
    Measure(
        "needs_completion",
        "percent",
        (*_TABLES, "deal_listings", "contract_records"),
        Counting(_completed()),
        adds=False,
    )
)
register(
    Measure(
        "achievements_published",
        "count",
        _TABLES,
        Counting(_first("achievement", Listing.first_published_at, person="collected")),
    )
)
