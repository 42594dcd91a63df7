"""Organisations, people and their places in them; which keys stand for what.

Keys are given in order, so that later parts know people and houses without asking the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from tenon.accounts.models import Membership, Organisation, Role, User, UserRole
from tenon.accounts.passwords import hash_password
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.loading import Rows
from tools.bench.introductions.sizes import DAYS, Sizes

PASSWORD: Final = "made up for measuring"  # noqa: S105  # of invented people on a bench
EDITOR_EVERY: Final = 10
REGIONS: Final = ("110000", "310000", "320000", "330000", "420000", "440000")


def address_of(user_id: int) -> str:
    """Return the mail address of a made-up person."""
    return f"person{user_id:06d}@sample.example"


@dataclass(frozen=True, slots=True)
class Houses:
    """Which key is what: institutions first, then firms; people in the same order, brokers last.

    Attributes:
        sizes: of the world.
        salts: of people, by key; for the history's digests.
    """

    sizes: Sizes
    salts: tuple[str, ...]

    def institution(self, rank: int) -> int:
        """Return the key of an institution."""
        return 1 + rank

    def firm(self, rank: int) -> int:
        """Return the key of a firm."""
        return 1 + self.sizes.institutions + rank

    def is_firm(self, organisation_id: int) -> bool:
        """Whether a key is a firm's."""
        return organisation_id > self.sizes.institutions

    def person_of(self, organisation_id: int, draw: int = 0) -> int:
        """Return a person of an organisation who may write for it; ``draw`` chooses which."""
        if not self.is_firm(organisation_id):
            return (
                1 + (organisation_id - 1) * self.sizes.researchers + draw % self.sizes.researchers
            )
        rank = organisation_id - self.sizes.institutions - 1
        return 1 + self.researchers + rank

    @property
    def researchers(self) -> int:
        """How many people institutions have together."""
        return self.sizes.institutions * self.sizes.researchers

    @property
    def editors(self) -> int:
        """How many firms have an editor besides their administrator."""
        return self.sizes.firms // EDITOR_EVERY

    def broker(self, rank: int) -> int:
        """Return the key of a broker; rank 0 is the busiest."""
        return 1 + self.researchers + self.sizes.firms + self.editors + rank

    @property
    def first_operator(self) -> int:
        """The key of the first operator; they are the last people."""
        return self.broker(self.sizes.brokers)

    @property
    def people(self) -> int:
        """How many people there are."""
        return self.first_operator + self.sizes.operators - 1


def make_houses(sizes: Sizes, chance: Chance) -> Houses:
    """Return who there is."""
    bare = Houses(sizes, ())
    # Place 0 stays empty: keys begin with 1.
    return Houses(sizes, ("", *(chance.salt() for _ in range(bare.people))))


def house_tables(houses: Houses, chance: Chance) -> Iterator[tuple[Any, Rows]]:
    """Yield tables with their rows, in an order that foreign keys allow."""
    yield Organisation, _organisations(houses, chance)
    yield User, _people(houses, chance)
    yield Membership, _memberships(houses, chance)
    yield Role, iter([{"id": 1, "name": "broker"}, {"id": 2, "name": "operator"}])
    yield UserRole, _roles(houses, chance)


def _organisations(houses: Houses, chance: Chance) -> Rows:
    sizes = houses.sizes
    founded = chance.ago(DAYS + 60)
    for key in range(1, sizes.institutions + sizes.firms + 1):
        firm = houses.is_firm(key)
        kind = "enterprise" if firm else ("university", "institute")[key % 4 == 0]
        zh, en = ("样例企业", "Sample Firm") if firm else ("样例大学", "Sample University")
        yield {
            "id": key,
            "public_id": chance.public_id(),
            "kind": kind,
            "state": "approved",
            "version": 2,
            "name_zh": f"{zh}{key:05d}",
            "name_en": f"{en} {key:05d}" if key % 3 == 0 else None,
            "region": chance.pick(REGIONS),
            "country": "CN",
            "created_at": founded,
        }


def _people(houses: Houses, chance: Chance) -> Rows:
    hashed = hash_password(PASSWORD, cheap=True)
    joined = chance.ago(DAYS + 30)
    for key in range(1, houses.people + 1):
        yield {
            "id": key,
            "public_id": chance.public_id(),
            "email": address_of(key),
            "password": hashed,
            "active": True,
            "fs_uniquifier": chance.salt(),
            "confirmed_at": joined,
            "name": f"样例人员{key:06d}",
            "language": "en" if key % 5 == 0 else "zh",
            "salt": houses.salts[key],
            "created_at": joined,
            "terms_accepted_at": joined,
            "demo": False,
        }


def _memberships(houses: Houses, chance: Chance) -> Rows:
    sizes = houses.sizes
    decided = chance.ago(DAYS + 20)
    for key in range(1, houses.broker(0)):
        if key <= houses.researchers:
            house = 1 + (key - 1) // sizes.researchers
            role = "editor" if (key - 1) % sizes.researchers else "administrator"
        elif key <= houses.researchers + sizes.firms:
            house, role = houses.firm(key - houses.researchers - 1), "administrator"
        else:
            rank = (key - houses.researchers - sizes.firms - 1) * EDITOR_EVERY
            house, role = houses.firm(rank), "editor"
        yield {
            "id": key,
            "user_id": key,
            "organisation_id": house,
            "role": role,
            "state": "active",
            "created_at": decided - timedelta(days=1),
            "decided_at": decided,
        }


def _roles(houses: Houses, chance: Chance) -> Rows:
    granted = chance.ago(DAYS + 10)
    for key in range(houses.broker(0), houses.people + 1):
        role = 1 if key < houses.first_operator else 2
        yield {"user_id": key, "role_id": role, "granted_at": granted}
