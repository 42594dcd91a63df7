"""Append to a chain of history.

Knows nothing of what the kinds mean; proof.py checks what is written here. Never commits.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.history.models import HistoryEntry

GENESIS = "0" * 64


def digest_actor(actor: Actor) -> str:
    """Return the salted digest that stands for a person in a chain."""
    if actor.user_id is None:
        return "system" if actor.system else "visitor"
    return hmac.new(actor.salt.encode(), str(actor.user_id).encode(), hashlib.sha256).hexdigest()


def canonical(value: Any) -> Any:
    """Return JSON in the one form that both databases give back.

    PostgreSQL keeps numbers by value, so that 2.0 may come back as 2: whole numbers become
    integers. Raises ValueError for a number that would not come back as it was, and for what is
    not JSON.
    """
    if isinstance(value, Mapping):
        return {str(name): canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value) or abs(value) >= 2**53:
            raise ValueError(f"{value} does not survive a database: write it as text")
        return int(value) if value.is_integer() else value
    if value is None or isinstance(value, str | int):
        return value
    raise ValueError(f"{type(value).__name__} is not JSON")


def hash_of(entry: HistoryEntry) -> str:
    """Return the SHA-256, in hex, over everything an entry says and the hash before it."""
    body = {
        "chain": f"{entry.chain_kind}/{entry.chain_id}",
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(),
        "kind": entry.kind,
        "actor": entry.actor_digest,
        "facts": canonical(entry.facts),
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

    ``facts`` must be plain JSON without personal data. Of two writers at one chain the second
    waits for the first's transaction: PostgreSQL by a lock on the chain, SQLite by its single
    writer.
    """
    lock(session, chain)
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
        facts=canonical(facts or {}),
        previous_hash=GENESIS if last is None else last.hash,
    )
    entry.hash = hash_of(entry)
    session.add(entry)
    session.flush()
    return entry


def lock(session: Session, chain: tuple[str, str]) -> None:
    """Make other transactions that append to this chain wait until this one ends.

    For a caller that must look before it appends; the same transaction may lock again.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    digest = hashlib.sha256("/".join(chain).encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


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
            facts=canonical(facts),
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
                "hash": hash_of(entry),
            }
        )
    return made
