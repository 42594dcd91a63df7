"""What the desk hangs on other rooms' pages: notes and tasks, for brokers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk import labels, permissions
from tenon.desk.queries.notes import notes_about
from tenon.network.queries import portfolio
from tenon.web.sections import Load, Section, add_section

SHOWN = 3


def _houses(kind: str, thing: Any) -> set[int]:
    if kind == "listing":
        return {thing.organisation_id}
    if kind == "introduction":
        return {thing.from_organisation_id, thing.to_organisation_id}
    if kind == "deal":
        return {thing.seller_organisation_id, thing.buyer_organisation_id}
    return set()


def _loader(kind: str) -> Load:
    def load(session: Session, thing: Any, actor: Actor) -> Mapping[str, Any] | None:
        if not permissions.works_here(actor) or _houses(kind, thing) & set(actor.memberships):
            return None
        return {
            "nav": ("desk-notes", labels.KINDS["notes"]),
            "kind": kind,
            "public_id": thing.public_id,
            "notes": notes_about(session, kind, thing.id, by=actor, limit=SHOWN),
            "audiences": labels.AUDIENCES,
        }

    return load


def load_firm(session: Session, house: Any, actor: Actor) -> Mapping[str, Any] | None:
    """Return the way from an organisation's page to the same firm on the desk."""
    if not permissions.works_here(actor):
        return None
    kept = portfolio.live_row(session, house.id)
    return {} if permissions.may_see_firm(actor, house.id, kept) else None


def install(app: Flask) -> None:
    """Hang notes on pages of listings, introductions, deals, events; a link on organisations'."""
    add_section(app, "organisation", Section("desk/on_organisation.html", load_firm, order=5))
    for kind in ("listing", "introduction", "deal", "event"):
        add_section(app, kind, Section("desk/notes_section.html", _loader(kind), order=90))
