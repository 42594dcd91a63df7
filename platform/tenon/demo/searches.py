"""Searches that the demo's people keep, and what they found of all that came in since.

Kept and told through the same services as everybody's, from ``set/searches.toml``, while the
listings come in. There is no index yet: what filters find is found as always, what fits a listing
by the set's own grades.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.errors import IndexMissing
from matching.protocols import View
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.demo import pairs
from tenon.demo.people import SOURCE, house
from tenon.listings.models import Listing
from tenon.notices.services import mark_all_read
from tenon.searches.models import SavedFinding, SavedSearch
from tenon.searches.queries.criteria import meeting
from tenon.searches.services.keeping import Draft, keep, pause
from tenon.searches.services.recording import mark_seen, record, remember_known
from tenon.searches.services.telling import tell_due

FILE = Path(__file__).parent / "set" / "searches.toml"
READ = timedelta(days=21)
"""What was told longer ago than this was read."""

Pair = tuple[int, int]


class _NotBuilt(MatchEngine):
    """The site's index before there is one."""

    def __init__(self) -> None:
        """Hold nothing."""

    def view(self) -> View:
        """Raise IndexMissing."""
        raise IndexMissing(Path())


class Searches:
    """The demo's searches, from the day on which each is kept.

    Args:
        session: writing.
        people: role of the demo -> person.
        now: the moment of the loading.
    """

    def __init__(self, session: Session, people: Mapping[str, User], *, now: datetime) -> None:
        rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["searches"]
        self._session, self._people, self._now = session, people, now
        self._waiting = sorted(rows, key=lambda row: -row["days_ago"])
        self._kept: list[SavedSearch] = []
        self._grades = pairs.grades()
        self._read = False

    def look(self, entered: Sequence[Listing], *, now: datetime) -> None:
        """Let the searches find what came in at a moment, and begin those whose day has come."""
        if self._kept:
            found = [pair for each in entered for pair in self._answered_by(each)]
            record(self._session, found, now=now + timedelta(minutes=5))
            tell_due(self._session, now=now + timedelta(hours=20))
        while self._waiting and now >= self._now - timedelta(days=self._waiting[0]["days_ago"]):
            self._kept.append(self._keep(self._waiting.pop(0), now))
        if not self._read and now > self._now - READ:
            self._read = True
            self._see_all(now)

    def _keep(self, row: Mapping[str, Any], now: datetime) -> SavedSearch:
        by = actor_of(self._people[row["by"]])
        listing = self._listing(row["listing"]) if "listing" in row else None
        draft = Draft(
            kind=row["kind"],
            name=row["name"],
            rhythm=row["rhythm"],
            chosen=row.get("chosen", {}),
            listing=listing,
            organisation_id=house(self._session, row["firm"]).id if "firm" in row else None,
        )
        search = keep(self._session, _NotBuilt(), draft, by=by, now=now)
        if listing is not None:  # without an index nobody else says what was there before
            there = self._session.scalars(
                sa.select(Listing.id).where(
                    Listing.side != listing.side, Listing.published_at <= now
                )
            )
            remember_known(self._session, search, there.all(), now=now)
        if row.get("paused"):
            pause(self._session, search, by=by)
        return search

    def _answered_by(self, listing: Listing) -> list[Pair]:
        """Return the searches that a new listing answers, with its key."""
        met = meeting(self._session, listing)
        return [
            (each.id, listing.id)
            for each in self._kept
            if each.id in met
            and listing.organisation_id
            not in {one.organisation_id for one in each.user.memberships}
            and (each.listing is None or self._serves(each.listing, listing))
        ]

    def _serves(self, listing: Listing, other: Listing) -> bool:
        need, result = (listing, other) if listing.side == "need" else (other, listing)
        graded = self._grades.get(need.external_id or "", {})
        return graded.get(result.external_id or "", 0) > 0

    def _see_all(self, now: datetime) -> None:
        """Let everybody read what they were told until then."""
        for search in self._kept:
            found = self._session.scalars(
                sa.select(SavedFinding.listing_id).where(
                    SavedFinding.search_id == search.id, SavedFinding.known.is_(False)
                )
            ).all()
            mark_seen(self._session, search, found, now=now)
        for user in self._people.values():
            mark_all_read(self._session, by=actor_of(user), now=now)

    def _listing(self, external_id: str) -> Listing:
        wanted = sa.select(Listing).where(
            Listing.source == SOURCE, Listing.external_id == external_id
        )
        return self._session.scalars(wanted).one()
