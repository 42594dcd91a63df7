"""What this room holds about a person: that they entered an institution's research expenditure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.figures.models import ResearchYear


@collects("figures")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the years whose expenditure the person entered."""
    rows = session.scalars(
        sa.select(ResearchYear.year)
        .where(ResearchYear.entered_by == user.id)
        .order_by(ResearchYear.year)
    )
    return {"research_years_entered": list(rows)}


@erases("figures")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget that it was this person; the figure is the institution's."""
    change = sa.update(ResearchYear).where(ResearchYear.entered_by == user.id)
    session.execute(change.values(entered_by=None).execution_options(synchronize_session=False))
