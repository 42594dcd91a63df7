"""What the board is narrowed to, and the conditions that no index answers.

Those are asked of rows that were read already, one by one. Must not know lanes or pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matching.script import simplify
from tenon.actors import Actor
from tenon.introductions.models import Introduction
from tenon.introductions.queries.board_names import named_to, own_title_open
from tenon.listings.models import Listing, ListingField, ListingText
from tenon.taxonomy import catalogue

WHOSE = ("needs", "mine", "unassigned", "all")
_OVERDUE_STEPS = ("escalate", "lapse")

_SAID = sa.inspect(ListingText).local_table.alias("said")
"""Made once: a board asks for titles in fifty places, and each alias takes a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the board is narrowed to; empty means all.

    Attributes:
        whose: ``needs`` (mine and nobody's, where a broker is to act or others are late),
            ``mine``, ``unassigned`` (nobody's) or ``all``.
        overdue: only what has lasted longer than a reminder waits.
        region: code, of the approached listing; the regions below it count in.
        field: code of a high-tech field, likewise.
        text: part of one of the titles.
        organisation_id: on either side, where the reader may know it.
    """

    whose: str = "needs"
    overdue: bool = False
    region: str = ""
    field: str = ""
    text: str = ""
    organisation_id: int | None = None

    @property
    def scans(self) -> bool:
        """Whether rows must be looked at one by one."""
        return bool(self.overdue or self.region or self.field or self.text.strip())

    @property
    def looks(self) -> bool:
        """Whether anything is asked of rows after they were read, names among it."""
        return self.scans or self.organisation_id is not None


def is_overdue(introduction: Introduction, now: datetime) -> bool:
    """Whether the stage has lasted longer than a reminder waits."""
    if introduction.due_at is None:
        return False
    return introduction.due_step in _OVERDUE_STEPS or introduction.due_at <= now


def late(row: Any, now: datetime) -> sa.ColumnElement[bool]:
    """Agrees with ``is_overdue``."""
    return sa.or_(row.due_step.in_(_OVERDUE_STEPS), row.due_at <= now)


def narrowing(
    row: Any, asked: BoardFilter, *, by: Actor, now: datetime
) -> Iterator[sa.ColumnElement[bool]]:
    """Yield the filter's conditions of a row that was read; names as the actor may know them."""
    if asked.overdue:
        yield late(row, now)
    if asked.region:
        region = sa.select(Listing.region).where(Listing.id == row.listing_id).scalar_subquery()
        yield region.in_(catalogue.descendant_codes("region", asked.region))
    if asked.field:
        codes = catalogue.descendant_codes("hitech", asked.field)
        yield _any(
            ListingField.listing_id == row.listing_id,
            ListingField.scheme == "hitech",
            ListingField.code.in_(codes),
        )
    if asked.text.strip():
        own = sa.and_(_titled(row.own_listing_id, asked.text), own_title_open(by, row))
        yield sa.or_(_titled(row.listing_id, asked.text), own)
    if asked.organisation_id is not None:
        sides = (("from", row.from_organisation_id), ("to", row.to_organisation_id))
        yield sa.or_(
            *(
                sa.and_(house == asked.organisation_id, named_to(by, row, side))
                for side, house in sides
            )
        )


def _titled(listing_id: sa.ColumnElement[int], text: str) -> sa.ColumnElement[bool]:
    said = _SAID.c
    forms = sorted({text.strip().lower(), simplify(text.strip()).lower()})
    return _any(
        said.listing_id == listing_id,
        sa.or_(*(sa.func.lower(said.title).contains(form, autoescape=True) for form in forms)),
    )


def _any(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return that a row exists which fits: looked up row by row.

    PostgreSQL reads an EXISTS as a set of everything that fits, which here is a whole table.
    """
    return sa.select(sa.func.count()).where(*conditions).scalar_subquery() > 0
