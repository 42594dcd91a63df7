"""A listing's title as a column, so that a list of anything reads it along."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tenon.listings.models import ListingText


def title_of(listing_id: Any, language: str) -> sa.ColumnElement[str]:
    """Return a listing's title in ``language``, or in whichever it has; looked up row by row."""
    said = sa.orm.aliased(ListingText)
    return (
        sa.select(said.title)
        .where(said.listing_id == listing_id)
        .order_by(sa.case((said.language == language, 0), else_=1))
        .limit(1)
        .correlate_except(said)
        .scalar_subquery()
    )
