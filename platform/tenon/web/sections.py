"""What later rooms show on an earlier room's page: sections that they add to it by name.

So a listing's page carries matches, and an organisation's its listings, without knowing either.
Must not know any of those rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from tenon.actors import Actor

# The thing is of the kind that the page shows: a listing, an organisation.
Load = Callable[[Session, Any, Actor], Mapping[str, Any] | None]


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
    """Add a section to every page of one kind (``listing``, ``organisation``)."""
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
