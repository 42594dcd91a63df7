"""There is one dispatcher; when it falls silent the next takes over with what it had claimed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tenon.db import Database
from tenon.outbox import emit, services
from tenon.outbox.leases import drop_lease, hold_lease, holder

SPAN = timedelta(seconds=15)


def _hold(database: Database, owner: str, now: datetime) -> bool:
    with database.writing() as session:
        return hold_lease(session, "dispatcher", owner=owner, now=now, span=SPAN)


def test_lease_is_one_owners_while_its_heart_beats(database: Database, now: datetime) -> None:
    assert _hold(database, "a", now)
    assert not _hold(database, "b", now + SPAN / 2)
    assert _hold(database, "a", now + SPAN / 2)
    assert not _hold(database, "b", now + SPAN)
    assert _hold(database, "b", now + SPAN * 3 / 2)
    assert not _hold(database, "a", now + SPAN * 3 / 2)


def test_lease_of_one_name_says_nothing_of_another(database: Database, now: datetime) -> None:
    with database.writing() as session:
        assert hold_lease(session, "dispatcher", owner="a", now=now, span=SPAN)
        assert hold_lease(session, "other", owner="b", now=now, span=SPAN)


def test_takeover_frees_what_the_silent_owner_had_claimed(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        emit(session, "test.counted", {}, now=now)
    assert _hold(database, "a", now)
    with database.writing() as session:
        services.claim(
            session, owner="a", now=now, limit=9, patience=lambda _topic: timedelta(hours=1)
        )
    later = now + 2 * SPAN
    assert _hold(database, "b", later)
    with database.reading() as session:
        assert services.any_due(session, now=later)


def test_lease_given_back_is_free_at_once(database: Database, now: datetime) -> None:
    assert _hold(database, "a", now)
    with database.writing() as session:
        drop_lease(session, "dispatcher", owner="b")  # not its own
        assert holder(session, "dispatcher", now=now) == "a"
        drop_lease(session, "dispatcher", owner="a")
        assert holder(session, "dispatcher", now=now) is None
    assert _hold(database, "b", now)


@pytest.mark.postgres
def test_lease_wanted_by_many_at_once_goes_to_one(database: Database, now: datetime) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        held = list(pool.map(lambda n: _hold(database, f"owner {n}", now), range(12)))
    assert held.count(True) == 1
