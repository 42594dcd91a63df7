"""The state machine: table, compare-and-swap, history and outbox in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.db import Database
from tenon.errors import Conflict, IllegalTransition
from tenon.history import HistoryEntry
from tenon.listings.models import Listing
from tenon.listings.states import LISTING
from tenon.outbox import OutboxMessage
from tenon.states import Change, StateMachine
from tests.factories.listings import make_need

EDITOR = Actor(user_id=7, salt="pepper")


def _draft(database: Database) -> int:
    with database.writing() as session:
        return int(make_need(session, state="draft").id)


def _entries(session: Session, listing: Listing) -> list[tuple[str, dict[str, object]]]:
    rows = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "listing", HistoryEntry.chain_id == listing.public_id)
        .order_by(HistoryEntry.sequence)
    )
    return [(row.kind, row.facts) for row in rows]


def test_move_swaps_state_and_version_and_writes_history_and_outbox(
    session: Session, now: datetime
) -> None:
    listing = make_need(session, state="draft")
    version = listing.version
    LISTING.move(listing, "submit", by=EDITOR, now=now, facts={"note": "first"})
    session.commit()
    session.expire_all()
    assert (listing.state, listing.version) == ("in_review", version + 1)
    facts = {"from": "draft", "to": "in_review", "note": "first"}
    assert _entries(session, listing) == [("submit", facts)]
    message = session.scalars(sa.select(OutboxMessage)).one()
    assert message.topic == "listing.moved"
    assert message.payload == {
        "id": listing.id,
        "change": "submit",
        "from": "draft",
        "to": "in_review",
    }


def test_first_steps_of_a_listing_are_kept_beside_its_history(
    session: Session, now: datetime
) -> None:
    listing = make_need(session, state="draft")
    road = ("submit", "return", "submit", "publish", "withdraw", "reopen", "publish")
    for day, step in enumerate(road):
        LISTING.move(listing, step, by=EDITOR, now=now + timedelta(days=day))
    session.commit()
    session.expire_all()
    assert listing.first_handed_in_at == now
    assert listing.first_published_at == now + timedelta(days=3)
    other = make_need(session, state="draft")
    LISTING.move(other, "publish", by=EDITOR, now=now)
    assert (other.first_handed_in_at, other.first_published_at) == (now, now)


def test_move_not_in_the_table_is_refused_and_changes_nothing(
    session: Session, now: datetime
) -> None:
    listing = make_need(session, state="draft")
    with pytest.raises(IllegalTransition) as refused:
        LISTING.move(listing, "conclude", by=EDITOR, now=now)
    assert refused.value.facts == {"step": "conclude", "state": "draft", "kind": "listing"}
    assert listing.state == "draft"
    assert _entries(session, listing) == []
    assert session.scalars(sa.select(OutboxMessage)).all() == []


def test_move_of_two_who_act_at_once_tells_the_second(database: Database, now: datetime) -> None:
    key = _draft(database)
    with database.writer() as first, database.writer() as second:
        mine, yours = first.get_one(Listing, key), None
        first.commit()
        yours = second.get_one(Listing, key)
        second.commit()
        LISTING.move(mine, "submit", by=EDITOR, now=now)
        first.commit()
        with pytest.raises(Conflict) as told:
            LISTING.move(yours, "withdraw", by=EDITOR, now=now)
        assert told.value.code == "changed_meanwhile"
        second.rollback()
    with database.reading() as session:
        listing = session.get_one(Listing, key)
        assert listing.state == "in_review"
        assert [kind for kind, _ in _entries(session, listing)] == ["submit"]


def test_move_rolled_back_leaves_no_trace(database: Database, now: datetime) -> None:
    key = _draft(database)
    with database.writer() as session:
        LISTING.move(session.get_one(Listing, key), "submit", by=SYSTEM, now=now)
        session.rollback()
    with database.reading() as session:
        listing = session.get_one(Listing, key)
        assert listing.state == "draft"
        assert _entries(session, listing) == []
        assert session.scalars(sa.select(OutboxMessage)).all() == []


def test_move_writes_pending_edits_of_the_thing_too(session: Session, now: datetime) -> None:
    listing = make_need(session, state="draft")
    session.commit()
    listing.anonymous = True
    LISTING.move(listing, "submit", by=EDITOR, now=now)
    session.commit()
    session.expire_all()
    assert (listing.state, listing.anonymous) == ("in_review", True)


def test_move_of_a_thing_outside_a_session_is_a_mistake_of_the_code(now: datetime) -> None:
    with pytest.raises(ValueError, match="not in a session"):
        LISTING.move(Listing(state="draft", version=1), "submit", by=SYSTEM, now=now)


def test_table_that_names_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match=r"lamp.light names unknown states \['bright'\]"):
        StateMachine("lamp", ["dark"], [Change("light", frozenset({"dark"}), "bright")])


def test_allowed_lists_steps_in_the_order_of_the_table() -> None:
    assert LISTING.allowed("concluded") == []
    assert LISTING.allowed("on_hold") == ["resume", "return", "reject", "publish", "withdraw"]


def test_every_listing_state_can_be_reached_and_is_left_or_final() -> None:
    reached, edge = {LISTING.states[0]}, [LISTING.states[0]]
    while edge:
        state = edge.pop()
        for name in LISTING.allowed(state):
            target = LISTING.changes[name].target
            if target not in reached:
                reached.add(target)
                edge.append(target)
    assert reached == set(LISTING.states)
    assert [state for state in LISTING.states if not LISTING.allowed(state)] == ["concluded"]
