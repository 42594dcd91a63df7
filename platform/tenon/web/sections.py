"""What later rooms show on an earlier room's page: sections, and parts of cards, added by name.

So a listing's page carries matches, and an organisation's its listings, without knowing either.
Must not know any of those rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from tenon.actors import Actor

# The thing is of the kind that the page shows: a listing, an organisation.
Load = Callable[[Session, Any, Actor], Mapping[str, Any] | None]
# All things of a page at once, what they are shown for (or None), who reads: thing's key -> what
# its card shows.
LoadCards = Callable[[Session, Sequence[Any], Any, Actor], Mapping[int, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        template: included with the page's own variables and ``section``.
        load: returns what the template finds in ``section``, or None to leave it out.
        order: position on the page, ascending.
    """

    template: str
    load: Load
    order: int = 50


def add_section(app: Flask, page: str, section: Section) -> None:
    """Add a section to every page of one kind.

    Kinds: ``listing``, ``listing.actions`` (buttons beside its title), ``organisation``,
    ``introduction``, ``event``; ``search`` and ``box`` (the question asked), ``listing.matches``,
    ``network.place``.
    """
    pages: dict[str, list[Section]] = app.extensions.setdefault("tenon.sections", {})
    pages.setdefault(page, []).append(section)


def sections(
    page: str, session: Session, thing: object, actor: Actor
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (template, what it shows) of every section that has something to show."""
    known: list[Section] = current_app.extensions.get("tenon.sections", {}).get(page, [])
    loaded = [
        (each.template, each.load(session, thing, actor))
        for each in sorted(known, key=lambda each: each.order)
    ]
    return [(template, shown) for template, shown in loaded if shown is not None]


@dataclass(frozen=True, slots=True)
class CardPart:
    """What a later room adds to every card of a kind.

    Attributes:
        template: included in the card with its own variables and ``part``.
        load: asked once for all cards of a page.
    """

    template: str
    load: LoadCards


def add_card_part(app: Flask, kind: str, part: CardPart) -> None:
    """Add a part to all cards of one kind (``match``)."""
    kinds: dict[str, list[CardPart]] = app.extensions.setdefault("tenon.card_parts", {})
    kinds.setdefault(kind, []).append(part)


def card_parts(
    kind: str, session: Session, things: Sequence[Any], shown_for: object, actor: Actor
) -> Mapping[int, list[tuple[str, Any]]]:
    """Return thing's key -> (template, what it shows) of each part that has something to show."""
    known: list[CardPart] = current_app.extensions.get("tenon.card_parts", {}).get(kind, [])
    found: dict[int, list[tuple[str, Any]]] = {}
    for part in known if things else []:
        for key, shown in part.load(session, things, shown_for, actor).items():
            found.setdefault(key, []).append((part.template, shown))
    return found
