"""Who acts: the person, the organisation they act for, and what they were granted.

A frozen picture taken once per request or task; knows nothing of sessions or sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ROLE_RANK: Mapping[str, int] = MappingProxyType({"member": 1, "editor": 2, "administrator": 3})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one organisation, the system, or nobody.

    Attributes:
        user_id: the person's key; None for a visitor and for the system.
        organisation_id: the organisation acted for at present, if any.
        memberships: organisation id -> role, for every active membership.
        broker: granted by an operator: reviews and introduces.
        operator: runs the site.
        stations: keys of the places of the service network that a broker sees: where they work,
            and all below.
        system: the site itself (dispatcher, command line).
        salt: the person's salt for history digests; empty for a visitor and for the system.
    """

    user_id: int | None = None
    organisation_id: int | None = None
    memberships: Mapping[int, str] = field(default_factory=dict)
    broker: bool = False
    operator: bool = False
    stations: frozenset[int] = frozenset()
    system: bool = False
    salt: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether a known person acts."""
        return self.user_id is not None

    def covers(self, *stations: int | None) -> bool:
        """Whether one of these places is in sight, or none is named: then it is everybody's."""
        named = [each for each in stations if each is not None]
        return not named or any(each in self.stations for each in named)

    def role_in(self, organisation_id: int | None) -> str | None:
        """Return the role held in an organisation, or None."""
        return None if organisation_id is None else self.memberships.get(organisation_id)

    def at_least(self, role: str, organisation_id: int | None) -> bool:
        """Whether the actor holds ``role`` or a higher one in the organisation."""
        held = self.role_in(organisation_id)
        return held is not None and ROLE_RANK[held] >= ROLE_RANK[role]


VISITOR = Actor()
SYSTEM = Actor(system=True, operator=True)
