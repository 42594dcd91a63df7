"""The register of topics: which function does the work, and where it may run.

Rooms register at import; app.py imports every room's ``tasks``. A topic has one handler, and
followers that hear of it afterwards. A handler gets a session, the
payload and the moment; it does not commit. What it does must be the same when done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

PATIENCE = 120  # seconds

Then = Callable[[Session], object]


@dataclass(frozen=True, slots=True)
class Later:
    """What a handler that reads returns where the moment is wrong; it costs no attempt.

    Attributes:
        reason: for an operator, without personal data.
        until: when the message is due again; None where no other of the topic would fare better
            (the server that they go to is away): then the whole topic pauses.
        then: what to write in the transaction that puts the message off.
    """

    reason: str
    until: datetime | None = None
    then: Then | None = None


Work = Callable[[Session, Mapping[str, Any], datetime], Then | Later | None]
Ahead = Callable[[Session, Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Handler:
    """A topic's work.

    Attributes:
        topic: ``room.what_happened``.
        work: does it, within the caller's transaction.
        alone: only the dispatcher's own process may do it (the index has one writer).
        patience: seconds that one run may take before another may start it again.
        together: may be handed several messages' payloads as one, ``{"payloads": [...]}``.
        reads: does something slow elsewhere (it sends mail, say): gets a reading session, so that
            no lock is held here meanwhile, and may return what to write in the transaction that
            marks the message done. Its effect may happen twice where the process dies right
            after it.
        in_turn: several messages are begun in one go and worked one after another, and what each
            asks to be written is committed at once, so that a process that dies leaves one in
            flight, not a batch. The outbox's own rows are settled for all of them: work that was
            written down must see that it was.
        ahead: for ``in_turn``: reads in one go what several payloads need, and returns payloads
            with it; what was read a few seconds ago is read again.
        background: takes seconds and nobody waits for it (a report, say): one at a time, after
            all else that is due.
    """

    topic: str
    work: Work
    alone: bool = False
    patience: int = PATIENCE
    together: bool = False
    reads: bool = False
    in_turn: bool = False
    ahead: Ahead | None = None
    background: bool = False


_HANDLERS: dict[str, Handler] = {}
_FOLLOWERS: dict[str, list[str]] = {}


def handles(
    topic: str,
    *,
    alone: bool = False,
    patience: int = PATIENCE,
    together: bool = False,
    reads: bool = False,
    in_turn: bool = False,
    ahead: Ahead | None = None,
    background: bool = False,
) -> Callable[[Work], Work]:
    """Register the decorated function as ``topic``'s handler; a second raises ValueError."""

    def register(work: Work) -> Work:
        known = _HANDLERS.get(topic)
        if known is not None and known.work is not work:
            raise ValueError(f"topic {topic} already has a handler")
        _HANDLERS[topic] = Handler(
            topic, work, alone, patience, together, reads, in_turn, ahead, background
        )
        return work

    return register


def follows(topic: str, *, name: str, patience: int = PATIENCE) -> Callable[[Work], Work]:
    """Register the decorated function to hear of ``topic`` after the topic's own handler.

    So a later room learns of what an earlier one does. Its message ``<topic>/<name>`` carries the
    same payload and is queued in the transaction that finishes the first, once.
    """
    own = f"{topic}/{name}"

    def register(work: Work) -> Work:
        handles(own, patience=patience)(work)
        names = _FOLLOWERS.setdefault(topic, [])
        if own not in names:
            names.append(own)
        return work

    return register


def followers(topic: str) -> tuple[str, ...]:
    """Return the topics of those who hear of ``topic`` after its own handler."""
    return tuple(_FOLLOWERS.get(topic, ()))


def giving_way() -> frozenset[str]:
    """Return the topics worked in turn: slow and perhaps many, they give way to all others."""
    return frozenset(topic for topic, handler in _HANDLERS.items() if handler.in_turn)


def in_background() -> frozenset[str]:
    """Return the topics that nobody waits for."""
    return frozenset(topic for topic, handler in _HANDLERS.items() if handler.background)


def handler_of(topic: str) -> Handler:
    """Return the handler of ``topic``; raises KeyError where there is none."""
    return _HANDLERS[topic]


def known_handler(topic: str) -> Handler | None:
    """Return the handler of ``topic``, or None."""
    return _HANDLERS.get(topic)


def topics() -> frozenset[str]:
    """Return every topic that has a handler."""
    return frozenset(_HANDLERS)
