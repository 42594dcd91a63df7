"""Entries are appended to chains, alike on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.db import Database
from tenon.history import HistoryEntry, proof
from tenon.history.services import GENESIS, canonical, digest_actor, first_entries

PERSON = Actor(user_id=7, salt="pepper")
CHAIN = ("listing", "abc")


def test_record_chains_each_entry_to_the_one_before(session: Session, now: datetime) -> None:
    first = history.record(session, chain=CHAIN, kind="created", by=PERSON, now=now)
    second = history.record(session, chain=CHAIN, kind="edited", by=SYSTEM, now=now)
    other = history.record(session, chain=("listing", "xyz"), kind="created", by=VISITOR, now=now)
    assert (first.sequence, first.previous_hash) == (1, GENESIS)
    assert (second.sequence, second.previous_hash) == (2, first.hash)
    assert (other.sequence, other.previous_hash) == (1, GENESIS)
    assert len({first.hash, second.hash, other.hash}) == 3


@pytest.mark.parametrize(
    "facts",
    [
        {"zh": "耐温≥200℃", "list": (1, 2), "nested": {"b": None, "a": True}},
        {"whole": 2.0, "part": 0.1, "small": 1e-7, "negative zero": -0.0, "big": 2**62},
        {},
    ],
)
def test_facts_hash_alike_when_the_database_gives_them_back(
    database: Database, now: datetime, facts: dict[str, Any]
) -> None:
    with database.writing() as session:
        history.record(session, chain=CHAIN, kind="k", by=PERSON, now=now, facts=facts)
    with database.reading() as session:
        assert list(proof.verify(session)) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e16, object(), Decimal(1), b""])
def test_facts_that_would_not_come_back_are_refused(
    session: Session, now: datetime, value: object
) -> None:
    with pytest.raises(ValueError, match=r"database|JSON"):
        history.record(session, chain=CHAIN, kind="k", by=SYSTEM, now=now, facts={"x": value})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(-1e15, 1e15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_is_its_own_canonical_form_and_equal_to_what_it_was(value: Any) -> None:
    assert canonical(canonical(value)) == canonical(value) == value


def test_digest_tells_people_apart_and_means_nothing_without_the_salt() -> None:
    assert digest_actor(VISITOR) == "visitor"
    assert digest_actor(SYSTEM) == "system"
    assert digest_actor(PERSON) == digest_actor(Actor(user_id=7, salt="pepper", broker=True))
    assert digest_actor(PERSON) != digest_actor(Actor(user_id=7, salt="other"))
    assert digest_actor(PERSON) != digest_actor(Actor(user_id=8, salt="pepper"))


def test_first_entries_are_what_record_would_have_written(
    database: Database, now: datetime
) -> None:
    facts = {"source": "a file", "row": 3.0}
    rows = first_entries([(CHAIN, "imported", facts)], by=PERSON, now=now)
    with database.writing() as session:
        session.execute(sa.insert(HistoryEntry), rows)
        one_by_one = history.record(
            session, chain=("listing", "other"), kind="imported", by=PERSON, now=now, facts=facts
        )
        bulk = session.scalars(sa.select(HistoryEntry).filter_by(chain_id="abc")).one()
        assert bulk.facts == one_by_one.facts
        assert bulk.actor_digest == one_by_one.actor_digest
        assert list(proof.verify(session)) == []


def test_many_who_append_to_one_chain_at_once_wait_for_each_other(
    database: Database, now: datetime
) -> None:
    def append(number: int) -> None:
        with database.writing() as session:
            moment = now + timedelta(seconds=number)
            history.record(session, chain=CHAIN, kind="viewed", by=SYSTEM, now=moment)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(40)))
    with database.reading() as session:
        assert proof.take(session, now=now).heads["listing/abc"][0] == 40
        assert list(proof.verify(session)) == []
