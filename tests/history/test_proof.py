"""Somebody who may write the whole database rewrites history; a head exported before shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.db import Database
from tenon.history import HistoryEntry, proof
from tenon.history.proof import Break, Export
from tenon.history.services import GENESIS, first_entries, hash_of

KEY = Ed25519PrivateKey.generate()
SALTS = {7: "pepper", 8: "salt"}
ALICE, BOB = (Actor(user_id=key, salt=salt) for key, salt in SALTS.items())
DAY = timedelta(days=1)
Forge = Callable[[Session, list[HistoryEntry]], None]


def _write(session: Session, now: datetime) -> None:
    """Three entries of a chain and one of another, the day before the export."""
    for step, person in (("submit", ALICE), ("reject", BOB), ("reopen", ALICE)):
        history.record(session, chain=("listing", "a"), kind=step, by=person, now=now - DAY)
    history.record(session, chain=("listing", "b"), kind="submit", by=ALICE, now=now - DAY)


def _chain(session: Session, name: str = "a") -> list[HistoryEntry]:
    rows = sa.select(HistoryEntry).filter_by(chain_id=name).order_by(HistoryEntry.sequence)
    return list(session.scalars(rows))


def _rehash(entries: list[HistoryEntry]) -> None:
    """What a careful forger does after every change: make the whole chain fit again."""
    previous = GENESIS
    for number, entry in enumerate(entries, 1):
        entry.sequence, entry.previous_hash = number, previous
        entry.hash = previous = hash_of(entry)


def _exported(database: Database, now: datetime) -> Export:
    with database.writing() as session:
        _write(session, now)
    with database.reading() as session:
        signed = proof.sign(proof.take(session, now=now), key=KEY)
    return proof.read_signed(json.loads(json.dumps(signed)), key=KEY.public_key())


def change(session: Session, entries: list[HistoryEntry]) -> None:
    """Another outcome, hashes left alone."""
    entries[1].kind = "publish"


def change_and_rehash(session: Session, entries: list[HistoryEntry]) -> None:
    """Another outcome, every hash made to fit."""
    entries[1].kind = "publish"
    _rehash(entries)


def backdate_and_rehash(session: Session, entries: list[HistoryEntry]) -> None:
    """Another moment, every hash made to fit."""
    entries[0].at -= 30 * DAY
    _rehash(entries)


def cut(session: Session, entries: list[HistoryEntry]) -> None:
    """The end is gone; what is left fits."""
    session.delete(entries[2])


def cut_whole(session: Session, entries: list[HistoryEntry]) -> None:
    """The chain is gone."""
    for entry in entries:
        session.delete(entry)


def cut_middle(session: Session, entries: list[HistoryEntry]) -> None:
    """One entry is gone."""
    session.delete(entries[1])


def cut_middle_and_rehash(session: Session, entries: list[HistoryEntry]) -> None:
    """One entry is gone, the rest made to fit."""
    session.delete(entries[1])
    session.flush()
    _rehash([entries[0], entries[2]])


def replace_end(session: Session, entries: list[HistoryEntry]) -> None:
    """The last entry is gone, another and one more stand there; all fit."""
    session.delete(entries[2])
    session.flush()
    for kind in ("publish", "conclude"):
        history.record(session, chain=("listing", "a"), kind=kind, by=ALICE, now=entries[1].at)


def exchange(session: Session, entries: list[HistoryEntry]) -> None:
    """Two entries change places; all fit."""
    first, second, third = entries
    first.sequence = 99
    session.flush()
    second.sequence = 1
    session.flush()
    _rehash([second, first, third])


def show_another(session: Session, entries: list[HistoryEntry]) -> None:
    """The page names another person; no hash covers that column."""
    entries[1].actor_id = ALICE.user_id


def add_backdated(session: Session, entries: list[HistoryEntry]) -> None:
    """One more entry at the end that claims to be older than the export."""
    history.record(session, chain=("listing", "a"), kind="publish", by=BOB, now=entries[2].at)


def add_chain(session: Session, entries: list[HistoryEntry]) -> None:
    """A chain that claims to be older than the export that does not know it."""
    history.record(session, chain=("listing", "c"), kind="submit", by=BOB, now=entries[2].at)


@pytest.mark.parametrize(
    ("forge", "alone", "held_to_export"),
    [
        (change, [("a", 2, "changed")], [("a", 2, "changed")]),
        (change_and_rehash, [], [("a", 3, "changed")]),
        (backdate_and_rehash, [], [("a", 3, "changed")]),
        (cut, [], [("a", 3, "cut")]),
        (cut_whole, [], [("a", 1, "cut")]),
        (cut_middle, [("a", 2, "missing")], [("a", 2, "missing")]),
        (cut_middle_and_rehash, [], [("a", 3, "cut")]),
        (replace_end, [], [("a", 3, "changed"), ("a", 4, "added")]),
        (exchange, [], [("a", 3, "changed")]),
        (show_another, [("a", 2, "actor")], [("a", 2, "actor")]),
        (add_backdated, [], [("a", 4, "added")]),
        (add_chain, [], [("c", 1, "added")]),
    ],
)
def test_verify_finds(
    database: Database,
    now: datetime,
    forge: Forge,
    alone: list[tuple[str, int, str]],
    held_to_export: list[tuple[str, int, str]],
) -> None:
    export = _exported(database, now)
    with database.writing() as session:
        forge(session, _chain(session))
    with database.reading() as session:
        found = list(proof.verify(session, salts=SALTS))
        assert found == [Break(f"listing/{name}", at, what) for name, at, what in alone]
        found = list(proof.verify(session, export, salts=SALTS))
        assert found == [Break(f"listing/{name}", at, what) for name, at, what in held_to_export]


def test_verify_of_an_honest_history_that_went_on_finds_nothing(
    database: Database, now: datetime
) -> None:
    export = _exported(database, now)
    with database.writing() as session:
        later = now + timedelta(hours=2)
        history.record(session, chain=("listing", "a"), kind="edit", by=ALICE, now=later)
        history.record(session, chain=("listing", "new"), kind="created", by=BOB, now=later)
        # A transaction that began before the export and was committed after it.
        slow = now - timedelta(minutes=20)
        history.record(session, chain=("listing", "slow"), kind="imported", by=BOB, now=slow)
    with database.reading() as session:
        assert list(proof.verify(session, export, salts=SALTS)) == []


def test_entry_changed_after_the_head_shows_by_its_hash_and_rehashed_by_the_next_export(
    database: Database, now: datetime
) -> None:
    first = _exported(database, now)
    with database.writing() as session:
        for kind in ("edit", "submit"):
            moment = now + timedelta(hours=2)
            history.record(session, chain=("listing", "a"), kind=kind, by=ALICE, now=moment)
    with database.reading() as session:
        second = proof.take(session, now=now + DAY)
    with database.writing() as session:
        entries = _chain(session)
        entries[3].kind = "publish"
    with database.reading() as session:
        assert list(proof.verify(session, first)) == [Break("listing/a", 4, "changed")]
    with database.writing() as session:
        _rehash(_chain(session))
    with database.reading() as session:
        assert list(proof.verify(session, first)) == []
        assert list(proof.verify(session, second)) == [Break("listing/a", 5, "changed")]


def test_verify_of_a_person_erased_since_holds(database: Database, now: datetime) -> None:
    export = _exported(database, now)
    with database.writing() as session:
        session.execute(
            sa.update(HistoryEntry).where(HistoryEntry.actor_id == 7).values(actor_id=None)
        )
    with database.reading() as session:
        assert list(proof.verify(session, export, salts={7: "", 8: "salt"})) == []


@pytest.mark.parametrize("field", ["at", "heads", "signature"])
def test_read_signed_refuses_an_export_that_was_touched(
    session: Session, now: datetime, field: str
) -> None:
    _write(session, now)
    signed = proof.sign(proof.take(session, now=now), key=KEY)
    touched = {"at": (now + DAY).isoformat(), "heads": {}, "signature": "AAAA"}
    with pytest.raises(ValueError, match="signature does not fit"):
        proof.read_signed(signed | {field: touched[field]}, key=KEY.public_key())
    with pytest.raises(ValueError, match="signature does not fit"):
        proof.read_signed(signed, key=Ed25519PrivateKey.generate().public_key())
    with pytest.raises(ValueError, match="not an export"):
        proof.read_signed(
            {name: signed[name] for name in signed if name != field}, key=KEY.public_key()
        )


def test_take_and_verify_of_many_chains(database: Database, now: datetime) -> None:
    rows = first_entries(
        [(("listing", f"n{number}"), "imported", {"row": number}) for number in range(20_000)],
        by=ALICE,
        now=now,
    )
    with database.writing() as session:
        for start, end in pairwise([*range(0, 20_000, 2000), 20_000]):
            session.execute(sa.insert(HistoryEntry), rows[start:end])
    with database.reading() as session:
        export = proof.take(session, now=now)
        # Beside them lie the chains that the migrations wrote, one a rule.
        assert sum(chain.startswith("listing/") for chain in export.heads) == 20_000
        assert list(proof.verify(session, export, salts=SALTS)) == []
