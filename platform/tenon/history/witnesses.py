"""Hold tables to the chains that tell of them: a register of witnesses.

A room whose rows must agree with a chain's facts says here what each row would have written;
who changes the rows and leaves the chain alone is then found out, too. Must not know any room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.history.breaks import Break
from tenon.history.models import HistoryEntry
from tenon.history.services import canonical, digest_actor

Salts = Mapping[int, str | None]
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one row would have the chain say.

    Attributes:
        chain_id: the thing's.
        sequence: the place in its chain.
        kind: what happened; None where the row does not say.
        at: when.
        facts: as the chain keeps them.
        people: fact -> key of the user whose digest it must be.
        silent: facts that the row can no longer say (what an erasure has emptied).
    """

    chain_id: str
    sequence: int
    kind: str | None
    at: datetime
    facts: Mapping[str, Any]
    people: Mapping[str, int] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Witness:
    """A table that must agree with the chains of one kind.

    Attributes:
        table: its name, for whoever reads what was found.
        chain_kind: of the chains.
        kinds: of the entries that have a row each; other entries of the chains have none.
        rows: every row of the table as a testimony, in any order.
    """

    table: str
    chain_kind: str
    kinds: frozenset[str]
    rows: Callable[[Session], Iterable[Testimony]]


_WITNESSES: dict[str, Witness] = {}


def register(witness: Witness) -> None:
    """Have every proof ask this table; raises ValueError where another speaks for it already."""
    known = _WITNESSES.setdefault(witness.table, witness)
    if known.rows.__qualname__ != witness.rows.__qualname__:
        raise ValueError(f"{witness.table} has a witness already")


def ask(session: Session, *, salts: Salts) -> Iterator[Break]:
    """Compare every registered table with its chains and yield where they disagree."""
    for _, witness in sorted(_WITNESSES.items()):
        yield from _compare(session, witness, salts)


def shows_another(digest: object, user_id: int | None, salts: Salts) -> bool:
    """Whether a digest is not that of the user whom a row names.

    A person who was erased has no salt left (None), and nothing is asked of them; one who is
    there with an empty salt had it taken away.
    """
    salt = salts.get(user_id or 0)
    if salt is None:
        return False
    return digest != digest_actor(Actor(user_id=user_id, salt=salt))


def _compare(session: Session, witness: Witness, salts: Salts) -> Iterator[Break]:
    met: set[int] = set()
    for part in _parts(witness.rows(session)):
        told = _told(session, witness, part)
        for row in part:
            entry = told.get((row.chain_id, row.sequence))
            if entry is None or entry.id in met:
                yield _break(witness, row.chain_id, row.sequence, "row_added")
                continue
            met.add(entry.id)
            if different := _differences(row, entry, salts):
                yield _break(
                    witness, row.chain_id, row.sequence, "row_changed", ", ".join(different)
                )
    yield from _rows_missing(session, witness, met)


def _parts(rows: Iterable[Testimony]) -> Iterator[list[Testimony]]:
    left = iter(rows)
    while part := list(islice(left, _AT_A_TIME)):
        yield part


def _told(
    session: Session, witness: Witness, rows: Sequence[Testimony]
) -> dict[tuple[str, int], Any]:
    """Return what the chains say in the places of these rows."""
    entry = HistoryEntry
    found = session.execute(
        sa.select(
            entry.id, entry.chain_id, entry.sequence, entry.kind, entry.at, entry.facts
        ).where(
            entry.chain_kind == witness.chain_kind,
            entry.chain_id.in_({row.chain_id for row in rows}),
            entry.kind.in_(witness.kinds),
        )
    )
    return {(each.chain_id, each.sequence): each for each in found}


def _differences(row: Testimony, entry: Any, salts: Salts) -> list[str]:
    """Return the names of what the row says otherwise than the chain."""
    facts = entry.facts if isinstance(entry.facts, Mapping) else {}
    said = {"kind": row.kind, "at": row.at.astimezone(UTC), **canonical(row.facts)}
    told = {"kind": entry.kind, "at": entry.at.astimezone(UTC), **facts}
    different = {name for name in said.keys() | told.keys() if said.get(name) != told.get(name)}
    different |= {
        name
        for name, user_id in row.people.items()
        if shows_another(facts.get(name), user_id, salts)
    }
    silent = row.silent if row.kind is not None else row.silent | {"kind"}
    return sorted(different - silent)


def _rows_missing(session: Session, witness: Witness, met: set[int]) -> Iterator[Break]:
    entry = HistoryEntry
    wanted = (
        sa.select(entry.id, entry.chain_id, entry.sequence)
        .where(entry.chain_kind == witness.chain_kind, entry.kind.in_(witness.kinds))
        .order_by(entry.chain_id, entry.sequence)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for key, chain_id, sequence in session.execute(wanted):
        if key not in met:
            yield _break(witness, chain_id, sequence, "row_missing")


def _break(witness: Witness, chain_id: str, sequence: int, what: str, different: str = "") -> Break:
    detail = witness.table if not different else f"{witness.table}: {different}"
    return Break(f"{witness.chain_kind}/{chain_id}", sequence, what, detail)
