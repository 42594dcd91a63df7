"""Whom a mailing would go to, by what the organiser chose, and how each would get it.

An empty choice is nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.events.hall.people import attends_online
from tenon.events.models import (
    CheckIn,
    Event,
    EventGroup,
    Mailing,
    MailingRecipient,
    Meeting,
    Registration,
)
from tenon.events.results.notifying import MAILING
from tenon.events.results.queries.meetings import overdue
from tenon.events.states import REGISTRATION_STATES
from tenon.notices import choosing, wording

YES_OR_NO = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """By what recipients are chosen.

    Attributes:
        states: of their registration; none is nobody.
        groups: codes of groups; none is nobody.
        checked_in: only who was there (``yes``), or was to come and was not (``no``): nobody who
            attends online; empty for both.
        meetings: only who has a meeting (``yes``), or none (``no``); empty for both.
        overdue: only who owes the organiser an outcome.
    """

    states: Sequence[str] = ()
    groups: Sequence[str] = ()
    checked_in: str = ""
    meetings: str = ""
    overdue: bool = False

    def kept(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "states": list(self.states),
            "groups": list(self.groups),
            "checked_in": self.checked_in,
            "meetings": self.meetings,
            "overdue": self.overdue,
        }


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody a mailing goes to, and by which way: ``now``, ``digest``, or ``off``: site alone."""

    registration: Registration
    way: str


def chosen(session: Session, event: Event, choice: Choice, *, now: datetime) -> Sequence[Recipient]:
    """Return whom a choice means at this moment, by name; each person once."""
    known = [state for state in choice.states if state in REGISTRATION_STATES]
    if not known or not choice.groups:
        return []
    wanted = (
        sa.select(Registration)
        .join(EventGroup, EventGroup.id == Registration.group_id)
        .where(
            Registration.event_id == event.id,
            Registration.state.in_(known),
            EventGroup.code.in_(list(choice.groups)),
            Registration.user_id.is_not(None),
            *_narrowed(choice),
        )
        .options(
            joinedload(Registration.user),
            joinedload(Registration.organisation),
            joinedload(Registration.group),
        )
        .order_by(Registration.id.desc())
    )
    found = session.scalars(wanted).all()
    if choice.overdue:
        owing = {each.registration.id for each in overdue(session, event, now=now)}
        found = [each for each in found if each.id in owing]
    return _by_name(session, found)


def _narrowed(choice: Choice) -> list[sa.ColumnElement[bool]]:
    there = sa.exists().where(CheckIn.registration_id == Registration.id)
    meets = sa.exists().where(
        Meeting.state != "called_off",
        sa.or_(Meeting.a_id == Registration.id, Meeting.b_id == Registration.id),
    )
    missing = sa.and_(~there, ~attends_online())
    asked = ((choice.checked_in, there, missing), (choice.meetings, meets, ~meets))
    return [yes if answer == "yes" else no for answer, yes, no in asked if answer in YES_OR_NO]


def _by_name(session: Session, found: Sequence[Registration]) -> list[Recipient]:
    """Leave out who is blocked or erased, and whose earlier part it is where there are two."""
    people: dict[int, Registration] = {}
    for each in found:
        user = each.user
        if user is not None and user.active and user.erased_at is None:
            people.setdefault(user.id, each)
    ways = ways_of(session, list(people))
    listed = [Recipient(each, ways[key]) for key, each in people.items()]
    return sorted(listed, key=lambda one: (_name(one), one.registration.id))


def _name(one: Recipient) -> str:
    return one.registration.user.name.casefold() if one.registration.user is not None else ""


def ways_of(session: Session, user_ids: Sequence[int]) -> Mapping[int, str]:
    """Return person -> how they want mailings of events: ``now``, ``digest`` or ``off``."""
    kept: dict[tuple[int, str], tuple[bool | None, str | None]] = {}
    for start in range(0, len(user_ids), 500):
        part = user_ids[start : start + 500]
        kept |= choosing.chosen(session, part, kind=MAILING)
    kind = wording.KINDS[MAILING]
    return {key: choosing.choice_of(kind, kept.get((key, MAILING))).mail for key in user_ids}


def mailings_of(session: Session, event: Event) -> Sequence[tuple[Mailing, int]]:
    """Return an event's mailings with how many each went to, the latest first."""
    number = (
        sa.select(sa.func.count())
        .where(MailingRecipient.mailing_id == Mailing.id)
        .correlate(Mailing)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Mailing, number)
        .where(Mailing.event_id == event.id)
        .order_by(Mailing.sent_at.desc(), Mailing.id.desc())
    )
    return [(row[0], int(row[1])) for row in rows]


def recipients_of(session: Session, mailing: Mailing) -> Sequence[Registration]:
    """Return whom a mailing went to."""
    return session.scalars(
        sa.select(Registration)
        .join(MailingRecipient, MailingRecipient.registration_id == Registration.id)
        .where(MailingRecipient.mailing_id == mailing.id)
        .options(
            joinedload(Registration.user),
            joinedload(Registration.organisation),
            joinedload(Registration.group),
        )
        .order_by(Registration.id)
    ).all()
