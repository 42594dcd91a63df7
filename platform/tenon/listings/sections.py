"""What later rooms show on a listing's page: a list of sections that they add.

Must not know any of those rooms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.listings.models import Listing

Load = Callable[[Session, Listing, Actor], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        template: included with the variables ``listing`` and ``section``.
        load: returns what the template finds in ``section``, or None to leave it out.
        order: position on the page, ascending.
    """

    template: str
    load: Load
    order: int = 50


def add_section(app: Flask, section: Section) -> None:
    """Add a room's section to the page of every listing."""
    app.extensions.setdefault("tenon.listing_sections", []).append(section)


def sections(
    session: Session, listing: Listing, actor: Actor
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return (template, what it shows) of every section that has something to show."""
    known: list[Section] = current_app.extensions.get("tenon.listing_sections", [])
    loaded = [
        (each.template, each.load(session, listing, actor))
        for each in sorted(known, key=lambda each: each.order)
    ]
    return [(template, shown) for template, shown in loaded if shown is not None]
