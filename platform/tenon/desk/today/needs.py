"""Public needs in the broker's care for which nothing is on its way."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.models import ListingFit
from tenon.desk.queries.sight import in_care
from tenon.desk.titles import title_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.listings.queries import is_public
from tenon.listings.states import PUBLIC_STATES
from tenon.matches.models import MatchFeedback
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/desk/needs"
_FITS = N_("Public, and nothing is on its way: good matches found: %(number)s.")
_NONE = N_("Public, and no published result fits well yet.")
_UNKNOWN = N_("Public, and nothing is on its way; the matcher looks within the hour.")


def unmatched(by: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of a public need in care without anything that lives or was liked."""
    # Each side by an index of its own; the key is asked for so that no index answers it.
    alive = sa.func.coalesce(Introduction.live_key, "") != ""
    asked = sa.select(Introduction.id).where(Introduction.listing_id == Listing.id, alive)
    asking = sa.select(Introduction.id).where(
        Introduction.from_organisation_id == Listing.organisation_id,
        Introduction.own_listing_id == Listing.id,
        alive,
    )
    liked = sa.select(MatchFeedback.id).where(
        MatchFeedback.need_id == Listing.id, MatchFeedback.kind == "interested"
    )
    return sa.and_(
        Listing.side == "need",
        is_public(now),
        sa.or_(Listing.deadline.is_(None), Listing.deadline >= today_of(now)),
        in_care(by, Listing.side == "need", Listing.state.in_(PUBLIC_STATES)),
        ~asked.exists(),
        ~asking.exists(),
        ~liked.exists(),
    )


def needs(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return needs without a match; one statement."""
    rows = session.execute(
        sa.select(
            Listing.public_id,
            Listing.published_at,
            Listing.deadline,
            ListingFit.fitting,
            title_of(Listing.id, language).label("title"),
        )
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(unmatched(by, now))
        .order_by(Listing.published_at, Listing.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/listings/{row.public_id}",
            why=why(row.fitting),
            facts={"number": row.fitting or 0},
            since=row.published_at,
            due=row.deadline,
            steps=(Step(N_("See what fits"), f"/listings/{row.public_id}/matches"),),
        )
        for row in rows
    ]
    return part("needs", found, PATH)


def why(fitting: int | None) -> str:
    """Return why a need without a match is on the list, by how many good matches it has."""
    if fitting is None:
        return _UNKNOWN
    return _FITS if fitting else _NONE
