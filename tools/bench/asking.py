"""What is asked of the site: a plain page of 20 rows, match pages, the box."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.clock import utc_now
from tenon.listings.models import Listing
from tenon.listings.queries import is_public
from tools.bench.load import Question

PLAIN = Question("/organisations")
DIFFERENT = 200
"""Listings whose pages are asked for in turn, so that nothing is answered from a cache alone."""


def match_pages(session: Session) -> list[Question]:
    """Return match pages of listings of both sides and languages, drawn evenly."""
    ids = session.scalars(
        sa.select(Listing.public_id).where(is_public(utc_now())).order_by(Listing.id)
    ).all()
    step = max(1, len(ids) // DIFFERENT)
    return [Question(f"/listings/{public_id}/matches") for public_id in ids[::step]]


def box_questions(session: Session) -> list[Question]:
    """Return the box asked with the words of listings of both sides and languages."""
    rows = session.scalars(
        sa.select(Listing).where(is_public(utc_now())).order_by(Listing.public_id).limit(DIFFERENT)
    )
    found = []
    for listing in rows:
        text = listing.text(listing.language)
        words = f"{text.title}\n{text.summary}"[:2000]
        found.append(Question("/match", (("text", words), ("side", listing.side))))
    return found
