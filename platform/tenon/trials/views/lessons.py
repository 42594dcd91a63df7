"""What trials taught, on the page of the result, for those who look after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.trials.queries import lessons_of
from tenon.trials.views.trial import OUTCOMES
from tenon.web.sections import Section, add_section


def install(app: Flask) -> None:
    """Add the lessons to a listing's page."""
    add_section(app, "listing", Section("trials/_lessons.html", _load, 70))


def _load(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return the lessons to the owner's editors and the author; to nobody else."""
    own = actor.at_least("editor", listing.organisation_id) or (
        actor.user_id is not None and actor.user_id == listing.author_id
    )
    if listing.side != "achievement" or not own:
        return None
    found = lessons_of(session, listing.id)
    return {"lessons": found, "outcomes": OUTCOMES} if found else None
