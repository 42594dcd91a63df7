"""The register of topics: which function does the work, and where it may run.

Rooms register at import; app.py imports every room's ``tasks``. A handler gets a session, the
payload and the moment; it does not commit. What it does must be the same when done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

PATIENCE = 120  # seconds

Then = Callable[[Session], object]
Work = Callable[[Session, Mapping[str, Any], datetime], Then | None]


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
    """

    topic: str
    work: Work
    alone: bool = False
    patience: int = PATIENCE
    together: bool = False
    reads: bool = False


_HANDLERS: dict[str, Handler] = {}


def handles(
    topic: str,
    *,
    alone: bool = False,
    patience: int = PATIENCE,
    together: bool = False,
    reads: bool = False,
) -> Callable[[Work], Work]:
    """Register the decorated function as ``topic``'s handler; a second raises ValueError."""

    def register(work: Work) -> Work:
        known = _HANDLERS.get(topic)
        if known is not None and known.work is not work:
            raise ValueError(f"topic {topic} already has a handler")
        _HANDLERS[topic] = Handler(topic, work, alone, patience, together, reads)
        return work

    return register


def handler_of(topic: str) -> Handler:
    """Return the handler of ``topic``; raises KeyError where there is none."""
    return _HANDLERS[topic]


def known_handler(topic: str) -> Handler | None:
    """Return the handler of ``topic``, or None."""
    return _HANDLERS.get(topic)


def topics() -> frozenset[str]:
    """Return every topic that has a handler."""
    return frozenset(_HANDLERS)
