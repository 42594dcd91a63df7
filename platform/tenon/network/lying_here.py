"""What lies at a place, by kind: a register that rooms fill, asked before a place is closed.

The place's page counts it, closing refuses while there is any, handing up gives it to the place
above. Must not know any room; each registers itself at import of its ``tasks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

__all__ = ["N_", "Kind", "counts", "kinds", "register"]

Count = Callable[[Session, int], int]
"""(session, place) -> how many live things lie there."""

HandUp = Callable[..., int]
"""``hand_up(session, from_id, to_id, *, by: Actor, now: datetime) -> int``: move them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that lies at places.

    Attributes:
        code: its name.
        label: in English, marked for translation.
        count: see ``Count``.
        hand_up: see ``HandUp``.
        order: position on the page.
    """

    code: str
    label: str
    count: Count
    hand_up: HandUp
    order: int = 50


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; raises ValueError where another has its code."""
    known = _KINDS.setdefault(kind.code, kind)
    if known.hand_up.__qualname__ != kind.hand_up.__qualname__:
        raise ValueError(f"{kind.code} lies at places already")


def kinds() -> Iterator[Kind]:
    """Yield all kinds in their order."""
    yield from sorted(_KINDS.values(), key=lambda each: (each.order, each.code))


def counts(session: Session, station_id: int) -> list[tuple[Kind, int]]:
    """Return every kind with how many of it lie at a place."""
    return [(each, each.count(session, station_id)) for each in kinds()]
