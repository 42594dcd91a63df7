"""What a broker may have, by kind: a register that each room fills with what it keeps.

A hand-over asks all of them, in one transaction (``services/handing_over.py``). Must not know any
room; each registers itself in its ``handing_over`` module, imported by its ``tasks``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

__all__ = ["N_", "Kind", "Receivers", "kinds", "register"]


@dataclass(frozen=True, slots=True)
class Receivers:
    """Who gets what.

    Attributes:
        everything: key of the broker who gets whatever no firm decides.
        by_firm: organisation -> key of the broker who gets what belongs to it.
    """

    everything: int
    by_firm: Mapping[int, int] = field(default_factory=dict)

    def of(self, *organisation_ids: int | None) -> int:
        """Return who gets a thing of these organisations: by the first that was given away."""
        for each in organisation_ids:
            if each is not None and each in self.by_firm:
                return self.by_firm[each]
        return self.everything

    @property
    def keys(self) -> frozenset[int]:
        """Everybody who may get something."""
        return frozenset((self.everything, *self.by_firm.values()))


Count = Callable[[Session, int], int]
"""(session, user) -> how many things of the kind the person has that can be handed over."""

Hand = Callable[..., int]
"""``hand(session, from_id, to: Receivers, *, by: Actor, now: datetime) -> int``: give them away,
each with its own history, and return how many went; what a receiver may not have stays."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that is handed over.

    Attributes:
        code: its name in records of hand-overs.
        label: in English, marked for translation.
        count: see ``Count``.
        hand: see ``Hand``.
        order: position on the page, and in the work: firms go first.
    """

    code: str
    label: str
    count: Count
    hand: Hand
    order: int = 50


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind; raises ValueError where another has its code."""
    known = _KINDS.setdefault(kind.code, kind)
    if known.hand.__qualname__ != kind.hand.__qualname__:
        raise ValueError(f"{kind.code} is handed over by another room already")


def kinds() -> Iterator[Kind]:
    """Yield all kinds in their order."""
    yield from sorted(_KINDS.values(), key=lambda each: (each.order, each.code))


def hand_all(
    session: Session, from_id: int, to: Receivers, *, by: Actor, now: datetime
) -> dict[str, int]:
    """Have every room give away what it keeps; return kind -> how many went, none left out."""
    return {each.code: each.hand(session, from_id, to, by=by, now=now) for each in kinds()}
