"""On whose behalf a file is taken in, and what its rows become. Knows no file and no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tenon.accounts.models import Organisation
from tenon.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The terms of one import.

    Attributes:
        by: who imports.
        now: the moment that all of it counts as.
        publish: rows enter as published (an operator's import) instead of as drafts.
        organisation_id: whose a listing is that names no organisation; None makes the column
            required.
        own_only: every listing belongs to ``organisation_id`` and to nobody else (a member's
            import).
        listing_days: days until what is published expires.
        past_deadlines: drop a need's deadline that is over rather than refuse the need; for public
            sources, whose texts are of use long after their calls have closed.
    """

    by: Actor
    now: datetime
    publish: bool
    organisation_id: int | None = None
    own_only: bool = False
    listing_days: int = 365
    past_deadlines: bool = False

    @property
    def expires_at(self) -> datetime | None:
        """When what enters as published expires."""
        return self.now + timedelta(days=self.listing_days) if self.publish else None


def member_source(organisation: Organisation) -> str:
    """Return the source of an organisation's own files; no two organisations share one.

    Members cannot choose a source: (source, external id) says which record a row is, so a foreign
    source would let them write over what is not theirs.
    """
    return f"org-{organisation.public_id}"[:40]
