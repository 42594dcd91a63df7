"""The ledger of a thing on its own page, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.credit import queries
from tenon.errors import NotFound
from tenon.web.sections import Load, Section, add_section

_PAGES = ("listing", "introduction", "meeting", "deal")


def load(kind: str) -> Load:
    """Return what loads the ledger of things of a kind; None where it concerns not the actor."""

    def loading(session: Session, shown: Any, actor: Actor) -> Mapping[str, Any] | None:
        try:
            lines = queries.ledger_of(session, thing=(kind, shown.public_id), actor=actor)
        except NotFound:
            return None
        return {"lines": lines} if lines else None

    return loading


def install(app: Flask) -> None:
    """Add the section to the pages of all things that the ledger knows."""
    for kind in _PAGES:
        add_section(app, kind, Section("credit/_section.html", load(kind), order=70))
