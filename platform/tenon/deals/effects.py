"""What follows from a step in the same transaction, by name: forms name it, rooms register it.

What may wait or fail by itself belongs to the outbox (topic ``deal.moved``) instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.forms.schema import Step
from tenon.deals.models import Deal


class Effect(Protocol):
    """What a room registers."""

    def __call__(
        self, session: Session, deal: Deal, *, step: str, by: Actor, now: datetime
    ) -> None:
        """Do what follows from the step, which has been taken."""
        ...


_effects: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register an effect under a name that forms and pipelines use; each name has one."""

    def register(made: Effect) -> Effect:
        if name in _effects:
            raise ValueError(f"{name} is registered already")
        _effects[name] = made
        return made

    return register


def known() -> frozenset[str]:
    """Return the names of all registered effects."""
    return frozenset(_effects)


def follow(session: Session, deal: Deal, step: Step, *, by: Actor, now: datetime) -> None:
    """Let everything follow that the form names for the step, in its order."""
    for name in step.effects:
        _effects[name](session, deal, step=step.name, by=by, now=now)
