"""What somebody says when they register or change it: checked here, at the fields it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.events.models import Absence, Event, EventGroup, EventSlot, Registration
from tenon.events.models.taking_part import ATTENDS, LANGUAGES
from tenon.listings.models import Listing
from tenon.listings.queries import is_public

WORDS_LIMIT = 500
MOST_LISTINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is asked at registration.

    Attributes:
        group: code of the group somebody takes part as.
        listings: public ids of public listings of the same organisation, not anonymous ones.
        about, seeks: what they offer and seek in a sentence, at most 500 characters each; one of
            them where no listing is brought, so that nobody is turned away.
        languages: codes (one of LANGUAGES) that they speak.
        wants_interpreter: for meetings without a common language.
        shows_contact: who has an agreed meeting with them may read their address.
        absent: numbers of slots in which they are not free.
        most_meetings: at most so many; None is what the event allows.
        attends: one of ATTENDS; asked at a hybrid event only.
    """

    group: str
    listings: Sequence[str] = ()
    about: str = ""
    seeks: str = ""
    languages: Sequence[str] = ("zh",)
    wants_interpreter: bool = False
    shows_contact: bool = False
    absent: Collection[int] = field(default=frozenset())
    most_meetings: int | None = None
    attends: str = "on_site"


@dataclass(frozen=True, slots=True)
class Checked:
    """Answers that hold, as rows."""

    group: EventGroup
    listings: list[Listing]
    absent: list[EventSlot]


def check(
    session: Session,
    event: Event,
    answers: Answers,
    *,
    organisation_id: int | None,
    kept: Collection[int] = (),
    now: datetime,
) -> Checked:
    """Return what the answers name; raises Invalid at every field that is wrong.

    ``kept`` are keys of listings that were brought earlier: they stay though they may be public
    no more.
    """
    faults: dict[str, str] = {}
    group = next((each for each in event.groups if each.code == answers.group), None)
    if group is None:
        faults["group"] = "required" if not answers.group else "unknown_code"
    listings = _listings(session, answers.listings, organisation_id, kept=kept, now=now)
    if len(listings) != len(set(answers.listings)):
        faults["listings"] = "unknown_code"
    if len(listings) > MOST_LISTINGS:
        faults["listings"] = "too_many_at_once"
    if not listings and not answers.about and not answers.seeks:
        faults["seeks"] = "listing_or_words"
    faults |= {
        name: "too_long" for name in ("about", "seeks") if len(getattr(answers, name)) > WORDS_LIMIT
    }
    if not answers.languages:
        faults["languages"] = "required"
    elif not set(answers.languages) <= set(LANGUAGES):
        faults["languages"] = "unknown_code"
    if answers.most_meetings is not None and not 0 < answers.most_meetings <= event.most_meetings:
        faults["most_meetings"] = "out_of_range"
    faults |= faults_of_attending(event, answers.attends)
    slots = session.scalars(sa.select(EventSlot).where(EventSlot.event_id == event.id)).all()
    absent = [slot for slot in slots if slot.number in set(answers.absent)]
    if slots and len(absent) == len(slots):
        faults["availability"] = "never_free"
    if faults or group is None:
        raise Invalid(faults)
    return Checked(group, listings, absent)


def faults_of_attending(event: Event, attends: str) -> dict[str, str]:
    """Return field -> code of what is wrong with how somebody attends; asked where it matters."""
    if event.mode != "hybrid" or attends in ATTENDS:
        return {}
    return {"attends": "unknown_code" if attends else "required"}


def _listings(
    session: Session,
    wanted: Sequence[str],
    organisation_id: int | None,
    *,
    kept: Collection[int],
    now: datetime,
) -> list[Listing]:
    if not wanted or organisation_id is None:
        return []
    may_come = sa.and_(is_public(now), Listing.anonymous.is_(False))
    rows = session.scalars(
        sa.select(Listing)
        .where(
            Listing.public_id.in_(list(wanted)),
            Listing.organisation_id == organisation_id,
            sa.or_(may_come, Listing.id.in_(list(kept))),
        )
        .order_by(Listing.id)
    )
    return list(rows)


def fill(session: Session, registration: Registration, answers: Answers, checked: Checked) -> None:
    """Write checked answers into a registration that is in the session."""
    registration.group = checked.group
    registration.listings = checked.listings
    registration.about, registration.seeks = answers.about, answers.seeks
    registration.languages = list(dict.fromkeys(answers.languages))
    registration.wants_interpreter = answers.wants_interpreter
    registration.shows_contact = answers.shows_contact
    registration.most_meetings = answers.most_meetings
    if registration.event.mode == "hybrid":
        registration.attends = answers.attends
    session.flush()
    session.execute(
        sa.delete(Absence)
        .where(Absence.registration_id == registration.id)
        .execution_options(synchronize_session=False)
    )
    if checked.absent:
        session.execute(
            sa.insert(Absence),
            [{"registration_id": registration.id, "slot_id": slot.id} for slot in checked.absent],
        )
