"""What the site holds about a person, over all rooms, and how each room forgets it.

A register: rooms add a collector, an eraser and, where they keep files, an encloser, at import
of their ``tasks``. Must not know any other room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from tenon.accounts.models import User

Collect = Callable[[Session, User], Mapping[str, Any]]
Erase = Callable[[Session, User, datetime], None]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to a person.

    Attributes:
        name: path inside the download.
        path: where it lies.
    """

    name: str
    path: Path


Enclose = Callable[[Session, User], Iterable[Enclosure]]
Registered = TypeVar("Registered", Collect, Erase, Enclose)

_COLLECTORS: dict[str, Collect] = {}
_ERASERS: dict[str, Erase] = {}
_ENCLOSERS: dict[str, Enclose] = {}


def collects(room: str) -> Callable[[Collect], Collect]:
    """Register the function that returns what ``room`` holds about a person, as plain JSON."""
    return lambda function: _add(_COLLECTORS, room, function)


def erases(room: str) -> Callable[[Erase], Erase]:
    """Register the function that removes a person from ``room``; it runs before the name goes."""
    return lambda function: _add(_ERASERS, room, function)


def encloses(room: str) -> Callable[[Enclose], Enclose]:
    """Register the function that names the files of a person that ``room`` keeps."""
    return lambda function: _add(_ENCLOSERS, room, function)


def _add(register: dict[str, Registered], room: str, function: Registered) -> Registered:
    known = register.setdefault(room, function)
    if known.__qualname__ != function.__qualname__:
        raise ValueError(f"{room} is registered already")
    return function


def collect(session: Session, user: User) -> dict[str, Mapping[str, Any]]:
    """Return room -> what it holds about ``user``."""
    return {room: function(session, user) for room, function in sorted(_COLLECTORS.items())}


def enclosures(session: Session, user: User) -> list[Enclosure]:
    """Return every file of ``user`` that a room keeps and that is still there."""
    found = (each for function in _ENCLOSERS.values() for each in function(session, user))
    return [each for each in found if each.path.is_file()]


def erase(session: Session, user: User, now: datetime) -> None:
    """Have every room forget ``user``."""
    for _, function in sorted(_ERASERS.items()):
        function(session, user, now)
    session.flush()
