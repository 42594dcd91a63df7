"""What the rows of one file refer to, and what they change that the public sees.

Remembers what it has looked up and what the file itself brought along, so that a dry run, which
writes nothing, finds the organisation of three rows before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.listings.models import Expert

# The key of a thing that a dry run would have made.
UNWRITTEN = 0


@dataclass(frozen=True, slots=True)
class KnownExpert:
    """An expert's key, and the name that stands under an achievement."""

    id: int
    name: str


@dataclass(slots=True)
class References:
    """Looks external ids up, a batch at a time.

    Attributes:
        source: whose external ids they are.
        organisations: external id -> key of the organisation.
        experts: external id -> the expert.
        changed_listings: keys of public listings that were written.
        changed_experts: keys of public experts that were written.
    """

    source: str
    organisations: dict[str, int] = field(default_factory=dict)
    experts: dict[str, KnownExpert] = field(default_factory=dict)
    changed_listings: list[int] = field(default_factory=list)
    changed_experts: list[int] = field(default_factory=list)
    _asked: set[tuple[str, str]] = field(default_factory=set)

    def learn_organisations(self, session: Session, wanted: Iterable[str | None]) -> None:
        """Look up organisations that were not asked for before."""
        new = self._new("organisation", wanted)
        if not new:
            return
        rows = session.execute(
            sa.select(Organisation.external_id, Organisation.id).where(
                Organisation.source == self.source, Organisation.external_id.in_(new)
            )
        )
        for external_id, key in rows:
            self.organisations.setdefault(str(external_id), key)

    def learn_experts(self, session: Session, wanted: Iterable[str]) -> None:
        """Look up experts that were not asked for before."""
        new = self._new("expert", wanted)
        if not new:
            return
        rows = session.execute(
            sa.select(Expert.external_id, Expert.id, Expert.name_zh, Expert.name_en).where(
                Expert.source == self.source, Expert.external_id.in_(new)
            )
        )
        for external_id, key, name_zh, name_en in rows:
            self.experts.setdefault(str(external_id), KnownExpert(key, name_zh or name_en or ""))

    def _new(self, kind: str, wanted: Iterable[str | None]) -> list[str]:
        new = sorted({each for each in wanted if each and (kind, each) not in self._asked})
        self._asked.update((kind, each) for each in new)
        return new
