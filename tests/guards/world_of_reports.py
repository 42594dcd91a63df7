"""What the walk over all routes asks for of reports: one of the site."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tenon.insight.reports.making import make
from tenon.insight.reports.models import SITE
from tests.factories import listings
from tests.guards.world import World


def make_reports(session: Session, world: World) -> None:
    """Make the report of a month that has ended."""
    made = make(session, kind="month", first=date(2026, 3, 1), scope=SITE, now=listings.NOW)
    assert made is not None
    world.things.insight_report = made.public_id
