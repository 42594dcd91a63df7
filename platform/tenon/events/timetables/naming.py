"""What those who take part are called on the room's pages, in notices and in files.

Knows no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import Organisation, User
from tenon.events.models import Event, EventGroup, Registration

AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody who takes or took part.

    Attributes:
        id: of the registration.
        public_id: of the registration.
        user: the person, None once erased.
        person: their name; empty where it was erased.
        house: their organisation, or None.
        group: what they take part as.
        state: of the registration.
    """

    id: int
    public_id: str
    user: User | None
    person: str
    house: Organisation | None
    group: EventGroup
    state: str

    def house_name(self, language: str) -> str:
        """Return the organisation's name, or what they take part as where they have none."""
        return self.house.name(language) if self.house else self.group.name(language)

    def name(self, language: str) -> str:
        """Return organisation and person in one line."""
        parts = [self.house.name(language)] if self.house else []
        parts += [self.person] if self.person else []
        return " · ".join(parts) or self.group.name(language)


def cards(session: Session, event: Event, ids: Iterable[int] | None = None) -> Mapping[int, Card]:
    """Return id -> card of those asked for, or of all who ever took part in the event."""
    if ids is None:
        return _cards(session, event, None)
    wanted, found = sorted(set(ids)), dict[int, Card]()
    for start in range(0, len(wanted), AT_A_TIME):
        found |= _cards(session, event, wanted[start : start + AT_A_TIME])
    return found


def _cards(session: Session, event: Event, ids: list[int] | None) -> dict[int, Card]:
    query = (
        sa.select(Registration)
        .where(Registration.event_id == event.id)
        .options(
            joinedload(Registration.user),
            joinedload(Registration.organisation),
            joinedload(Registration.group),
        )
    )
    if ids is not None:
        query = query.where(Registration.id.in_(ids))
    return {
        row.id: Card(
            row.id,
            row.public_id,
            row.user,
            "" if row.user is None else row.user.name,
            row.organisation,
            row.group,
            row.state,
        )
        for row in session.scalars(query).unique()
    }
