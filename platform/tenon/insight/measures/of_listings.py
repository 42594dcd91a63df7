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


def _no_answer_before(move: Any) -> Condition:
    """Return the condition that a step of a need's way comes before or with its first answer."""
    earlier = aliased(NeedCaseMove)
    answered = sa.exists().where(
        earlier.case_id == move.case_id,
        earlier.kind == "answered",
        earlier.number < move.number,
    )
    return ~answered


def _answered() -> Source:
    move = aliased(NeedCaseMove)
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
        where=lambda _: [move.kind == "answered", _no_answer_before(move)],
        columns={
            **columns(person=None),
            "station": lambda _: move.to_station_id,
            "broker": lambda _: move.to_broker_id,
        },
    )


def _deadlines() -> Source:
    """Return the deadlines for a first answer, each once: kept by it, or passed.

    A step that takes a need on once its deadline is over (it rises, or a head sends it on) tells
    that the deadline passed where the need was until then. At the top it stays, and is told of
    again and again: there the first telling counts, and neither the later ones nor the late answer.
    """
    move, before, told = (aliased(NeedCaseMove) for _ in range(3))
    leaves = move.kind.in_(("escalated", "routed"))
    deadline = sa.case((leaves, before.due_on), else_=move.due_on)
    over = sa.or_(
        move.kind == "escalated",
        sa.and_(move.kind == "routed", before.due_on != move.due_on),
        sa.and_(move.kind == "reminded", local_day(move.at) > move.due_on),
    )
    told_before = sa.exists().where(
        told.case_id == move.case_id,
        told.kind == "reminded",
        told.number < move.number,
        told.due_on == deadline,
        local_day(told.at) > told.due_on,
    )
    return Source(
        kind="listing",
        start=lambda used: _with_houses(
            sa.join(
                move,
                before,
                sa.and_(before.case_id == move.case_id, before.number == move.number - 1),
            )
            .join(NeedCase, NeedCase.id == move.case_id)
            .join(Listing, Listing.id == NeedCase.listing_id),
            used,
        ),
        key=Listing.id,
        at=move.at,
        where=lambda _: [
            move.kind.in_(("answered", "escalated", "routed", "reminded")),
            sa.or_(move.kind == "answered", over),
            _no_answer_before(move),
            ~told_before,
        ],
        columns={
            **columns(person=None),
            "station": lambda _: sa.case((leaves, move.from_station_id), else_=move.to_station_id),
            "broker": lambda _: sa.case((leaves, move.from_broker_id), else_=move.to_broker_id),
        },
        hits=lambda _: sa.and_(move.kind == "answered", local_day(move.at) <= move.due_on),
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
register(Measure("needs_answered", "count", _CASES, Counting(_answered())))
register(Measure("needs_answered_in_time", "percent", _CASES, Counting(_deadlines()), adds=False))
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
