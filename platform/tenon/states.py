"""The one state machine: a table of allowed changes, and the one function that makes one.

Knows nothing of any room. A thing has ``state``, ``version`` and ``public_id`` columns; a move
compares and swaps the version, so that of two people who act at once the second is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from tenon import history
from tenon.actors import Actor
from tenon.db import UTCDateTime
from tenon.errors import Conflict, IllegalTransition
from tenon.outbox.services import emit


class Stateful(Protocol):
    """What a thing needs to be moved."""

    id: Any
    public_id: Any
    state: Any
    version: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One named step.

    Attributes:
        name: the verb, as in code, pages and history.
        sources: states it may start from.
        target: the state it ends in.
    """

    name: str
    sources: frozenset[str]
    target: str


class StateMachine:
    """The table of one kind of thing.

    Args:
        kind: names the chain of history and the outbox topic ``<kind>.moved``.
        states: every state, the first being where things begin.
        changes: every allowed step; names are unique.
        firsts: step -> columns of the thing that keep the moment of the first such step, laid
            flat from the history for those who count.
    """

    def __init__(
        self,
        kind: str,
        states: Iterable[str],
        changes: Iterable[Change],
        firsts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.kind = kind
        self.states = tuple(states)
        self._firsts = dict(firsts or {})
        self.changes: dict[str, Change] = {change.name: change for change in changes}
        for change in self.changes.values():
            unknown = (change.sources | {change.target}) - set(self.states)
            if unknown:
                raise ValueError(f"{kind}.{change.name} names unknown states {sorted(unknown)}")

    def allowed(self, state: str) -> list[str]:
        """Return the names of steps that may be taken from ``state``, in the table's order."""
        return [name for name, change in self.changes.items() if state in change.sources]

    def move(
        self,
        thing: Stateful,
        name: str,
        *,
        by: Actor,
        now: datetime,
        facts: Mapping[str, Any] | None = None,
        along: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the step ``name``: swap state and version, write history, tell the outbox.

        ``along`` are columns that change in the same statement, where a constraint ties them to
        the state or where the second of two people must not overwrite them. Permissions are the
        caller's business. Raises IllegalTransition where the state does not allow the step,
        Conflict where somebody else moved the thing first.
        """
        change = self.changes[name]
        if thing.state not in change.sources:
            raise IllegalTransition(step=name, state=thing.state, kind=self.kind)
        session = object_session(thing)
        if session is None:
            raise ValueError("the thing is not in a session")
        session.flush()
        before = thing.state
        table = type(thing)
        kept = {
            column: sa.func.coalesce(getattr(table, column), sa.literal(now, UTCDateTime()))
            for column in self._firsts.get(name, ())
        }
        self._swap(session, thing, change, {**kept, **(along or {})})
        history.record(
            session,
            chain=(self.kind, thing.public_id),
            kind=name,
            by=by,
            now=now,
            facts={"from": before, "to": change.target, **(facts or {})},
        )
        payload = {"id": thing.id, "change": name, "from": before, "to": change.target}
        emit(session, f"{self.kind}.moved", payload, now=now)

    def _swap(
        self, session: Session, thing: Stateful, change: Change, along: Mapping[str, Any]
    ) -> None:
        table = type(thing)
        result = session.execute(
            sa.update(table)
            .where(table.id == thing.id, table.version == thing.version)
            .values(state=change.target, version=thing.version + 1, **along)
            .execution_options(synchronize_session=False)
        )
        if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
            raise Conflict("changed_meanwhile", kind=self.kind)
        session.refresh(thing, ["state", "version", *along])
