"""Who takes part, as the day's pages show them: a name, a house, a group; never contact data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from tenon.accounts.models import Organisation, User
from tenon.events.models import CheckIn, Event, EventGroup, Registration


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody taking part.

    Attributes:
        key: the registration's key.
        public_id: the registration's, for addresses.
        code: the opaque one on the badge.
        name: empty where the person has been erased.
        houses: the organisation's name in Chinese and English; None where there is no such name.
        groups: the group's name in Chinese and English.
        arrived: whether they were checked in.
        online: whether they take part from elsewhere, so that nobody waits for them at the door.
    """

    key: int
    public_id: str
    code: str
    name: str
    houses: tuple[str | None, str | None]
    groups: tuple[str, str]
    arrived: bool
    online: bool = False

    @property
    def awaited(self) -> bool:
        """Whether they are to come and have not."""
        return not (self.arrived or self.online)

    def house(self, language: str) -> str:
        """Return the organisation's name in a language, or in the other; empty for none."""
        first, second = self.houses if language == "zh" else self.houses[::-1]
        return first or second or ""

    def group(self, language: str) -> str:
        """Return the group's name in a language, or in the other."""
        first, second = self.groups if language == "zh" else self.groups[::-1]
        return first or second


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables that a person is read from, aliased where a statement reads two of them."""

    registration: Any
    user: Any
    house: Any
    group: Any
    arrival: Any

    def columns(self) -> list[Any]:
        """Return the columns that ``person`` reads, in its order."""
        return [
            self.registration.id,
            self.registration.public_id,
            self.registration.code,
            self.user.name,
            self.house.name_zh,
            self.house.name_en,
            self.group.name_zh,
            self.group.name_en,
            self.arrival.id,
            self.online,
        ]

    @property
    def online(self) -> sa.ColumnElement[bool]:
        """The condition that they attend online, at an event to which others come."""
        return attends_online(self.registration)

    def join(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """Join all but the registration, which the caller has joined."""
        return (
            query.outerjoin(self.user, self.user.id == self.registration.user_id)
            .outerjoin(self.house, self.house.id == self.registration.organisation_id)
            .join(self.group, self.group.id == self.registration.group_id)
            .outerjoin(self.arrival, self.arrival.registration_id == self.registration.id)
        )


def attends_online(registration: Any = Registration) -> sa.ColumnElement[bool]:
    """Return the condition that somebody attends online, at an event to which others come."""
    hybrid = sa.exists().where(Event.id == registration.event_id, Event.mode == "hybrid")
    return sa.and_(registration.attends == "online", hybrid)


WIDTH = 10
"""How many columns ``Sources.columns`` has."""


@cache
def sources(which: str = "one") -> Sources:
    """Return the aliases for one person of a statement; ``which`` tells two of them apart.

    Made once: making them took a third of the time of a page that a thousand open at once.
    """
    tables = (Registration, User, Organisation, EventGroup, CheckIn)
    return Sources(*(sa.orm.aliased(each, name=f"{which}_{each.__tablename__}") for each in tables))


def person(row: Any) -> Person:
    """Make a person of a row's ``WIDTH`` columns."""
    key, public_id, code, name, zh, en, group_zh, group_en, arrival, online = row
    houses, groups = (zh, en), (group_zh, group_en)
    return Person(
        key, public_id, code, name or "", houses, groups, arrival is not None, bool(online)
    )
