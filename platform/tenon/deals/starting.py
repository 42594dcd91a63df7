"""Values with which a new version of terms may begin, from rooms that come later, by name.

Must not know those rooms. An address carries ``<name>:<key>``, such as ``simulation:abc``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal


class Start(Protocol):
    """What a room registers."""

    def __call__(
        self, session: Session, deal: Deal, actor: Actor, key: str
    ) -> Mapping[str, Any] | None:
        """Return term code -> value for the deal's form, or None where there is nothing."""
        ...


_starts: dict[str, Start] = {}


def start(name: str) -> Callable[[Start], Start]:
    """Register where values come from; each name has one."""

    def register(made: Start) -> Start:
        if name in _starts:
            raise ValueError(f"{name} is registered already")
        _starts[name] = made
        return made

    return register


def values_from(session: Session, deal: Deal, actor: Actor, said: str | None) -> Mapping[str, Any]:
    """Return the values that ``<name>:<key>`` stands for; empty where it stands for nothing."""
    name, _, key = (said or "").partition(":")
    found = _starts[name](session, deal, actor, key) if name in _starts else None
    return found or {}
