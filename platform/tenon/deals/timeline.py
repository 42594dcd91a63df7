"""One line of what happened to a deal: each room tells its own part, by name.

Must not know the rooms. A source gives only what the reader may see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the line.

    Attributes:
        at: when.
        kind: message, file, terms, step, signature, publicity, approval, payment, report ...
        title: a marked message (English id) with placeholders of ``facts``.
        facts: values of the placeholders; one that is a mapping is {"zh": ..., "en": ...}.
        path: where more of it stands, if anywhere.
        side: seller, buyer, broker or None.
        text: what somebody wrote, shown as it is.
        user_id: who did it, where the reader may know.
    """

    at: datetime
    kind: str
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    side: str | None = None
    text: str = ""
    user_id: int | None = None


class Source(Protocol):
    """What a room registers."""

    def __call__(self, session: Session, deal: Deal, actor: Actor) -> list[Item]:
        """Return the room's entries that the actor may see."""
        ...


_sources: dict[str, Source] = {}


def source(name: str) -> Callable[[Source], Source]:
    """Register a source; each name has one."""

    def register(made: Source) -> Source:
        if name in _sources:
            raise ValueError(f"{name} is registered already")
        _sources[name] = made
        return made

    return register


def line(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return every entry that the actor may see, the latest first."""
    found = [item for each in _sources.values() for item in each(session, deal, actor)]
    return sorted(found, key=lambda item: item.at, reverse=True)
