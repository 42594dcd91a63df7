"""The broker's own certificate, where it runs out."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.today.parts import Part, Row, part
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.models import BrokerProfile

PATH = "/network/profile"
AHEAD = timedelta(days=60)


def certificates(session: Session, *, by: Actor, now: datetime, language: str) -> Part:  # noqa: ARG001  # one signature for all
    """Return the certificate that runs out within sixty days, or has; one statement."""
    today = today_of(now)
    rows = session.execute(
        sa.select(BrokerProfile.certificate_number, BrokerProfile.certified_until).where(
            BrokerProfile.user_id == by.user_id, BrokerProfile.certified_until <= today + AHEAD
        )
    ).all()
    found = [
        Row(
            title=row.certificate_number or "",
            path=PATH,
            why=N_("Your certificate has run out.")
            if row.certified_until < today
            else N_("Your certificate runs out: see to its renewal."),
            due=row.certified_until,
            late=row.certified_until < today,
        )
        for row in rows
    ]
    return part("certificates", found, PATH)
