"""One's outcomes, arrivals and mails are in one's own download, and one's words go with one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.events.models import Mailing, MailingRecipient, Outcome
from tests.conftest import NOW
from tests.events.results.cast import Cast, check_in, say


def _fill(session: Session, cast: Cast) -> None:
    check_in(session, cast.here)
    say(session, cast.meeting, cast.here, "nda", 5, remark="Mine alone")
    say(session, cast.meeting, cast.there, "nothing", 1, remark="Theirs")
    mailing = Mailing(
        event_id=cast.event.id,
        subject_en="Welcome",
        text_en="Doors open at nine.",
        request_key="k",
        written_by=cast.people["broker"].id,
        sent_at=NOW,
    )
    session.add(mailing)
    session.flush()
    session.add(MailingRecipient(mailing_id=mailing.id, registration_id=cast.here.id))
    session.flush()


def test_download_holds_ones_own_and_nobody_elses(session: Session, cast: Cast) -> None:
    _fill(session, cast)
    held = personal_data.collect(session, cast.people["researcher"])["event_outcomes"]
    assert [each["remark"] for each in held["outcomes"]] == ["Mine alone"]
    assert len(held["check_ins"]) == 1
    assert [each["subject"] for each in held["mailings_received"]] == ["Welcome"]
    written = personal_data.collect(session, cast.people["broker"])["event_outcomes"]
    assert [each["text"] for each in written["mailings_written"]] == ["Doors open at nine."]
    nothing = personal_data.collect(session, cast.people["stranger"])["event_outcomes"]
    assert not any(nothing.values())


def test_erasure_takes_ones_words_and_leaves_the_figures(session: Session, cast: Cast) -> None:
    _fill(session, cast)
    personal_data.erase(session, cast.people["researcher"], NOW)
    personal_data.erase(session, cast.people["broker"], NOW)
    session.expire_all()
    rows = session.execute(sa.select(Outcome.outcome, Outcome.remark).order_by(Outcome.id)).all()
    assert [tuple(row) for row in rows] == [("nda", ""), ("nothing", "Theirs")]
    assert session.scalars(sa.select(Mailing.written_by)).all() == [None]
