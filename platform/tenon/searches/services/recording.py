"""What was found, once per search and thing; told at once or planned. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.searches.models import SavedExpertFinding, SavedFinding, SavedSearch
from tenon.searches.services import telling
from tenon.searches.services.telling import key_of

_AT_ONCE = 500

Table = type[SavedFinding] | type[SavedExpertFinding]


def record(session: Session, pairs: Iterable[tuple[int, int]], *, now: datetime) -> int:
    """Write down what new listings answer, and tell those who want to know at once.

    Two workers may bring the same: whoever writes a row first tells it. Returns how many were
    new.
    """
    return _record(session, SavedFinding, pairs, now=now)


def record_experts(session: Session, pairs: Iterable[tuple[int, int]], *, now: datetime) -> int:
    """Write down which searches new experts answer, and tell; as ``record``."""
    return _record(session, SavedExpertFinding, pairs, now=now)


def _record(
    session: Session, table: Table, pairs: Iterable[tuple[int, int]], *, now: datetime
) -> int:
    wanted: dict[int, list[int]] = {}
    for search_id, key in pairs:
        wanted.setdefault(search_id, []).append(key)
    made = 0
    for part in _parts(sorted(wanted)):
        for search in _living(session, part):
            fresh = _insert(session, table, search.id, wanted[search.id], known=False, now=now)
            if not fresh:
                continue
            made += len(fresh)
            search.found_at = now
            if search.rhythm == "now":
                if table is SavedFinding:
                    telling.tell(session, search, fresh, now=now)
                else:
                    telling.tell(session, search, (), fresh, now=now)
            elif search.due_at is None:
                telling.plan(session, search, now=now)
    return made


def remember_known(
    session: Session,
    search: SavedSearch,
    listing_ids: Collection[int],
    expert_ids: Collection[int] = (),
    *,
    now: datetime,
) -> None:
    """Write down what a search finds before anybody waits for news of it."""
    for table, keys in ((SavedFinding, listing_ids), (SavedExpertFinding, expert_ids)):
        _insert(session, table, search.id, sorted(set(keys)), known=True, now=now)


def mark_seen(
    session: Session,
    search: SavedSearch,
    listing_ids: Collection[int],
    expert_ids: Collection[int] = (),
    *,
    now: datetime,
) -> None:
    """Note that the owner looked at these; they are not told any more."""
    for table, keys in ((SavedFinding, listing_ids), (SavedExpertFinding, expert_ids)):
        session.execute(
            sa.update(table)
            .where(
                table.search_id == search.id,
                key_of(table).in_(sorted(keys)),
                table.seen_at.is_(None),
            )
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )


def _living(session: Session, search_ids: Sequence[int]) -> Sequence[SavedSearch]:
    """Lock those searches that still want to know; in one order, so that workers never cross."""
    return session.scalars(
        sa.select(SavedSearch)
        .where(SavedSearch.id.in_(search_ids), SavedSearch.state == "active")
        .order_by(SavedSearch.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _insert(
    session: Session,
    table: Table,
    search_id: int,
    keys: Sequence[int],
    *,
    known: bool,
    now: datetime,
) -> list[int]:
    """Insert what is not there yet; return the keys of what was not."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    column = key_of(table)
    fresh: list[int] = []
    for part in _parts(keys):
        rows: list[dict[str, Any]] = [
            {"search_id": search_id, column.key: each, "known": known, "found_at": now}
            for each in part
        ]
        made = dialect.insert(table).values(rows)
        made = made.on_conflict_do_nothing(index_elements=["search_id", column.key])
        fresh += session.scalars(made.returning(column))
    return sorted(fresh)


def _parts(ids: Sequence[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield list(ids[start : start + _AT_ONCE])
