"""Who takes part: lists for those who do and for the organiser; one's own and one's house's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.accounts.models import Organisation, User
from tenon.actors import ROLE_RANK, Actor
from tenon.errors import NotFound
from tenon.events.models import (
    Event,
    EventGroup,
    EventTable,
    Meeting,
    Registration,
    RegistrationListing,
)
from tenon.events.permissions import may_run
from tenon.events.queries import tables_of
from tenon.events.states import ACTIVE_REGISTRATIONS
from tenon.listings.models import Listing, ListingText

SHOWN_PER_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    """What a list of people is narrowed to; empty means all.

    Attributes:
        states: of their part.
        group: a group's code.
        language: that they speak.
        side: ``achievement`` or ``need``: who brings one.
        text: part of a name, a house's name, their words or a listing's title.
        ids: no others than these.
    """

    states: Collection[str] = ("confirmed",)
    group: str = ""
    language: str = ""
    side: str = ""
    text: str = ""
    ids: Collection[int] | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions."""
        found: list[sa.ColumnElement[bool]] = [Registration.state.in_(list(self.states))]
        if self.group:
            found.append(EventGroup.code == self.group)
        if self.language:
            found.append(_speaks(self.language))
        if self.side:
            found.append(_brings(Listing.side == self.side))
        if self.text.strip():
            found.append(_says(self.text))
        if self.ids is not None:
            found.append(Registration.id.in_(list(self.ids)))
        return found


def for_lists() -> tuple[ORMOption, ...]:
    """Return how rows of people are loaded: a fixed number of statements for any number."""
    listings = selectinload(Registration.listings)
    return (
        joinedload(Registration.user).options(lazyload(User.roles), lazyload(User.memberships)),
        joinedload(Registration.organisation),
        joinedload(Registration.group),
        listings.options(
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        ),
    )


def people(
    session: Session,
    event: Event,
    where: PeopleFilter,
    *,
    limit: int = SHOWN_PER_PAGE,
    offset: int = 0,
) -> tuple[Sequence[Registration], int]:
    """Return people of an event and how many there are in all.

    By group and name; those who wait in the order in which they wait.
    """
    wanted = (
        sa.select(Registration)
        .join(Registration.group)
        .outerjoin(Registration.user)
        .outerjoin(Registration.organisation)
        .where(Registration.event_id == event.id, *where.conditions())
    )
    total = session.scalar(
        sa.select(sa.func.count()).select_from(wanted.with_only_columns(Registration.id).subquery())
    )
    house = sa.func.coalesce(Organisation.name_zh, Organisation.name_en, "")
    rows = session.scalars(
        wanted.options(
            contains_eager(Registration.group),
            contains_eager(Registration.user).options(
                lazyload(User.roles), lazyload(User.memberships)
            ),
            contains_eager(Registration.organisation),
            for_lists()[3],
        )
        .order_by(
            sa.func.coalesce(Registration.place, 0),
            EventGroup.position,
            house,
            Registration.id,
        )
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total or 0


def state_counts(session: Session, event: Event) -> Mapping[str, int]:
    """Return state -> how many parts are in it."""
    rows = session.execute(
        sa.select(Registration.state, sa.func.count(Registration.id))
        .where(Registration.event_id == event.id)
        .group_by(Registration.state)
    )
    return {row[0]: row[1] for row in rows}


def all_confirmed(session: Session, event: Event) -> Sequence[Registration]:
    """Return everybody who takes part, as rows for lists."""
    return session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.state == "confirmed")
        .options(*for_lists())
        .order_by(Registration.id)
    ).all()


def confirmed(session: Session, event: Event, public_id: str) -> Registration:
    """Return somebody who takes part in an event; raises NotFound."""
    found = session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.public_id == public_id,
            Registration.state == "confirmed",
        )
        .options(*for_lists())
    ).first()
    if found is None:
        raise NotFound(kind="event_registration")
    return found


def own_tables(session: Session, event: Event) -> Mapping[int, EventTable]:
    """Return key -> table of an event, with their rooms: some are somebody's own."""
    return {table.id: table for table in tables_of(session, event)}


def acted_for(session: Session, event: Event, *, by: Actor) -> Sequence[Registration]:
    """Return live parts that the actor answers for: the own one first, then colleagues'."""
    if by.user_id is None:
        return []
    ways: list[sa.ColumnElement[bool]] = [Registration.user_id == by.user_id]
    houses = editor_houses(by)
    if houses:
        ways.append(Registration.organisation_id.in_(houses))
    own_first = sa.case((Registration.user_id == by.user_id, 0), else_=1)
    return session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.state.in_(ACTIVE_REGISTRATIONS),
            sa.or_(*ways),
        )
        .options(*for_lists())
        .order_by(own_first, Registration.id)
    ).all()


def without_listing(
    session: Session, listing: Listing, *, by: Actor, now: datetime
) -> Sequence[Registration]:
    """Return the actor's live parts for a listing's house to which it is not brought yet."""
    brought = sa.exists().where(
        RegistrationListing.registration_id == Registration.id,
        RegistrationListing.listing_id == listing.id,
    )
    return session.scalars(
        sa.select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == by.user_id,
            Registration.organisation_id == listing.organisation_id,
            Registration.live_key.is_not(None),
            Event.state == "open",
            Event.ends_at > now,
            ~brought,
        )
        .options(contains_eager(Registration.event))
        .order_by(Event.starts_at)
        .limit(5)
    ).all()


def last_ended(session: Session, event_id: int, user_id: int | None) -> Registration | None:
    """Return a person's part in an event that ended last, or None."""
    if user_id is None:
        return None
    return session.scalars(
        sa.select(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.user_id == user_id,
            Registration.live_key.is_(None),
        )
        .order_by(Registration.state_since.desc(), Registration.id.desc())
        .limit(1)
    ).first()


def editor_houses(by: Actor) -> list[int]:
    """Return the organisations that the actor may write for."""
    return sorted(
        house for house, role in by.memberships.items() if ROLE_RANK[role] >= ROLE_RANK["editor"]
    )


def may_see_people(session: Session, event: Event, *, by: Actor) -> bool:
    """Whether the actor may know who comes: those who do, who answers for them, the organiser."""
    return may_run(by, event) or any(
        part.state == "confirmed" for part in acted_for(session, event, by=by)
    )


def rank_in_queue(session: Session, registration: Registration) -> int | None:
    """Return which number on the waiting list somebody is now, from 1; None who does not wait."""
    if registration.place is None:
        return None
    return session.scalar(
        sa.select(sa.func.count(Registration.id)).where(
            Registration.event_id == registration.event_id,
            Registration.state == "waiting",
            Registration.place <= registration.place,
        )
    )


def ranks_in_queue(session: Session, event: Event) -> Mapping[int, int]:
    """Return registration -> its number on the waiting list now, from 1."""
    rows = session.scalars(
        sa.select(Registration.id)
        .where(Registration.event_id == event.id, Registration.state == "waiting")
        .order_by(Registration.place)
    )
    return {key: number for number, key in enumerate(rows, start=1)}


def meets(session: Session, registration: Registration) -> frozenset[int]:
    """Return those with whom somebody has an agreed meeting that was not called off."""
    rows = session.execute(
        sa.select(Meeting.a_id, Meeting.b_id).where(
            Meeting.event_id == registration.event_id,
            Meeting.state.in_(("planned", "held")),
            sa.or_(Meeting.a_id == registration.id, Meeting.b_id == registration.id),
        )
    )
    return frozenset(b if a == registration.id else a for a, b in rows)


def _speaks(language: str) -> sa.ColumnElement[bool]:
    """Return the condition that the list of codes holds one; codes are quoted in its text."""
    kept: Any = sa.cast(Registration.languages, sa.Text)
    return sa.and_(sa.literal(len(language) < 9), kept.like(f'%"{_plain(language)}"%', escape="\\"))


def _brings(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        RegistrationListing.registration_id == Registration.id,
        RegistrationListing.listing_id == Listing.id,
        condition,
    )


def _says(text: str) -> sa.ColumnElement[bool]:
    part = f"%{_plain(text.strip().lower()[:80])}%"
    columns = (
        User.name,
        Organisation.name_zh,
        Organisation.name_en,
        Registration.about,
        Registration.seeks,
    )
    titled = _brings(
        sa.exists().where(
            ListingText.listing_id == Listing.id,
            sa.func.lower(ListingText.title).like(part, escape="\\"),
        )
    )
    return sa.or_(*(sa.func.lower(each).like(part, escape="\\") for each in columns), titled)


def _plain(text: str) -> str:
    """Return a text in which no character stands for others in LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
