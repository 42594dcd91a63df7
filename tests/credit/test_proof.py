"""Somebody who may write the whole database rewrites the ledger; ``tenon audit verify`` says so.

The forger takes the triggers away, changes rows, and makes every hash of the chains fit again
with the project's own hash function. What the forger does not have is the signed export.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.credit.models import CreditEntry
from tenon.credit.services.recording import append
from tenon.db import Database, new_public_id
from tenon.history import HistoryEntry, proof
from tenon.history.services import GENESIS, digest_actor, hash_of
from tenon.operations.audit import WORDS
from tests.credit.conftest import audit
from tests.factories.accounts import actor_for, make_user
from tests.factories.credit import make_entry

DAY = timedelta(days=1)
HOUSE, BRIDGE, NEW = ("deal", "house"), ("deal", "bridge"), ("deal", "new")


@dataclass(frozen=True)
class Forger:
    """A session that may write everything, and the three people whom the ledger knows."""

    session: Session
    people: list[User]
    day: datetime

    def chain(self, name: str) -> list[HistoryEntry]:
        """The entries of a thing's chain."""
        wanted = sa.select(HistoryEntry).filter_by(chain_kind="credit", chain_id=f"deal:{name}")
        return list(self.session.scalars(wanted.order_by(HistoryEntry.sequence)))

    def row(self, name: str, sequence: int) -> CreditEntry:
        """A line of the ledger."""
        wanted = sa.select(CreditEntry).filter_by(thing_id=name, sequence=sequence)
        return self.session.scalars(wanted).one()

    def rehash(self, entries: list[HistoryEntry]) -> None:
        """Make a whole chain fit again."""
        previous = GENESIS
        for number, entry in enumerate(entries, 1):
            entry.sequence, entry.previous_hash = number, previous
            entry.hash = previous = hash_of(entry)
        self.session.flush()

    def digest(self, user: User) -> str:
        """What the chain would say of a person."""
        return digest_actor(actor_for(user))

    def credit(self, name: str, sequence: int, user: User) -> None:
        """Put another person on a line: row, digest and facts."""
        row, entry = self.row(name, sequence), self.chain(name)[sequence - 1]
        row.user_id, row.person_digest = user.id, self.digest(user)
        entry.facts = {**entry.facts, "person": self.digest(user)}

    def drop(self, name: str, sequence: int) -> None:
        """Take a line and its entry out."""
        self.session.delete(self.row(name, sequence))
        self.session.delete(self.chain(name)[sequence - 1])
        self.session.flush()


def nothing(forger: Forger) -> None:
    """Somebody honest."""


def row_only(forger: Forger) -> None:
    """Another person in the row, the chain left alone."""
    forger.row("house", 1).user_id = forger.people[2].id


def row_and_digest(forger: Forger) -> None:
    """Another person in the row with the digest that goes with them."""
    row = forger.row("house", 1)
    row.user_id, row.person_digest = forger.people[2].id, forger.digest(forger.people[2])


def salt_taken_away(forger: Forger) -> None:
    """Another person in the row, and that person's salt emptied so that nothing can be compared."""
    forger.row("house", 1).user_id = forger.people[2].id
    forger.people[2].salt = ""


def row_act(forger: Forger) -> None:
    """Another act and another day in the row."""
    row = forger.row("house", 1)
    row.act, row.at = "hosted", row.at - 30 * DAY


def row_gone(forger: Forger) -> None:
    """The row is gone, the chain left alone."""
    forger.session.delete(forger.row("bridge", 1))


def row_more(forger: Forger) -> None:
    """A row of which no chain tells."""
    _copy(forger, forger.row("bridge", 1), sequence=2, user=forger.people[2])


def change_person(forger: Forger) -> None:
    """Another person in row and chain, every hash made to fit."""
    forger.credit("house", 1, forger.people[2])
    forger.rehash(forger.chain("house"))


def swap_two(forger: Forger) -> None:
    """Two people change places in rows and chain, every hash made to fit."""
    forger.credit("house", 1, forger.people[1])
    forger.credit("house", 2, forger.people[0])
    forger.rehash(forger.chain("house"))


def cut_end(forger: Forger) -> None:
    """The last two lines are gone with their entries; what is left fits."""
    forger.drop("house", 3)
    forger.drop("house", 2)


def cut_middle(forger: Forger) -> None:
    """A line is gone from the middle, the others moved up, every hash made to fit."""
    forger.session.delete(forger.row("house", 3))  # it replaces the second
    forger.session.delete(forger.chain("house")[2])
    forger.session.flush()
    forger.drop("house", 1)
    forger.row("house", 2).sequence = 1
    forger.rehash(forger.chain("house"))


def delete_chain(forger: Forger) -> None:
    """A thing's whole ledger is gone."""
    forger.drop("bridge", 1)


def delete_all(forger: Forger) -> None:
    """Everything is gone, whatever thing it is of."""
    forger.session.execute(sa.delete(CreditEntry).where(CreditEntry.replaces_id.is_not(None)))
    forger.session.execute(sa.delete(CreditEntry))
    forger.session.execute(sa.delete(HistoryEntry))


def add_backdated(forger: Forger) -> None:
    """One more line by the site's own services, dated before the export."""
    make_entry(forger.session, forger.people[2], thing=BRIDGE, now=forger.day)


def add_thing_backdated(forger: Forger) -> None:
    """A ledger for a thing that had none, dated before the export."""
    make_entry(forger.session, forger.people[2], thing=NEW, now=forger.day)


def insert_at_the_front(forger: Forger) -> None:
    """A line as if it had been the first, the others moved down, every hash made to fit."""
    old = forger.row("bridge", 1)
    entries = forger.chain("bridge")
    old.sequence = 2
    entries[0].sequence = 2
    forger.session.flush()
    row = _copy(forger, old, sequence=1, user=forger.people[2])
    entry = entries[0]
    made = HistoryEntry(
        chain_kind=entry.chain_kind,
        chain_id=entry.chain_id,
        sequence=1,
        at=entry.at,
        kind="credit",
        actor_id=None,
        actor_digest="system",
        facts={**entry.facts, "entry": row.public_id, "person": row.person_digest},
        previous_hash=GENESIS,
        hash="",
    )
    forger.session.add(made)
    forger.session.flush()
    forger.rehash([made, entry])


def delete_and_insert_again(forger: Forger) -> None:
    """The last line is taken off and written again for another person, at the same moment."""
    at = forger.row("bridge", 1).at
    forger.drop("bridge", 1)
    make_entry(forger.session, forger.people[2], thing=BRIDGE, now=at)


def move_to_another_thing(forger: Forger) -> None:
    """A thing's ledger is put under another thing's name, every hash made to fit."""
    forger.row("bridge", 1).thing_id = "new"
    entries = forger.chain("bridge")
    entries[0].chain_id = "deal:new"
    forger.rehash(entries)


def unstrike(forger: Forger) -> None:
    """The line by which an operator's settlement replaced another is gone."""
    forger.drop("house", 3)


Forge = Callable[[Forger], None]
Found = list[tuple[str, int, str]]

# The salt is gone from the person's own line, too.
BOTH: Found = [("house", 1, "row_changed"), ("house", 3, "row_changed")]

# What each forger did -> what is found against the signed export, and what even without one.
CASES: list[tuple[Forge, Found, Found]] = [
    (nothing, [], []),
    (row_only, [("house", 1, "row_changed")], [("house", 1, "row_changed")]),
    (row_and_digest, [("house", 1, "row_changed")], [("house", 1, "row_changed")]),
    (salt_taken_away, BOTH, BOTH),
    (row_act, [("house", 1, "row_changed")], [("house", 1, "row_changed")]),
    (row_gone, [("bridge", 1, "row_missing")], [("bridge", 1, "row_missing")]),
    (row_more, [("bridge", 2, "row_added")], [("bridge", 2, "row_added")]),
    (change_person, [("house", 3, "changed")], []),
    (swap_two, [("house", 3, "changed")], []),
    (cut_end, [("house", 2, "cut")], []),
    (cut_middle, [("house", 2, "cut")], []),
    (delete_chain, [("bridge", 1, "cut")], []),
    (delete_all, [("bridge", 1, "cut"), ("house", 1, "cut")], []),
    (add_backdated, [("bridge", 2, "added")], []),
    (add_thing_backdated, [("new", 1, "added")], []),
    (insert_at_the_front, [("bridge", 1, "changed"), ("bridge", 2, "added")], []),
    (delete_and_insert_again, [("bridge", 1, "changed")], []),
    (move_to_another_thing, [("bridge", 1, "cut"), ("new", 1, "added")], []),
    (unstrike, [("house", 3, "cut")], []),
]


def _copy(forger: Forger, row: CreditEntry, *, sequence: int, user: User) -> CreditEntry:
    names = [column.key for column in CreditEntry.__table__.columns if column.key != "id"]
    values = {name: getattr(row, name) for name in names} | {
        "public_id": new_public_id(),
        "sequence": sequence,
        "user_id": user.id,
        "person_digest": forger.digest(user),
    }
    made = CreditEntry(**values)
    forger.session.add(made)
    forger.session.flush()
    return made


def _take_triggers_away(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("DROP TRIGGER credit_entries_append_only ON credit_entries"))
        return
    for verb in ("update", "delete"):
        session.execute(sa.text(f"DROP TRIGGER credit_entries_no_{verb}"))


def _write_ledger(session: Session, day: datetime) -> list[int]:
    """Three lines about a house, the third in place of the second, and one about a bridge."""
    people = [make_user(session) for _ in range(3)]
    make_entry(session, people[0], thing=HOUSE, act="introduced", now=day)
    second = make_entry(session, people[1], thing=HOUSE, act="closed", now=day)
    append(
        session,
        thing=HOUSE,
        act="closed",
        person=people[2],
        organisation_id=None,
        by=SYSTEM,
        now=day,
        replaces=second,
    )
    make_entry(session, people[0], thing=BRIDGE, now=day)
    history.record(session, chain=("listing", "other"), kind="create", by=SYSTEM, now=day)
    return [user.id for user in people]


def _found(output: str) -> Found:
    return sorted(
        (each["chain"].removeprefix("credit/deal:"), each["sequence"], each["what"])
        for each in json.loads(output)
        if each["chain"].startswith("credit/")
    )


def _forge(site: Database, forge: Forge, keys: list[int], day: datetime) -> None:
    with site.writing() as session:
        _take_triggers_away(session)
        people = [session.get_one(User, key) for key in keys]
        forge(Forger(session, people, day))


@pytest.mark.parametrize(
    ("forge", "held", "alone"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_verify_finds(
    site: Database, now: datetime, tmp_path: Path, forge: Forge, held: Found, alone: Found
) -> None:
    day = now - DAY
    with site.writing() as session:
        keys = _write_ledger(session, day)
    file = tmp_path / "heads.json"
    assert audit("export", file)[0] == 0
    _forge(site, forge, keys, day)
    code, output = audit("verify", file, "--json")
    assert _found(output) == held
    assert code == (3 if held else 0)
    code, output = audit("verify", "--json")
    assert _found(output) == alone
    assert code == (3 if alone else 0)


def test_verify_says_what_differs_and_where(site: Database, now: datetime, tmp_path: Path) -> None:
    day = now - DAY
    with site.writing() as session:
        keys = _write_ledger(session, day)
    file = tmp_path / "heads.json"
    audit("export", file)
    _forge(site, row_act, keys, day)
    with site.writing() as session:
        row_gone(Forger(session, [], day))
    code, output = audit("verify", file)
    assert code == 3
    assert output.splitlines() == [
        f"{place} [{table}]"
        for place, table in (
            (
                f"credit/deal:house entry 1: row_changed ({WORDS['row_changed']})",
                "credit_entries: act, at",
            ),
            (f"credit/deal:bridge entry 1: row_missing ({WORDS['row_missing']})", "credit_entries"),
        )
    ] + ["2 breaks"]


def test_a_forged_export_is_refused(site: Database, now: datetime, tmp_path: Path) -> None:
    day = now - DAY
    with site.writing() as session:
        keys = _write_ledger(session, day)
    file = tmp_path / "heads.json"
    audit("export", file)
    honest = json.loads(file.read_text())
    _forge(site, change_person, keys, day)
    with site.reading() as session:
        export = proof.take(session, now=now)
    own_key = Ed25519PrivateKey.generate()
    for forged in (
        proof.sign(export, key=own_key),  # signed, with a key of the forger's
        proof.sign(export, key=own_key) | {"signature": honest["signature"]},
        honest | {"heads": {name: list(head) for name, head in export.heads.items()}},
    ):
        file.write_text(json.dumps(forged))
        code, output = audit("verify", file)
        assert code == 1
        assert "signature does not fit this key" in output


def test_without_the_triggers_nothing_else_keeps_a_row(site: Database, now: datetime) -> None:
    """What the tests above take away is there before."""
    with site.writing() as session:
        _write_ledger(session, now)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), site.writing() as session:
        session.execute(sa.update(CreditEntry).values(act="hosted"))
