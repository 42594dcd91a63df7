"""What this room holds about a person, and how it forgets them.

Outcomes stay as the organiser's figures; the person's own remark goes, and their part in the event
no longer says who they were (the room of those who take part sees to that).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.events.models import (
    CheckIn,
    Event,
    Mailing,
    MailingRecipient,
    Meeting,
    Outcome,
    Registration,
)


@collects("event_outcomes")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's outcomes, when they checked in, mails they were sent and wrote."""
    return {
        "outcomes": [
            {
                "meeting": meeting,
                "outcome": said.outcome,
                "rating": said.rating,
                "remark": said.remark,
                "at": said.at.isoformat(),
            }
            for said, meeting in session.execute(
                sa.select(Outcome, Meeting.public_id)
                .join(Meeting, Meeting.id == Outcome.meeting_id)
                .join(Registration, Registration.id == Outcome.registration_id)
                .where(Registration.user_id == user.id)
                .order_by(Outcome.id)
            )
        ],
        "check_ins": [
            {"event": event, "at": at.isoformat(), "way": way}
            for event, at, way in session.execute(
                sa.select(Event.public_id, CheckIn.at, CheckIn.way)
                .join(CheckIn, CheckIn.event_id == Event.id)
                .join(Registration, Registration.id == CheckIn.registration_id)
                .where(Registration.user_id == user.id)
                .order_by(CheckIn.id)
            )
        ],
        "mailings_received": [
            _mailing(each)
            for each in session.scalars(
                sa.select(Mailing)
                .join(MailingRecipient, MailingRecipient.mailing_id == Mailing.id)
                .join(Registration, Registration.id == MailingRecipient.registration_id)
                .where(Registration.user_id == user.id)
                .order_by(Mailing.id)
            )
        ],
        "mailings_written": [
            _mailing(each)
            for each in session.scalars(
                sa.select(Mailing).where(Mailing.written_by == user.id).order_by(Mailing.id)
            )
        ],
    }


def _mailing(each: Mailing) -> dict[str, Any]:
    return {
        "id": each.public_id,
        "subject": each.subject_zh or each.subject_en,
        "text": each.text_zh or each.text_en,
        "at": each.sent_at.isoformat(),
    }


@erases("event_outcomes")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Take out the person's remarks, and that a mailing was theirs to write.

    What somebody said and when they came stays as a figure of a part that names nobody. Erasers
    run in the order of their names: this one before ``event_parts``, which lets go of the part.
    """
    own = sa.select(Registration.id).where(Registration.user_id == user.id)
    changes: list[sa.Update] = [
        sa.update(Outcome).where(Outcome.registration_id.in_(own)).values(remark=""),
        sa.update(Mailing).where(Mailing.written_by == user.id).values(written_by=None),
        sa.update(CheckIn).where(CheckIn.by_user_id == user.id).values(by_user_id=None),
    ]
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
