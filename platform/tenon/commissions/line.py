"""The line that led to a deal, and whom the ledger of credit names on it.

A deal rests on listings; it may come from an introduction, that from a meeting at an event or from
another introduction. Each of these is a thing of the ledger of credit; what stands there says who
collected, wrote up, introduced, hosted, closed. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import Membership
from tenon.actors import Actor
from tenon.compliance.days import day_of
from tenon.credit import things
from tenon.credit.acts import ACTS
from tenon.credit.models import CreditEntry
from tenon.credit.queries import stands
from tenon.credit.things import Described, Thing
from tenon.deals.models import Deal, DealListing
from tenon.events.models import Event, Meeting
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing

_STEPS_BACK = 8  # introductions that led to introductions; more would be a circle


@dataclass(frozen=True, slots=True)
class Credited:
    """Somebody whom the ledger names on a deal's line, with the lines that say so.

    Attributes:
        user_id: who.
        entries: standing lines, in the order of acts and time.
        of_party: whether they are a member of one of the deal's sides, who earns no commission.
    """

    user_id: int
    entries: Sequence[CreditEntry]
    of_party: bool

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that they are credited with, in the ledger's order."""
        return tuple(act for act in ACTS if any(each.act == act for each in self.entries))


@dataclass(frozen=True, slots=True)
class Introduced:
    """That a broker brought the sides of a deal together, as the ledger says."""

    entry: CreditEntry
    thing: Described | None

    @property
    def at(self) -> datetime:
        """When it was credited."""
        return self.entry.at


def things_of(session: Session, deal: Deal) -> list[Thing]:
    """Return the things of the ledger of credit on a deal's line, each once: the deal comes last.

    Ended introductions between the two sides count as well: the sides were brought together.
    """
    found: dict[Thing, None] = {}
    introductions = _introductions(session, deal)
    meetings = _meetings(session, deal, introductions)
    listings = set(
        session.scalars(sa.select(DealListing.listing_id).where(DealListing.deal_id == deal.id))
    )
    for each in introductions:
        listings |= {key for key in (each.listing_id, each.own_listing_id) if key is not None}
    for public_id in session.scalars(
        sa.select(Listing.public_id).where(Listing.id.in_(listings)).order_by(Listing.id)
    ):
        found["listing", public_id] = None
    for each in introductions:
        found["introduction", each.public_id] = None
    for public_id in session.scalars(
        sa.select(Event.public_id)
        .where(Event.id.in_({each.event_id for each in meetings}))
        .order_by(Event.id)
    ):
        found["meeting", public_id] = None
    found["deal", deal.public_id] = None
    return list(found)


def _introductions(session: Session, deal: Deal) -> list[Introduction]:
    """Return the introduction that the deal came from, and those that led to it, oldest last."""
    key = deal.origin_id if deal.origin_kind == "introduction" else None
    if deal.origin_kind == "meeting" and deal.origin_id is not None:
        meeting = session.get(Meeting, deal.origin_id)
        key = None if meeting is None else meeting.introduction_id
    found: list[Introduction] = []
    while key is not None and len(found) < _STEPS_BACK:
        each = session.get(Introduction, key)
        if each is None or each in found:
            break
        found.append(each)
        key = each.origin_id if each.origin_kind == "introduction" else None
    return found


def _meetings(
    session: Session, deal: Deal, introductions: Sequence[Introduction]
) -> Sequence[Meeting]:
    """Return the meetings at events that the deal or its introductions came from or led through."""
    keys = {deal.origin_id} if deal.origin_kind == "meeting" else set()
    keys |= {each.origin_id for each in introductions if each.origin_kind == "meeting"}
    return session.scalars(
        sa.select(Meeting)
        .where(
            sa.or_(
                Meeting.id.in_({key for key in keys if key is not None}),
                Meeting.deal_id == deal.id,
                Meeting.introduction_id.in_([each.id for each in introductions]),
            ),
            Meeting.state != "called_off",
        )
        .order_by(Meeting.id)
    ).all()


def standing_entries(session: Session, among: Iterable[Thing]) -> list[CreditEntry]:
    """Return the standing lines about these things, in the order of acts, then time."""
    wanted = list(among)
    if not wanted:
        return []
    rows = session.scalars(
        sa.select(CreditEntry)
        .where(stands(), sa.tuple_(CreditEntry.thing_kind, CreditEntry.thing_id).in_(wanted))
        .options(joinedload(CreditEntry.user))
        .order_by(CreditEntry.at, CreditEntry.id)
    ).unique()
    return sorted(rows, key=lambda each: ACTS.index(each.act))


def credited(session: Session, deal: Deal) -> list[Credited]:
    """Return whom the ledger names on a deal's line, in the order in which they come there."""
    by_person: dict[int, list[CreditEntry]] = {}
    for entry in standing_entries(session, things_of(session, deal)):
        if entry.user.erased_at is None:
            by_person.setdefault(entry.user_id, []).append(entry)
    sides = (deal.seller_organisation_id, deal.buyer_organisation_id)
    own = set(
        session.scalars(
            sa.select(Membership.user_id).where(
                Membership.user_id.in_(list(by_person)),
                Membership.organisation_id.in_(sides),
                Membership.state == "active",
            )
        )
    )
    return [Credited(key, entries, key in own) for key, entries in by_person.items()]


def introduced(session: Session, deal: Deal, actor: Actor) -> list[Introduced]:
    """Return the standing lines that say who brought the two sides of a deal together.

    Any introduction between them before it was signed counts, whatever the deal names as its
    origin: who goes around a broker names none.
    """
    pair = (deal.seller_organisation_id, deal.buyer_organisation_id)
    opened = session.execute(
        sa.select(Introduction.public_id, Introduction.opened_at).where(
            Introduction.from_organisation_id.in_(pair),
            Introduction.to_organisation_id.in_(pair),
            Introduction.opened_at.is_not(None),
        )
    )
    signed = deal.signed_on or date.max
    public_ids = [key for key, at in opened if at is not None and day_of(at) <= signed]
    entries = [
        each
        for each in standing_entries(session, [("introduction", key) for key in public_ids])
        if each.act == "introduced"
    ]
    known = things.describe(session, [(each.thing_kind, each.thing_id) for each in entries], actor)
    return [Introduced(each, known.get((each.thing_kind, each.thing_id))) for each in entries]
