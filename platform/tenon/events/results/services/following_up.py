"""One click from a meeting to an introduction or a deal, which have the meeting as their origin.

Pressed twice, also by two people at once, it leads to the one that is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.deals import permissions as deals_permissions
from tenon.deals import services as deals
from tenon.deals.models import Deal
from tenon.deals.services import Opening
from tenon.errors import Conflict, Forbidden, NotFound
from tenon.events.models import Event, Meeting
from tenon.events.permissions import may_run
from tenon.events.results.permissions import acting_side, sides
from tenon.events.results.queries.brought import Brought, brought_to
from tenon.events.states import LIVE_MEETINGS, MEETING
from tenon.introductions import permissions as introductions_permissions
from tenon.introductions import services as introductions
from tenon.introductions.models import Introduction
from tenon.introductions.services import Answers
from tenon.introductions.services.asking import live_key
from tenon.listings.models import Listing
from tenon.listings.permissions import may_know_owner
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices.rendering import fill

_WORDS = {
    "interest": N_(
        "We met on %(day)s at “%(event)s” and spoke about “%(listing)s”; we would like to go on."
    ),
    "interest_unnamed": N_(
        "We met at a matchmaking event and spoke about “%(listing)s”; we would like to go on."
    ),
    "offer": N_("What we bring to it: “%(listing)s”."),
    "offer_nothing": N_("We bring what we spoke of at the meeting."),
    "proposal": N_("We propose a conversation in which both sides settle the next steps."),
    "note": N_("The two sides met on %(day)s at “%(event)s”; this carries their meeting on."),
    "note_unnamed": N_("The two sides met at a matchmaking event; this carries their meeting on."),
    "no_need": N_("It came out of a meeting at “%(event)s”."),
}


def may_introduce(actor: Actor, meeting: Meeting, now: datetime) -> bool:
    """Whether the button for an introduction is the actor's to press."""
    return _introduction_from(actor, meeting, now) is not None


def may_deal(actor: Actor, meeting: Meeting, now: datetime) -> bool:
    """Whether the button for a deal is the actor's to press."""
    about = brought_to(meeting, now)
    if not about.listings or about.seller is None or about.buyer is None:
        return False
    if about.seller.id == about.buyer.id or not _happened(meeting, now):
        return False
    if any(house.state != "approved" for house in (about.seller, about.buyer)):
        return False
    if not all(may_know_owner(actor, each) for each in about.listings):
        return False
    editor = any(actor.at_least("editor", each.id) for each in (about.seller, about.buyer))
    return editor or (actor.broker and may_run(actor, meeting.event))


@dataclass(frozen=True, slots=True)
class _Introduction:
    """How an introduction would begin: who asks, of which listing, with which of their own."""

    asking: Organisation
    listing: Listing
    own: Listing | None
    proposed: bool


def _introduction_from(actor: Actor, meeting: Meeting, now: datetime) -> _Introduction | None:
    """Return how the actor would begin an introduction; None where they may not or cannot."""
    about = brought_to(meeting, now)
    if not _happened(meeting, now):
        return None
    side = acting_side(actor, meeting)
    if side is not None and side.organisation is not None:
        return _asked_by(side.organisation, about)
    concerned = {each.organisation_id for each in sides(meeting)} & set(actor.memberships)
    brokers = (actor.broker or actor.operator) and actor.signed_in and not concerned
    if not brokers or not may_run(actor, meeting.event):
        return None
    for house in (about.buyer, about.seller):
        found = None if house is None else _asked_by(house, about, proposed=True)
        if found is not None and (found.own is None or may_know_owner(actor, found.own)):
            return found
    return None


def _asked_by(
    house: Organisation, about: Brought, *, proposed: bool = False
) -> _Introduction | None:
    theirs = [each for each in about.listings if each.organisation_id != house.id]
    own = [each for each in about.listings if each.organisation_id == house.id]
    if len(theirs) != 1 or house.state != "approved":
        return None
    return _Introduction(house, theirs[0], own[0] if own else None, proposed)


def _happened(meeting: Meeting, now: datetime) -> bool:
    return meeting.state in LIVE_MEETINGS and meeting.slot.starts_at <= now


def begin_introduction(
    session: Session, meeting: Meeting, *, language: str, by: Actor, now: datetime
) -> Introduction:
    """Make the meeting an introduction, or return the one that it led to.

    A side asks for itself, in words that say where the two met; the organiser's broker proposes it
    to the one with the need. A live introduction of the same pair is taken for this meeting's.

    Raises Forbidden for others, Conflict ``nothing_to_introduce`` where no listing of one side is
    public, and as introductions do.
    """
    _lock(session, meeting)
    if meeting.introduction_id is not None:
        return session.get_one(Introduction, meeting.introduction_id)
    start = _introduction_from(by, meeting, now)
    if start is None:
        may_act = acting_side(by, meeting) is not None or may_run(by, meeting.event)
        raise Conflict("nothing_to_introduce") if may_act else Forbidden("not_allowed")
    try:
        made = _introduce(session, meeting, start, language, by, now)
    except Conflict as error:
        standing = _standing(session, start)
        may_see = standing is not None and introductions_permissions.may_see(by, standing)
        if error.code != "already_introduced" or standing is None or not may_see:
            raise
        made = standing
    meeting.introduction_id = made.id
    _note(session, meeting, "introduction", made.public_id, by=by, now=now)
    return made


def _introduce(
    session: Session,
    meeting: Meeting,
    start: _Introduction,
    language: str,
    by: Actor,
    now: datetime,
) -> Introduction:
    origin = ("meeting", meeting.id)
    if start.proposed:
        return introductions.propose(
            session,
            listing=start.listing,
            organisation_id=start.asking.id,
            own_listing=start.own,
            note=_text("note", meeting, start, language),
            origin=origin,
            by=by,
            now=now,
        )
    answers = Answers(
        interest=_text("interest", meeting, start, language, about=start.listing),
        offer=_text("offer" if start.own else "offer_nothing", meeting, start, language),
        proposal=_text("proposal", meeting, start, language),
        language=language,
    )
    return introductions.express_interest(
        session,
        listing=start.listing,
        answers=answers,
        organisation_id=start.asking.id,
        own_listing=start.own,
        origin=origin,
        by=by,
        now=now,
    )


def _text(
    part: str,
    meeting: Meeting,
    start: _Introduction,
    language: str,
    about: Listing | None = None,
) -> str:
    """Return a part of what is written; without the event, whose title may name an unnamed host."""
    secret = start.listing.anonymous or (start.own is not None and start.own.anonymous)
    if secret and f"{part}_unnamed" in _WORDS:
        part = f"{part}_unnamed"
    subject = about or start.own
    facts = _facts(meeting.event, meeting) | {
        "listing": "" if subject is None else subject.text(language).title
    }
    return fill(_WORDS[part], facts, language)


def _facts(event: Event, meeting: Meeting) -> dict[str, object]:
    return {
        "event": {"zh": event.title("zh"), "en": event.title("en")},
        "day": event.local(meeting.slot.starts_at).date().isoformat(),
    }


def _standing(session: Session, start: _Introduction) -> Introduction | None:
    """Return the live introduction of the pair, whichever side began it."""
    own_id = None if start.own is None else start.own.id
    keys = {
        live_key(start.listing.id, own_id, start.asking.id),
        live_key(start.listing.id, None, start.asking.id),
    }
    return session.scalars(sa.select(Introduction).where(Introduction.live_key.in_(keys))).first()


def begin_deal(
    session: Session, meeting: Meeting, *, form: str, language: str, by: Actor, now: datetime
) -> Deal:
    """Make the meeting a deal of a form, or return the one that it led to.

    Where the two are introduced already, the deal has the people and the broker of that.
    Raises Forbidden for others than the two sides' editors and the organiser's broker, NotFound
    where nothing that the two came with says who gives technology, and as deals do.
    """
    _lock(session, meeting)
    if meeting.deal_id is not None:
        return session.get_one(Deal, meeting.deal_id)
    if not may_deal(by, meeting, now):
        raise Forbidden("not_allowed")
    about = brought_to(meeting, now)
    if about.seller is None or about.buyer is None:
        raise NotFound(kind="listing")
    reason = fill(_WORDS["no_need"], _facts(meeting.event, meeting), language)
    opening = Opening(
        form=form,
        listings=about.listings,
        no_need_reason="" if about.need is not None else reason,
        language=language,
    )
    origin = ("meeting", meeting.id)
    known = _introduced(session, meeting, about, by)
    if known is None:
        made = deals.open_between(
            session, about.seller, about.buyer, opening, origin=origin, by=by, now=now
        )
    else:
        made = deals.open_from_introduction(session, known, opening, origin=origin, by=by, now=now)
        meeting.introduction_id = known.id
    meeting.deal_id = made.id
    _note(session, meeting, "deal", made.public_id, by=by, now=now)
    return made


def _introduced(
    session: Session, meeting: Meeting, about: Brought, by: Actor
) -> Introduction | None:
    """Return the open introduction of the two listings that the actor may make a deal of."""
    if meeting.introduction_id is not None:
        found = session.get(Introduction, meeting.introduction_id)
    elif about.achievement is None or about.need is None:
        found = None
    else:
        asked = _Introduction(
            about.need.organisation, about.achievement, about.need, proposed=False
        )
        found = _standing(session, asked)
    return found if found is not None and deals.may_open_from(by, found) else None


def _lock(session: Session, meeting: Meeting) -> None:
    """Let one at a time begin something: the second finds what the first began."""
    session.refresh(meeting, ["introduction_id", "deal_id", "state"], with_for_update=True)


def _note(
    session: Session, meeting: Meeting, kind: str, led_to: str, *, by: Actor, now: datetime
) -> None:
    session.flush()
    history.record(
        session,
        chain=(MEETING.kind, meeting.public_id),
        kind=f"led_to_{kind}",
        by=by,
        now=now,
        facts={"id": led_to},
    )


@dataclass(frozen=True, slots=True)
class LedTo:
    """What a meeting led to, as far as the actor may know of it."""

    introduction: Introduction | None
    deal: Deal | None


def led_to(session: Session, meeting: Meeting, *, by: Actor) -> LedTo:
    """Return the introduction and the deal of a meeting that the actor may open."""
    introduction = (
        None
        if meeting.introduction_id is None
        else session.get(Introduction, meeting.introduction_id)
    )
    deal = None if meeting.deal_id is None else session.get(Deal, meeting.deal_id)
    if introduction is not None and not introductions_permissions.may_see(by, introduction):
        introduction = None
    if deal is not None and not deals_permissions.may_see(by, deal):
        deal = None
    return LedTo(introduction, deal)
