"""Whose map a page begins with: the province of the network's oldest centre."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.network.models import Station


def home_region(session: Session) -> str | None:
    """Return the code of the network's own province, or None where no centre names a region."""
    code = session.scalar(
        sa.select(Station.region)
        .where(Station.level == "centre", Station.region.is_not(None))
        .order_by(Station.id)
        .limit(1)
    )
    return None if code is None else code[:2] + "0000"
