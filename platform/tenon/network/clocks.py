"""Which day it is where the site is."""

from __future__ import annotations

from datetime import date, datetime

from tenon.notices import delivery


def today(now: datetime) -> date:
    """Return the day of a moment in the site's zone."""
    return now.astimezone(delivery.current().zone).date()
