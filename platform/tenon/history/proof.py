"""Prove that history was not rewritten: walk chains, export signed heads, compare the two.

The private key lies outside the database (in var/keys, or where the operator keeps it), so that
whoever can rewrite every row still cannot make an exported head fit; the public key is enough to
check one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy.orm import Session

from tenon.history.breaks import Break
from tenon.history.models import HistoryEntry
from tenon.history.services import GENESIS, hash_of
from tenon.history.witnesses import Salts, ask, shows_another

__all__ = [
    "LONGEST_TRANSACTION",
    "Break",
    "Export",
    "read_signed",
    "sign",
    "take",
    "verify",
]

# An entry bears the moment its transaction began; one that an export does not hold may be older
# than the export by as much as the longest transaction (a big import) takes.
LONGEST_TRANSACTION = timedelta(hours=1)
_AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Export:
    """What was the last entry of every chain at a moment.

    Attributes:
        at: when it was taken.
        heads: ``kind/id`` -> (sequence, hash).
    """

    at: datetime
    heads: Mapping[str, tuple[int, str]] = field(default_factory=dict)


def take(session: Session, *, now: datetime) -> Export:
    """Return the heads of all chains."""
    last = (
        sa.select(
            HistoryEntry.chain_kind,
            HistoryEntry.chain_id,
            sa.func.max(HistoryEntry.sequence).label("sequence"),
        )
        .group_by(HistoryEntry.chain_kind, HistoryEntry.chain_id)
        .subquery()
    )
    entry = HistoryEntry
    rows = session.execute(
        sa.select(entry.chain_kind, entry.chain_id, entry.sequence, entry.hash).join(
            last,
            sa.and_(
                entry.chain_kind == last.c.chain_kind,
                entry.chain_id == last.c.chain_id,
                entry.sequence == last.c.sequence,
            ),
        )
    )
    return Export(
        now, {f"{kind}/{thing}": (number, digest) for kind, thing, number, digest in rows}
    )


def verify(
    session: Session,
    export: Export | None = None,
    *,
    salts: Salts | None = None,
) -> Iterator[Break]:
    """Walk every chain, ask every witness (``witnesses``), and yield where something does not hold.

    Without an export, a chain rewritten with all its hashes goes unseen; with one, everything up
    to its moment is held to it. What came after it is held to the next.

    Args:
        session: to read with.
        export: heads taken earlier, their signature checked (``read_signed``).
        salts: user id -> salt, or None for a person who was erased: whether each entry is shown
            under the person it was written for.
    """
    expected = dict(export.heads) if export is not None else {}
    walk = _Walk("", export, salts or {})
    for entry in _entries(session):
        name = f"{entry.chain_kind}/{entry.chain_id}"
        if name != walk.chain:
            yield from walk.end()
            walk = _Walk(name, export, salts or {}, expected.pop(name, None))
        yield from walk.step(entry)
    yield from walk.end()
    for name in expected:  # not one entry of these is left
        yield Break(name, 1, "cut")
    yield from ask(session, salts=salts or {})


def _entries(session: Session) -> Iterator[HistoryEntry]:
    yield from session.scalars(
        sa.select(HistoryEntry)
        .order_by(HistoryEntry.chain_kind, HistoryEntry.chain_id, HistoryEntry.sequence)
        .execution_options(yield_per=_AT_A_TIME)
    )


@dataclass(slots=True)
class _Walk:
    """One chain, entry by entry."""

    chain: str
    export: Export | None
    salts: Salts
    head: tuple[int, str] | None = None
    sequence: int = 0
    previous: str = GENESIS

    def step(self, entry: HistoryEntry) -> Iterator[Break]:
        """Hold one entry to the one before it, to the export and to its author."""
        if entry.sequence != self.sequence + 1:
            yield Break(self.chain, self.sequence + 1, "missing")
        elif self._was_changed(entry):
            yield Break(self.chain, entry.sequence, "changed")
        elif self._claims_to_be_older(entry):
            yield Break(self.chain, entry.sequence, "added")
        if shows_another(entry.actor_digest, entry.actor_id, self.salts):
            yield Break(self.chain, entry.sequence, "actor")
        self.sequence, self.previous = entry.sequence, entry.hash

    def end(self) -> Iterator[Break]:
        """Say so if the chain is shorter than it was."""
        if self.head is not None and self.sequence < self.head[0]:
            yield Break(self.chain, self.sequence + 1, "cut")

    def _was_changed(self, entry: HistoryEntry) -> bool:
        if entry.previous_hash != self.previous or entry.hash != hash_of(entry):
            return True
        head = self.head
        return head is not None and entry.sequence == head[0] and entry.hash != head[1]

    def _claims_to_be_older(self, entry: HistoryEntry) -> bool:
        if self.export is None or (self.head is not None and entry.sequence <= self.head[0]):
            return False
        return entry.at < self.export.at - LONGEST_TRANSACTION


def sign(export: Export, *, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return an export as JSON with an Ed25519 signature over its canonical form."""
    heads = {name: list(head) for name, head in export.heads.items()}
    body = {"at": export.at.astimezone(UTC).isoformat(), "heads": heads}
    return body | {"signature": base64.b64encode(key.sign(_text(body))).decode()}


def read_signed(signed: Mapping[str, Any], *, key: Ed25519PublicKey) -> Export:
    """Return a signed export; raises ValueError where it is none or its signature does not fit."""
    try:
        body = {"at": signed["at"], "heads": signed["heads"]}
        key.verify(base64.b64decode(str(signed["signature"]), validate=True), _text(body))
        heads = {str(name): (int(head[0]), str(head[1])) for name, head in body["heads"].items()}
        return Export(datetime.fromisoformat(body["at"]), heads)
    except InvalidSignature:
        raise ValueError("the export's signature does not fit this key") from None
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError("this is not an export of heads") from error


def _text(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
