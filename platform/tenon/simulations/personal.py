"""What this room holds about a person: the settings that they kept; they go with the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.simulations.models import Simulation
from tenon.simulations.queries import mine


@collects("simulations")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's settings."""
    return {
        "simulations": [
            {
                "title": each.title,
                "forms": each.forms,
                "values": each.values,
                "shared": each.shared,
                "created_at": each.created_at.isoformat(),
            }
            for each in mine(session, user.id)
        ]
    }


@erases("simulations")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Delete the person's settings."""
    session.execute(
        sa.delete(Simulation)
        .where(Simulation.user_id == user.id)
        .execution_options(synchronize_session=False)
    )
