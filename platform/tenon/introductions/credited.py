"""How introductions are titled and linked in the ledger of credit, as each viewer may know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.credit import things
from tenon.credit.things import Described
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.queries.introductions import for_lists, visible_to


def describe(session: Session, public_ids: Sequence[str], actor: Actor) -> Mapping[str, Described]:
    """Return public id -> title and page, of those that the actor may know of."""
    rows = session.scalars(
        sa.select(Introduction)
        .where(Introduction.public_id.in_(public_ids), visible_to(actor))
        .options(*for_lists())
    )
    return {each.public_id: _described(each, actor) for each in rows}


def _described(introduction: Introduction, actor: Actor) -> Described:
    withheld = frozenset(
        introduction.organisation_id(side)
        for side in ("from", "to")
        if not permissions.may_know_name(actor, introduction, side)
    )
    readable = permissions.may_read(actor, introduction)
    path = f"/introductions/{introduction.public_id}" if readable else ""
    zh, en = (_title(introduction, actor, language) for language in ("zh", "en"))
    return Described(zh, en, path, withheld)


def _title(introduction: Introduction, actor: Actor, language: str) -> str:
    """Return the titles of both listings; not of one that would tell a name kept back."""
    titles = [
        listing.text(language).title
        for side in ("from", "to")
        if permissions.may_know_listing(actor, introduction, side)
        and (listing := introduction.listing_of(side)) is not None
    ]
    return " ↔ ".join(titles)


things.register("introduction", describe)
