"""What the room adds to the listings room: near-duplicates while writing, matches on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Flask
from sqlalchemy.orm import Session

from matching.documents import Document, Language, Side
from matching.errors import MatchingError
from tenon.actors import Actor
from tenon.clock import utc_now
from tenon.listings.duplicates import register_finder
from tenon.listings.models import Listing
from tenon.listings.queries import public_listings
from tenon.matches import queries
from tenon.matches.building import ask_for_repair
from tenon.matches.engine import engine_of
from tenon.matches.sites import settings_behind
from tenon.web.requests import database
from tenon.web.sections import Section, add_section

SHOWN = 3


def find_similar(
    session: Session,
    side: str,
    language: str,
    title: str,
    text: str,
    actor: Actor,  # noqa: ARG001  # the hook's form
) -> Sequence[int]:
    """Return ids of public listings of the same side that say nearly the same; best first."""
    draft = Document(0, cast("Side", side), cast("Language", language), title, text)
    try:
        found = engine_of(settings_behind(session)).similar(draft, SHOWN)
    except MatchingError:
        return ()  # a hint less; writing goes on
    keys = [match.key for match in found]
    return [listing.id for listing in public_listings(session, keys, now=utc_now())]


def load_section(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # the hook's form
    """Return the best counterparts of a listing for its own page; None while there is no index."""
    try:
        found = queries.counterparts(
            session,
            engine_of(settings_behind(session)),
            listing=listing,
            now=utc_now(),
            k=SHOWN,
        )
    except MatchingError as error:
        ask_for_repair(database(), error)
        return None
    return {"found": [view for view in found if view.band != "weak"]}


def install(app: Flask) -> None:
    """Register with the listings room."""
    register_finder(find_similar)
    add_section(app, "listing", Section("matches/_section.html", load_section, order=20))
