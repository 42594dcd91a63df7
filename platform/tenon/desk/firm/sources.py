"""What happened to a firm, by kind, as SQL: at, code, ref, title, text, who; newest first.

Each is what its own room lets the reader know, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import UTCDateTime
from tenon.deals.models import Deal
from tenon.deals.queries.deals import visible_to as deals_for
from tenon.desk.models import DeskNote, DeskTask
from tenon.desk.queries.sight import notes_for, owner_known_to, tasks_for
from tenon.desk.titles import title_of
from tenon.events.models import Event, EventSlot, Meeting, Registration
from tenon.events.queries import run_by
from tenon.history.models import HistoryEntry
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.queries.board_names import named_to
from tenon.introductions.queries.introductions import visible_to as introductions_for
from tenon.listings.models import Listing, Review
from tenon.listings.queries import visible_to as listings_for
from tenon.payments.models import Obligation
from tenon.routing.models import Visit
from tenon.routing.permissions import visits_in_sight


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose history is asked for, by whom, when, in which language."""

    firm_id: int
    by: Actor
    now: datetime
    language: str


def own_listings(asked: Asked) -> sa.ColumnElement[bool]:
    """Return the condition of the firm's listings that the reader may know to be the firm's."""
    return sa.and_(
        Listing.organisation_id == asked.firm_id,
        listings_for(asked.by, now=asked.now),
        owner_known_to(asked.by),
    )


def _columns(
    at: Any, code: Any, ref: Any, title: Any = None, text: Any = None, who: Any = None
) -> list[sa.ColumnElement[Any]]:
    def words(column: Any) -> Any:
        return sa.null().cast(sa.Text) if column is None else column

    return [
        at.label("at"),
        code.label("code"),
        words(ref).label("ref"),
        words(title).label("title"),
        words(text).label("text"),
        words(who).label("who"),
    ]


def listing_steps(asked: Asked) -> sa.Select[Any]:
    """Steps of the firm's listings: handed in, published, renewed, withdrawn ..."""
    return (
        sa.select(
            *_columns(
                HistoryEntry.at,
                HistoryEntry.kind,
                Listing.public_id,
                title_of(Listing.id, asked.language),
            )
        )
        .join(Listing, Listing.public_id == HistoryEntry.chain_id)
        .where(HistoryEntry.chain_kind == "listing", own_listings(asked))
        .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
    )


def reviews(asked: Asked) -> sa.Select[Any]:
    """Reviews of the firm's listings, with who judged and what was remarked."""
    return (
        sa.select(
            *_columns(
                Review.at,
                Review.outcome,
                Listing.public_id,
                title_of(Listing.id, asked.language),
                Review.remarks,
                User.name,
            )
        )
        .join(Listing, Listing.id == Review.listing_id)
        .outerjoin(User, User.id == Review.reviewer_id)
        .where(own_listings(asked))
        .order_by(Review.at.desc(), Review.id.desc())
    )


def introductions(asked: Asked) -> sa.Select[Any]:
    """Introductions of the firm, at the stage where they stand, where it may be named."""
    row = Introduction
    sides = sa.or_(
        sa.and_(row.from_organisation_id == asked.firm_id, named_to(asked.by, row, "from")),
        sa.and_(row.to_organisation_id == asked.firm_id, named_to(asked.by, row, "to")),
    )
    return (
        sa.select(
            *_columns(
                row.stage_since, row.state, row.public_id, title_of(row.listing_id, asked.language)
            )
        )
        .where(sides, introductions_for(asked.by))
        .order_by(row.stage_since.desc(), row.id.desc())
    )


def messages(asked: Asked) -> sa.Select[Any]:
    """What the firm wrote in the reader's own introductions, and what its broker wrote to it.

    The site keeps no copies of the mails by which people are told of these.
    """
    row, said = Introduction, IntroductionMessage

    def of_side(side: str, house: Any) -> sa.ColumnElement[bool]:
        to_it = sa.and_(said.speaker == "broker", said.audience.in_(("all", side)))
        return sa.and_(
            house == asked.firm_id,
            named_to(asked.by, row, side),
            sa.or_(said.speaker == side, to_it),
        )

    own = sa.true() if asked.by.operator else row.broker_id == asked.by.user_id
    code = sa.case((said.speaker == "broker", "sent"), else_="received")
    return (
        sa.select(
            *_columns(
                said.at,
                code,
                row.public_id,
                title_of(row.listing_id, asked.language),
                said.text,
                User.name,
            )
        )
        .join(row, row.id == said.introduction_id)
        .outerjoin(User, User.id == said.author_id)
        .where(
            own,
            introductions_for(asked.by),
            sa.or_(
                of_side("from", row.from_organisation_id), of_side("to", row.to_organisation_id)
            ),
        )
        .order_by(said.at.desc(), said.id.desc())
    )


def events(asked: Asked) -> sa.Select[Any]:
    """Events of the reader's that the firm's people registered for."""
    names = [sa.func.nullif(Event.title_zh, ""), sa.func.nullif(Event.title_en, "")]
    title = sa.func.coalesce(*(names if asked.language == "zh" else names[::-1]))
    return (
        sa.select(*_columns(Event.starts_at, Registration.state, Event.public_id, title))
        .join(Registration, Registration.event_id == Event.id)
        .where(Registration.organisation_id == asked.firm_id, run_by(asked.by))
        .order_by(Event.starts_at.desc(), Registration.id.desc())
    )


def meetings(asked: Asked) -> sa.Select[Any]:
    """Meetings of the firm's people at events of the reader's."""
    own = sa.select(Registration.id).where(Registration.organisation_id == asked.firm_id)
    names = [sa.func.nullif(Event.title_zh, ""), sa.func.nullif(Event.title_en, "")]
    title = sa.func.coalesce(*(names if asked.language == "zh" else names[::-1]))
    return (
        sa.select(*_columns(EventSlot.starts_at, Meeting.state, Meeting.public_id, title))
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .join(Event, Event.id == Meeting.event_id)
        .where(sa.or_(Meeting.a_id.in_(own), Meeting.b_id.in_(own)), run_by(asked.by))
        .order_by(EventSlot.starts_at.desc(), Meeting.id.desc())
    )


def _party(firm_id: int) -> sa.ColumnElement[bool]:
    return sa.or_(Deal.seller_organisation_id == firm_id, Deal.buyer_organisation_id == firm_id)


def deals(asked: Asked) -> sa.Select[Any]:
    """Deals of the firm, at the stage where they stand."""
    return (
        sa.select(*_columns(Deal.stage_since, Deal.stage, Deal.public_id, Deal.title))
        .where(_party(asked.firm_id), deals_for(asked.by))
        .order_by(Deal.stage_since.desc(), Deal.id.desc())
    )


def payments(asked: Asked) -> sa.Select[Any]:
    """How what is owed in the reader's own deals stands; its broker reads no amounts."""
    at = sa.type_coerce(sa.func.coalesce(Obligation.ended_at, Obligation.created_at), UTCDateTime)
    return (
        sa.select(
            *_columns(
                at,
                Obligation.state,
                Deal.public_id,
                Deal.title,
            )
        )
        .join(Deal, Deal.id == Obligation.deal_id)
        .where(
            _party(asked.firm_id),
            Deal.broker_id == asked.by.user_id,
            Obligation.state.in_(("due", "part_paid", "paid", "waived")),
        )
        .order_by(at.desc(), Obligation.id.desc())
    )


def visits(asked: Asked) -> sa.Select[Any]:
    """Visits to the firm, in its own words."""
    return (
        sa.select(
            *_columns(
                Visit.created_at, Visit.consent, Visit.public_id, None, Visit.words, User.name
            )
        )
        .outerjoin(User, User.id == Visit.broker_id)
        .where(Visit.organisation_id == asked.firm_id, visits_in_sight(asked.by))
        .order_by(Visit.created_at.desc(), Visit.id.desc())
    )


def notes(asked: Asked) -> sa.Select[Any]:
    """Notes about the firm and about what it may be known to have put up."""
    mine = sa.select(Listing.id).where(own_listings(asked))
    about = sa.or_(
        sa.and_(DeskNote.about_kind == "organisation", DeskNote.about_id == asked.firm_id),
        sa.and_(DeskNote.about_kind == "listing", DeskNote.about_id.in_(mine)),
    )
    return (
        sa.select(
            *_columns(
                DeskNote.created_at, DeskNote.audience, DeskNote.public_id, None, DeskNote.text,
                User.name,
            )
        )
        .outerjoin(User, User.id == DeskNote.author_id)
        .where(about, notes_for(asked.by))
        .order_by(DeskNote.created_at.desc(), DeskNote.id.desc())
    )  # fmt: skip


def tasks(asked: Asked) -> sa.Select[Any]:
    """Tasks about the firm, of the reader's own."""
    code = sa.case((DeskTask.done_at.is_(None), "open"), else_="done")
    at = sa.type_coerce(sa.func.coalesce(DeskTask.done_at, DeskTask.created_at), UTCDateTime)
    return (
        sa.select(*_columns(at, code, DeskTask.public_id, DeskTask.title, None, User.name))
        .outerjoin(User, User.id == DeskTask.owner_id)
        .where(
            DeskTask.about_kind == "organisation",
            DeskTask.about_id == asked.firm_id,
            tasks_for(asked.by),
        )
        .order_by(at.desc(), DeskTask.id.desc())
    )
