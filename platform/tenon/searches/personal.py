"""What this room holds about a person: the searches that they keep; they go with the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.searches.models import SavedSearch


@collects("searches")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's searches."""
    rows = session.scalars(
        sa.select(SavedSearch).where(SavedSearch.user_id == user.id).order_by(SavedSearch.id)
    )
    return {
        "searches": [
            {
                "name": each.name,
                "kind": each.kind,
                "rhythm": each.rhythm,
                "state": each.state,
                "text": each.text,
                "filters": each.chosen,
                "created_at": each.created_at.isoformat(),
            }
            for each in rows
        ]
    }


@erases("searches")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Delete the person's searches, with what they found."""
    session.execute(
        sa.delete(SavedSearch)
        .where(SavedSearch.user_id == user.id)
        .execution_options(synchronize_session=False)
    )
