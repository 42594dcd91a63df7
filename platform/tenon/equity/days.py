"""Which day it is for agreements: that of the site's own zone."""

from __future__ import annotations

from datetime import date, datetime

from tenon.notices import delivery


def today(now: datetime) -> date:
    """Return the day that ``now`` is in the site's zone."""
    return now.astimezone(delivery.current().zone).date()
