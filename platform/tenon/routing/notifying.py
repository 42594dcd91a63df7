"""Whom the steps of a case concern, and what they are told; a need's title is all that is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.listings.models import Listing
from tenon.listings.queries import keepers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.models import Station
from tenon.network.queries.people import away_on
from tenon.notices import wording
from tenon.notices.services import notify
from tenon.routing.models import NeedCase, Visit
from tenon.routing.queries.places import heads_of

wording.register(
    {
        "routing_received": N_(
            "“%(title)s” has come in at %(place)s and nobody looks after it yet; please give it "
            "to somebody. The firm is to be answered by %(day)s."
        ),
        "routing_assigned": N_(
            "You look after the need “%(title)s”; the firm is to be answered by %(day)s."
        ),
        "routing_passed_on": N_("“%(title)s” was passed back to %(place)s: %(reason)s."),
        "routing_remind": N_("The firm waits for an answer about “%(title)s” until %(day)s."),
        "routing_escalate": N_(
            "“%(title)s” was not answered in time at %(from_place)s and has risen to %(place)s."
        ),
        "routing_overdue": N_("“%(title)s” is at the top and still not answered since %(day)s."),
        "routing_routed": N_("“%(title)s” has been sent on to %(place)s."),
    },
    group="routing",
    heading=N_("Needs on their way"),
    samples={
        "place": {"zh": "示例驿站", "en": "Sample station"},
        "from_place": {"zh": "示例驿站", "en": "Sample station"},
        "day": "2027-03-31",
    },
)
wording.register(
    {
        "routing_reply": N_("A technology broker has answered you about “%(title)s”."),
        "routing_collected": N_(
            "%(person)s has written down “%(title)s” for you after a visit; please look at it and "
            "change what is not right."
        ),
    },
    group="routing",
    samples={"person": {"zh": "某位技术经纪人", "en": "A technology broker"}},
)


def tell_received(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Tell the heads of the place that something waits to be given to somebody."""
    facts = {"place": names_of(session, case.station_id), "day": _day(case.due_on)}
    _tell(session, heads_of(session, case.station_id), case, "received", facts, now=now)


def tell_assigned(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Tell who looks after it from now on."""
    people = _person(session, case.broker_id)
    _tell(session, people, case, "assigned", {"day": _day(case.due_on)}, now=now)


def tell_passed_on(
    session: Session, case: NeedCase, reason: Mapping[str, str], *, now: datetime
) -> None:
    """Tell the heads that a broker passed it back, and why."""
    facts = {"place": names_of(session, case.station_id), "reason": dict(reason)}
    _tell(session, heads_of(session, case.station_id), case, "passed_on", facts, now=now)


def tell_routed(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Tell the heads of the place that it was sent to."""
    facts = {"place": names_of(session, case.station_id)}
    _tell(session, heads_of(session, case.station_id), case, "routed", facts, now=now)


def tell_reminder(session: Session, case: NeedCase, *, today: date, now: datetime) -> None:
    """Remind who looks after it, or who stands in; without either the heads."""
    people = in_charge(session, case, today=today) or heads_of(session, case.station_id)
    _tell(session, people, case, "remind", {"day": _day(case.due_on)}, now=now)


def tell_risen(session: Session, case: NeedCase, *, from_station_id: int, now: datetime) -> None:
    """Tell the heads of both places, and who looks after it."""
    people = [
        *heads_of(session, from_station_id),
        *heads_of(session, case.station_id),
        *_person(session, case.broker_id),
    ]
    facts = {
        "place": names_of(session, case.station_id),
        "from_place": names_of(session, from_station_id),
    }
    _tell(session, people, case, "escalate", facts, now=now)


def tell_overdue(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Tell the top's heads and who looks after it: it cannot rise further."""
    people = [*heads_of(session, case.station_id), *_person(session, case.broker_id)]
    _tell(session, people, case, "overdue", {"day": _day(case.due_on)}, now=now)


def tell_reply(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Tell the firm's people that they were answered."""
    listing = case.listing
    for user in firm_people(session, listing) or keepers(session, listing):
        notify(
            session,
            user=user,
            kind="routing_reply",
            facts={"title": titles(listing)},
            path=f"/listings/{listing.public_id}#answer",
            now=now,
        )


def tell_collected(session: Session, visit: Visit, *, now: datetime) -> None:
    """Tell those who write for the firm that a need was written down for it."""
    listing = visit.listing
    broker = None if visit.broker_id is None else session.get(User, visit.broker_id)
    if listing is None or broker is None:
        return
    for user in firm_people(session, listing):
        notify(
            session,
            user=user,
            kind="routing_collected",
            facts={"title": titles(listing), "person": broker.name},
            path=f"/listings/{listing.public_id}",
            now=now,
            about=broker,
        )


def firm_people(session: Session, listing: Listing) -> list[User]:
    """Return those who write for the firm: its editors and administrators."""
    rows = session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == listing.organisation_id,
            Membership.state == "active",
            Membership.role.in_(("editor", "administrator")),
            User.active.is_(True),
        )
        .order_by(User.id)
    )
    return list(rows)


def in_charge(session: Session, case: NeedCase, *, today: date) -> list[User]:
    """Return who looks after a case today: the broker, or the deputy of one who is away."""
    people = _person(session, case.broker_id)
    if not people:
        return []
    absence = away_on(session, [people[0].id], today).get(people[0].id)
    if absence is None:
        return people
    return [] if absence.deputy is None or not absence.deputy.active else [absence.deputy]


def names_of(session: Session, station_id: int) -> dict[str, str]:
    """Return language -> what a place is called."""
    station = session.get_one(Station, station_id)
    return {"zh": station.name("zh"), "en": station.name("en")}


def titles(listing: Listing) -> dict[str, str]:
    """Return language -> title, as facts of a notice."""
    return {code: listing.text(code).title for code in ("zh", "en")}


def _person(session: Session, user_id: int | None) -> list[User]:
    found = None if user_id is None else session.get(User, user_id)
    return [found] if found is not None and found.active else []


def _tell(
    session: Session,
    people: Iterable[User],
    case: NeedCase,
    kind: str,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    for user in {each.id: each for each in people}.values():
        notify(
            session,
            user=user,
            kind=f"routing_{kind}",
            facts={"title": titles(case.listing), **facts},
            path=f"/routing/cases/{case.public_id}",
            now=now,
        )


def _day(day: date) -> str:
    return day.isoformat()
