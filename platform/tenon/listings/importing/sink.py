"""The database as the library's sink: records in, outcomes out, all of a file or nothing of it.

Works within the caller's session and does not commit: a savepoint holds what a file wrote until it
is finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session, SessionTransaction

from ingest.records import (
    AchievementRecord,
    Kind,
    NeedRecord,
    OrganisationRecord,
    PersonRecord,
    Record,
)
from ingest.sink import Outcome
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.listings import take_listings
from tenon.listings.importing.parties import take_organisations, take_people
from tenon.listings.importing.references import References
from tenon.listings.services.announcing import announce, announce_experts

_TAKERS = {
    OrganisationRecord: take_organisations,
    PersonRecord: take_people,
    AchievementRecord: take_listings,
    NeedRecord: take_listings,
}
_ORDER = tuple(_TAKERS)


class DatabaseSink:
    """Takes records into the tables.

    Args:
        session: a writing session, or for a dry run a reading one; the caller commits.
        intake: the terms.
    """

    def __init__(self, session: Session, intake: Intake) -> None:
        self._session = session
        self._intake = intake
        self._references = References("")
        self._savepoint: SessionTransaction | None = None

    def begin(self, kind: Kind, source: str, *, write: bool) -> None:  # noqa: ARG002 (the protocol's)
        """Start a file; a dry run takes no savepoint and hence no lock."""
        self._references = References(source)
        self._savepoint = self._session.begin_nested() if write else None

    def take(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Check and, unless this is a dry run, write; one outcome each, in order."""
        outcomes: dict[int, Outcome] = {}
        # By kind, in the order in which one may refer to another.
        for kind in _ORDER:
            places = [i for i, record in enumerate(records) if isinstance(record, kind)]
            if places:
                found = self._take_alike([records[place] for place in places])
                outcomes.update(zip(places, found, strict=True))
        return [outcomes[place] for place in range(len(records))]

    def _take_alike(self, records: list[Any]) -> list[Outcome]:
        take: Any = _TAKERS[type(records[0])]
        outcomes: list[Outcome] = take(
            self._session,
            records,
            intake=self._intake,
            references=self._references,
            write=self._savepoint is not None,
        )
        return outcomes

    def finish(self) -> None:
        """Keep what was written, within the caller's transaction, and tell later rooms."""
        if self._savepoint is not None:
            now = self._intake.now
            announce_experts(self._session, self._references.changed_experts, now=now)
            announce(self._session, self._references.changed_listings, now=now)
            self._session.flush()
            self._savepoint.commit()
            self._savepoint = None

    def abandon(self) -> None:
        """Undo what was written; what follows is only checked."""
        if self._savepoint is not None:
            self._savepoint.rollback()
            self._savepoint = None
