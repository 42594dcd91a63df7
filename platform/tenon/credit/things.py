"""How the things of the ledger are titled and linked, for whom: a register of describers.

The rooms that own listings, introductions, meetings and deals add themselves at import of their
``tasks``. Must not know any of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tenon.actors import Actor


@dataclass(frozen=True, slots=True)
class Described:
    """A thing as one viewer may know it.

    Attributes:
        title_zh: its title in Chinese, or in the language that it has.
        title_en: its title in English, or in the language that it has.
        path: its page, beginning with ``/``; empty where the viewer may not open one.
        withheld: organisations whose name the viewer may not learn here (an anonymous firm's);
            the names of people credited for them are withheld with it.
    """

    title_zh: str
    title_en: str
    path: str
    withheld: frozenset[int] = frozenset()

    def title(self, language: str) -> str:
        """Return the title in ``language`` (zh or en)."""
        return self.title_zh if language == "zh" else self.title_en


Describe = Callable[[Session, Sequence[str], Actor], Mapping[str, Described]]
Thing = tuple[str, str]

_DESCRIBERS: dict[str, Describe] = {}


def register(kind: str, describe: Describe) -> None:
    """Say how things of a kind are described: ``describe(session, public_ids, actor)``.

    It returns public id -> Described, and leaves out what the actor may not see. Raises
    ValueError where another function describes the kind already.
    """
    known = _DESCRIBERS.setdefault(kind, describe)
    if known.__qualname__ != describe.__qualname__ or known.__module__ != describe.__module__:
        raise ValueError(f"things of kind {kind} are described already")


def describe(session: Session, things: Iterable[Thing], actor: Actor) -> dict[Thing, Described]:
    """Return what ``actor`` may know of each thing, asking each room once; others are left out."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for kind, public_id in dict.fromkeys(things):
        wanted[kind].append(public_id)
    found: dict[Thing, Described] = {}
    for kind, public_ids in wanted.items():
        describer = _DESCRIBERS.get(kind)
        if describer is None:
            continue
        for public_id, described in describer(session, public_ids, actor).items():
            found[kind, public_id] = described
    return found
