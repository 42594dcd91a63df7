"""Append to a chain, verify chains, export signed heads.

The signing key lies outside the database (var/keys or wherever the operator puts it), so that
whoever can rewrite every row still cannot make an exported head fit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.history.models import HistoryEntry

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold.

    Attributes:
        chain: ``kind/id``.
        sequence: the entry, or the first one missing.
        what: ``changed``, ``missing``, ``added`` or ``cut``.
    """

    chain: str
    sequence: int
    what: str


def digest_actor(actor: Actor) -> str:
    """Return the salted digest that stands for a person in a chain."""
    if actor.user_id is None:
        return "system" if actor.system else "visitor"
    return hmac.new(actor.salt.encode(), str(actor.user_id).encode(), hashlib.sha256).hexdigest()


def _hash(entry: HistoryEntry) -> str:
    body = {
        "chain": f"{entry.chain_kind}/{entry.chain_id}",
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(),
        "kind": entry.kind,
        "actor": entry.actor_digest,
        "facts": entry.facts,
        "previous": entry.previous_hash,
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def record(
    session: Session,
    *,
    chain: tuple[str, str],
    kind: str,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Append an entry to the chain ``(kind of thing, its public id)``.

    ``facts`` must be plain JSON without personal data. Two writers at one chain at once: the
    second violates the unique sequence and its transaction fails whole.
    """
    last = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == chain[0], HistoryEntry.chain_id == chain[1])
        .order_by(HistoryEntry.sequence.desc())
        .limit(1)
    ).first()
    entry = HistoryEntry(
        chain_kind=chain[0],
        chain_id=chain[1],
        sequence=1 if last is None else last.sequence + 1,
        at=now,
        kind=kind,
        actor_id=by.user_id,
        actor_digest=digest_actor(by),
        facts=json.loads(json.dumps(dict(facts or {}))),
        previous_hash=GENESIS if last is None else last.hash,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    return entry


def first_entries(
    rows: list[tuple[tuple[str, str], str, Mapping[str, Any]]], *, by: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Return rows for a bulk insert that opens new chains, one each.

    ``rows`` holds ((kind of thing, public id), what happened, facts).
    """
    made = []
    for chain, kind, facts in rows:
        entry = HistoryEntry(
            chain_kind=chain[0],
            chain_id=chain[1],
            sequence=1,
            at=now,
            kind=kind,
            actor_id=by.user_id,
            actor_digest=digest_actor(by),
            facts=dict(facts),
            previous_hash=GENESIS,
        )
        made.append(
            {
                "chain_kind": entry.chain_kind,
                "chain_id": entry.chain_id,
                "sequence": 1,
                "at": now,
                "kind": kind,
                "actor_id": entry.actor_id,
                "actor_digest": entry.actor_digest,
                "facts": entry.facts,
                "previous_hash": GENESIS,
                "hash": _hash(entry),
            }
        )
    return made


def verify(session: Session, heads: Mapping[str, tuple[int, str]] | None = None) -> Iterator[Break]:
    """Walk every chain and yield where it does not hold.

    Args:
        session: to read with.
        heads: exported ``chain -> (sequence, hash)``; with it, entries cut off the end or a chain
            rewritten whole are found too.
    """
    expected = dict(heads or {})
    seen: dict[str, tuple[int, str]] = {}
    rows = session.scalars(
        sa.select(HistoryEntry)
        .order_by(HistoryEntry.chain_kind, HistoryEntry.chain_id, HistoryEntry.sequence)
        .execution_options(yield_per=1000)
    )
    for entry in rows:
        name = f"{entry.chain_kind}/{entry.chain_id}"
        sequence, previous = seen.get(name, (0, GENESIS))
        if entry.sequence != sequence + 1:
            yield Break(name, sequence + 1, "missing")
        elif entry.previous_hash != previous or entry.hash != _hash(entry):
            yield Break(name, entry.sequence, "changed")
        head = expected.get(name)
        if head is not None and head[0] == entry.sequence and head[1] != entry.hash:
            yield Break(name, entry.sequence, "changed")
        seen[name] = (entry.sequence, entry.hash)
    for name, (sequence, _) in expected.items():
        held = seen.get(name, (0, GENESIS))[0]
        if held < sequence:
            yield Break(name, held + 1, "cut")


def heads(session: Session) -> dict[str, tuple[int, str]]:
    """Return the last entry of every chain: ``kind/id -> (sequence, hash)``."""
    last = (
        sa.select(
            HistoryEntry.chain_kind,
            HistoryEntry.chain_id,
            sa.func.max(HistoryEntry.sequence).label("sequence"),
        )
        .group_by(HistoryEntry.chain_kind, HistoryEntry.chain_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(
            HistoryEntry.chain_kind,
            HistoryEntry.chain_id,
            HistoryEntry.sequence,
            HistoryEntry.hash,
        ).join(
            last,
            sa.and_(
                HistoryEntry.chain_kind == last.c.chain_kind,
                HistoryEntry.chain_id == last.c.chain_id,
                HistoryEntry.sequence == last.c.sequence,
            ),
        )
    )
    return {f"{kind}/{thing}": (sequence, digest) for kind, thing, sequence, digest in rows}


def sign(heads_now: Mapping[str, tuple[int, str]], *, key: bytes, now: datetime) -> dict[str, Any]:
    """Return an export of heads with an HMAC-SHA256 signature over its canonical JSON."""
    body = {"at": now.isoformat(), "heads": {name: list(head) for name, head in heads_now.items()}}
    return body | {"signature": _signature(body, key)}


def read_signed(export: Mapping[str, Any], *, key: bytes) -> dict[str, tuple[int, str]]:
    """Return the heads of an export; raises ValueError where the signature does not fit."""
    body = {"at": export["at"], "heads": export["heads"]}
    if not hmac.compare_digest(_signature(body, key), str(export["signature"])):
        raise ValueError("the export's signature does not fit this key")
    return {name: (int(head[0]), str(head[1])) for name, head in export["heads"].items()}


def _signature(body: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
