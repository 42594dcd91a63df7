"""Topics of the tests' own, whose effect can be counted: one history entry a piece of work.

Imported by the tests and by the processes that they start and kill.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.history import HistoryEntry
from tenon.outbox import Then, follows, handles

COUNTED = "test.counted"
FAILING = "test.failing"
TOGETHER = "test.together"
ALONE = "test.alone"
READING = "test.reading"
HEARD = "test.heard"
IN_TURN = "test.in_turn"
IN_BACKGROUND = "test.in_background"
HEARD_TOGETHER = "test.heard_together"
# A file of this name says that work has begun; while it holds "wait", work takes its time.
MARK = "TENON_TEST_MARK"


def _note(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    history.record(session, chain=("test", payload["name"]), kind="done", by=SYSTEM, now=now)


@handles(COUNTED, patience=2)
def counted(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry, slowly where the mark says so."""
    _note(session, payload, now)
    mark = os.environ.get(MARK)
    if mark and Path(mark).exists():
        Path(mark).with_suffix(".begun").touch()
        time.sleep(20)


@handles(IN_BACKGROUND, background=True)
def in_background(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry."""
    _note(session, payload, now)


@handles(FAILING)
def failing(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry and fail."""
    _note(session, payload, now)
    raise RuntimeError("as asked")


@handles(TOGETHER, together=True)
def together(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry for each of several; fail for one that is named bad."""
    names = [item["name"] for item in payload["payloads"]]
    history.record(
        session,
        chain=("batch", names[0]),
        kind="done",
        by=SYSTEM,
        now=now,
        facts={"size": len(names)},
    )
    for item in payload["payloads"]:
        if item["name"] == "bad":
            raise RuntimeError("a bad one")
        _note(session, item, now)


@handles(ALONE, alone=True)
def alone(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry; never sent to a worker."""
    _note(session, payload, now)


@handles(READING, reads=True)
def reading(session: Session, payload: Mapping[str, Any], now: datetime) -> Then:
    """Touch a file while other writers are free to go on; the entry is written afterwards."""
    bind = session.get_bind()
    with bind.connect().execution_options(tenon_writes=True) as other:  # type: ignore[union-attr]  # an engine
        other.execute(sa.text("DELETE FROM process_leases WHERE name = 'nobody'"))
        other.commit()
    Path(payload["name"]).touch()
    return lambda writing: _note(writing, {"name": "afterwards"}, now)


def done(database: Database, kind: str = "test") -> dict[str, int]:
    """Return how often each named piece of work left its effect."""
    with database.reading() as session:
        rows = session.execute(
            sa.select(HistoryEntry.chain_id, sa.func.count())
            .where(HistoryEntry.chain_kind == kind)
            .group_by(HistoryEntry.chain_id)
        )
        return dict(rows.all())


@handles(HEARD)
def heard(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry, of which a follower hears."""
    _note(session, payload, now)


@handles(HEARD_TOGETHER, together=True)
def heard_together(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry for each of several, of which a follower hears; fail for a bad one."""
    together(session, payload, now)


@follows(HEARD, name="tests")
def followed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry of its own for what was done."""
    chain = ("followed", payload["name"])
    history.record(session, chain=chain, kind="done", by=SYSTEM, now=now)


@follows(HEARD_TOGETHER, name="tests")
def followed_one_by_one(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Leave an entry of its own for each of what was worked together."""
    followed(session, payload, now)


@handles(IN_TURN, reads=True, in_turn=True)
def in_turn(session: Session, payload: Mapping[str, Any], now: datetime) -> Then:
    """Leave an entry, afterwards, with the number of all entries before it."""
    before = session.scalar(sa.select(sa.func.count(HistoryEntry.id)))
    chain = ("in_turn", f"{payload['name']}:{before}")
    return lambda writing: history.record(writing, chain=chain, kind="done", by=SYSTEM, now=now)
