"""What the clock starts, and when a mail leaves."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.events.models import Mailing, MailingRecipient
from tenon.events.results.services import mailing as mails
from tenon.notices.choosing import choose
from tenon.notices.models import Mail, Notice
from tenon.operations.periodic import periodic_topics, queue_due
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.conftest import NOW
from tests.events.results.cast import Cast, check_in, make_cast
from tests.events.results.conftest import count


def _mailing(session: Session, cast: Cast) -> Mailing:
    """A mailing in Chinese alone to the researcher; flushed."""
    made = Mailing(
        event_id=cast.event.id,
        subject_zh="会场变更",
        text_zh="请到二号厅。",
        request_key="k",
        sent_at=NOW,
    )
    session.add(made)
    session.flush()
    session.add(MailingRecipient(mailing_id=made.id, registration_id=cast.here.id))
    session.flush()
    return made


def test_the_clock_reminds_and_counts(database: Database) -> None:
    assert "events.follow_up" in dict(periodic_topics())
    with database.writing() as session:
        cast = make_cast(session)
        check_in(session, cast.here)
    queue_due(database, NOW)
    drain(database, now=NOW + timedelta(seconds=1))
    with database.reading() as session:
        session.add(cast.event)
        session.refresh(cast.event)
        assert cast.event.reached_at is not None
    asked = sa.select(sa.func.count(Notice.id)).where(Notice.kind == "event_outcome_due")
    assert count(database, asked) == 2
    queue_due(database, NOW + timedelta(hours=6))
    drain(database, now=NOW + timedelta(hours=6, seconds=1))
    assert count(database, asked) == 2


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        (NOW, NOW),  # four in the afternoon in Wuhan
        (NOW + timedelta(hours=7), NOW + timedelta(hours=15)),  # eleven at night: at seven
    ],
)
def test_nobody_is_mailed_in_their_quiet_hours(
    session: Session, cast: Cast, moment: datetime, leaves: datetime
) -> None:
    made = _mailing(session, cast)
    assert mails.write_mails(session, made, now=moment) == 1
    due = session.scalars(
        sa.select(OutboxMessage.available_at).where(OutboxMessage.topic == "notices.send_mail")
    ).all()
    assert due == [leaves]


def test_who_reads_another_language_gets_the_one_that_is_there(
    session: Session, cast: Cast
) -> None:
    mails.write_mails(session, _mailing(session, cast), now=NOW)
    mail = session.scalars(sa.select(Mail)).one()
    assert mail.subject == "会场变更"
    assert "请到二号厅。" in mail.text
    assert "Hello Researcher," in mail.text


def test_a_daily_reader_finds_it_in_the_summary(session: Session, cast: Cast) -> None:
    key = cast.people["researcher"].id
    choose(session, user_id=key, kind_or_group="event_mailing", mail="digest", now=NOW)
    assert mails.write_mails(session, _mailing(session, cast), now=NOW) == 0
    notice = session.scalars(sa.select(Notice)).one()
    assert (notice.mail, notice.in_site) == ("waiting", True)
    assert session.scalars(sa.select(Mail)).all() == []
