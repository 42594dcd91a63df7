"""The brief of a meeting: what both bring, why they fit, what to ask, what there was between them.

Everything is held to what the reader may see. Knows no page; codes and figures, no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from matching.engine import MatchEngine
from matching.results import Reason, RequirementCheck, Verdict
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries import deals
from tenon.events.models import Event, Meeting, Registration, RegistrationListing
from tenon.events.permissions import may_read_contact, takes_part_in
from tenon.events.states import LIVE_MEETINGS
from tenon.introductions.models import Introduction
from tenon.introductions.permissions import may_know_name
from tenon.introductions.queries import introductions
from tenon.listings.models import DEAL_FORMS, Listing
from tenon.listings.permissions import may_know_owner, may_see
from tenon.matches import queries as matches

ASKED_OF_THE_INDEX = 3
"""Needs of the two that the index is asked about, where nobody said what a meeting is about."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two who meet.

    Attributes:
        part: their part in the event.
        listings: what they bring and the reader may see, what the meeting is about first.
        contact: whether the reader may read their contact data.
        me: whether it is the reader.
    """

    part: Registration
    listings: Sequence[Listing]
    contact: bool
    me: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Why a need and a result of the two fit, as the index says now."""

    need: Listing
    achievement: Listing
    band: str
    reasons: Sequence[Reason]
    checks: Sequence[RequirementCheck]


@dataclass(frozen=True, slots=True)
class Question:
    """Something to ask at the table.

    Attributes:
        kind: ``not_met``, ``partly``, ``not_stated``, ``not_comparable``, ``unchecked`` (of a
            requirement), ``readiness``, ``money`` or ``deadline``.
        requirement: the need's words; empty for the last three kinds.
        found: what the result says to it, verbatim; None where it says nothing.
        wish: whether the requirement is a wish only.
        have, want: levels of readiness, for that kind.
    """

    kind: str
    requirement: str = ""
    found: str | None = None
    wish: bool = False
    have: int | None = None
    want: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A way of doing the deal that is likely: named by both, or by one of them."""

    code: str
    by_both: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What there was between the two before, as far as the reader may know."""

    introductions: Sequence[Introduction]
    deals: Sequence[Deal]
    meetings: Sequence[Meeting]

    def __bool__(self) -> bool:
        """Whether there was anything."""
        return bool(self.introductions or self.deals or self.meetings)


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a meeting's page shows; ``mine`` is the side that the reader acts for, first."""

    meeting: Meeting
    sides: tuple[Side, Side]
    fit: Fit | None
    questions: Sequence[Question]
    forms: Sequence[Form]
    past: Past

    @property
    def compared(self) -> bool:
        """Whether one brings a need and the other a result, so that the index could be asked."""
        return bool(_pairs(self.sides))


def brief_of(
    session: Session, meeting: Meeting, engine: MatchEngine | None, *, by: Actor, now: datetime
) -> Brief:
    """Return the brief of a meeting that the actor may see.

    ``engine`` is None while there is no index: then there are no reasons, and every requirement
    is a question.
    """
    brought = _brought(session, meeting, by=by, now=now)
    sides = [
        _side(meeting, part, brought.get(part.id, []), by=by) for part in (meeting.a, meeting.b)
    ]
    if sides[1].me or (not sides[0].me and by.at_least("editor", meeting.b.organisation_id)):
        sides.reverse()
    fit = _fit(session, meeting, sides, engine, now=now)
    need, achievement = _subject(meeting, sides, fit)
    return Brief(
        meeting,
        (sides[0], sides[1]),
        fit,
        questions_on(need, achievement, fit.checks if fit else ()),
        likely_forms(need, achievement),
        _past(session, meeting, by=by),
    )


def _side(meeting: Meeting, part: Registration, listings: list[Listing], *, by: Actor) -> Side:
    meets = takes_part_in(by, meeting) and meeting.state in LIVE_MEETINGS
    about = {meeting.need_id, meeting.achievement_id}
    return Side(
        part,
        sorted(listings, key=lambda each: (each.id not in about, each.id)),
        may_read_contact(by, part, meets=meets),
        by.user_id is not None and part.user_id == by.user_id,
    )


def _brought(
    session: Session, meeting: Meeting, *, by: Actor, now: datetime
) -> dict[int, list[Listing]]:
    """Return registration key -> the listings it brings that the actor may see and place.

    An anonymous need stays unnamed here: beside its owner's name it would be named.
    """
    rows = session.execute(
        sa.select(RegistrationListing.registration_id, Listing)
        .join(Listing, Listing.id == RegistrationListing.listing_id)
        .where(RegistrationListing.registration_id.in_([meeting.a_id, meeting.b_id]))
        .options(lazyload(Listing.contributors))
    )
    found: dict[int, list[Listing]] = {}
    for key, listing in rows:
        if may_see(by, listing, now) and may_know_owner(by, listing):
            found.setdefault(key, []).append(listing)
    return found


def _fit(
    session: Session,
    meeting: Meeting,
    sides: Sequence[Side],
    engine: MatchEngine | None,
    *,
    now: datetime,
) -> Fit | None:
    """Ask the index why what the two bring fits; the best pair, the one agreed on first."""
    if engine is None:
        return None
    best: tuple[tuple[bool, float], Fit] | None = None
    for need, others in _pairs(sides)[:ASKED_OF_THE_INDEX]:
        for view in matches.counterparts(
            session,
            engine,
            listing=need,
            now=now,
            k=1,
            past=True,
            only=frozenset(each.id for each in others),
        ):
            agreed = (need.id, view.listing.id) == (meeting.need_id, meeting.achievement_id)
            rank = (agreed, float(view.seen.get("relevance", 0.0)))
            fit = Fit(need, view.listing, view.band, view.reasons, view.checks)
            if best is None or rank > best[0]:
                best = (rank, fit)
    return None if best is None else best[1]


def _pairs(sides: Sequence[Side]) -> list[tuple[Listing, list[Listing]]]:
    """Return each need of the two with the other's results."""
    found = []
    for own, other in (sides, sides[::-1]):
        results = [each for each in other.listings if each.side == "achievement"]
        if results:
            found += [(each, results) for each in own.listings if each.side == "need"]
    return found


def _subject(
    meeting: Meeting, sides: Sequence[Side], fit: Fit | None
) -> tuple[Listing | None, Listing | None]:
    """Return the need and the result that the meeting is about, as far as the reader sees them."""
    if fit is not None:
        return fit.need, fit.achievement
    seen = [each for side in sides for each in side.listings]
    about = {each.id: each for each in seen}
    need = about.get(meeting.need_id or 0) or _first(seen, "need")
    return need, about.get(meeting.achievement_id or 0) or _first(seen, "achievement")


def _first(listings: Sequence[Listing], side: str) -> Listing | None:
    return next((each for each in listings if each.side == side), None)


_OPEN = (Verdict.NOT_MET, Verdict.PARTLY, Verdict.NOT_STATED, Verdict.NOT_COMPARABLE)


def questions_on(
    need: Listing | None, achievement: Listing | None, checks: Sequence[RequirementCheck]
) -> list[Question]:
    """Return what is open between a need and a result; musts first, then wishes.

    Requirements that were not held against the result (no figure, or no index) are asked too.
    """
    if need is None:
        return []
    checked = {check.requirement for check in checks}
    found = [
        Question(check.verdict.value, check.requirement, check.sentence, check.wish)
        for check in checks
        if check.verdict in _OPEN
    ]
    found += [
        Question("unchecked", each.text, None, each.obligation == "wish")
        for each in need.requirements
        if each.text not in checked
    ]
    kinds = [verdict.value for verdict in _OPEN]
    order = {kind: place for place, kind in enumerate([*kinds, "unchecked"])}
    found.sort(key=lambda each: (each.wish, order[each.kind]))
    return found + (_questions_on_terms(need, achievement) if achievement is not None else [])


def _questions_on_terms(need: Listing, achievement: Listing) -> list[Question]:
    """Return what the coded parts of the two leave open."""
    found = []
    have, want = achievement.readiness, need.readiness
    if have is not None and want is not None and have < want:
        found.append(Question("readiness", have=have, want=want))
    low, most = achievement.money_low, need.money_high
    same = achievement.currency == need.currency
    if low is not None and most is not None and same and low > most:
        found.append(Question("money"))
    if need.deadline is not None:
        found.append(Question("deadline"))
    return found


def likely_forms(need: Listing | None, achievement: Listing | None) -> list[Form]:
    """Return the deal forms that both name, or else those that the result offers."""
    offered = {each.form for each in achievement.deal_forms} if achievement is not None else set()
    wanted = {each.form for each in need.deal_forms} if need is not None else set()
    both = offered & wanted
    chosen = both or offered or wanted
    return [Form(code, code in both) for code in DEAL_FORMS if code in chosen]


def _past(session: Session, meeting: Meeting, *, by: Actor) -> Past:
    """Return earlier introductions and deals of the two houses, and meetings of the two people."""
    houses = {meeting.a.organisation_id, meeting.b.organisation_id}
    known: list[Introduction] = []
    made: list[Deal] = []
    if len(houses) == 2 and None not in houses:
        known, made = _between(session, sorted(key for key in houses if key), by=by)
    return Past(known, made, _met_before(session, meeting))


def _between(
    session: Session, houses: list[int], *, by: Actor
) -> tuple[list[Introduction], list[Deal]]:
    """Return what there was between two houses; who keeps their name back is left out."""
    rows = session.scalars(
        sa.select(Introduction)
        .where(
            Introduction.from_organisation_id.in_(houses),
            Introduction.to_organisation_id.in_(houses),
            introductions.visible_to(by),
        )
        .options(*introductions.for_lists())
        .order_by(Introduction.created_at.desc())
        .limit(10)
    )
    known = [each for each in rows if all(may_know_name(by, each, side) for side in ("from", "to"))]
    made = session.scalars(
        sa.select(Deal)
        .where(
            Deal.seller_organisation_id.in_(houses),
            Deal.buyer_organisation_id.in_(houses),
            deals.visible_to(by),
        )
        .order_by(Deal.created_at.desc())
        .limit(10)
    )
    return known, list(made)


def _met_before(session: Session, meeting: Meeting) -> list[Meeting]:
    """Return meetings of the same two people at earlier events that were held."""
    people = [meeting.a.user_id, meeting.b.user_id]
    if None in people:
        return []
    a, b = sa.orm.aliased(Registration), sa.orm.aliased(Registration)
    rows = session.scalars(
        sa.select(Meeting)
        .join(a, a.id == Meeting.a_id)
        .join(b, b.id == Meeting.b_id)
        .where(
            Meeting.event_id != meeting.event_id,
            Meeting.state == "held",
            a.user_id.in_(people),
            b.user_id.in_(people),
        )
        .options(
            joinedload(Meeting.slot),
            joinedload(Meeting.event).joinedload(Event.organisation),
        )
        .order_by(Meeting.id.desc())
        .limit(5)
    )
    return list(rows)
