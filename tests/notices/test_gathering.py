"""Mail at once: one an hour with all that waits, none in quiet hours, each notice exactly once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.db import Database
from tenon.notices import gathering, services
from tenon.notices.choosing import Choice, Hours
from tenon.notices.models import NoticeSchedule
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import actor_for, make_user
from tests.notices.mailing import (
    AT_ONCE,
    DAILY,
    ESSENTIAL,
    Box,
    at,
    counted,
    mails,
    pass_time,
    states,
    tell,
    told,
)

NOON = at("2026-06-01T12:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("box")


def test_first_goes_at_once_and_what_follows_goes_together(
    database: Database, reader: User, box: Box
) -> None:
    told(database, reader, NOON)
    drain(database, now=NOON)
    assert len(box.letters) == 1
    for minutes in (1, 5, 59):
        told(database, reader, NOON + minutes * MINUTE)
        drain(database, now=NOON + minutes * MINUTE)
    drain(database, now=NOON + HOUR - timedelta(microseconds=1))
    assert len(box.letters) == 1
    drain(database, now=NOON + HOUR)
    assert [letter.subject for letter in box.letters[1:]] == ["3 notices for you"]
    pass_time(database, NOON + DAY)
    assert len(box.letters) == 2
    assert set(states(database, reader)) == {"mailed"}


def test_one_message_waits_however_many_notices_do(database: Database, reader: User) -> None:
    told(database, reader, NOON)
    drain(database, now=NOON)
    for minutes in range(1, 11):
        told(database, reader, NOON + minutes * MINUTE)
    with database.reading() as session:
        waiting = sa.select(OutboxMessage.available_at).where(OutboxMessage.done_at.is_(None))
        assert session.scalars(waiting).all() == [NOON + HOUR]


def test_many_of_one_kind_about_one_thing_are_one_line(
    database: Database, reader: User, box: Box
) -> None:
    with database.writing() as session:
        for seconds in range(5):
            tell(session, reader, NOON + timedelta(seconds=seconds), path="/listings/same")
        tell(session, reader, NOON, path="/listings/other")
    drain(database, now=NOON + MINUTE)
    (letter,) = box.letters
    assert letter.subject == "6 notices for you"
    assert letter.text.count("https://tenon.example/listings/same\n") == 1
    assert "“A result” has been published. (and 4 more like it)\n" in letter.text
    assert letter.text.count("has been published.") == 2


def test_a_mail_has_an_end(database: Database, reader: User, box: Box) -> None:
    with database.writing() as session:
        for _ in range(50):
            tell(session, reader, NOON)
    drain(database, now=NOON)
    (letter,) = box.letters
    assert letter.text.count("has been published.") == 40
    assert "10 more notices are in your inbox:\nhttps://tenon.example/notices\n" in letter.text


def test_read_in_the_site_needs_no_mail(database: Database, reader: User, box: Box) -> None:
    notice = told(database, reader, NOON)
    with database.writing() as session:
        by = actor_for(session.get_one(User, reader.id))
        services.mark_read(session, notice_id=notice.id, by=by, now=NOON)
    pass_time(database, NOON + 2 * DAY)
    assert box.letters == []
    assert states(database, reader) == ["spared"]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-06-01T22:00", "2026-06-02T07:00"),
        ("2026-06-02T00:00", "2026-06-02T07:00"),
        ("2026-06-02T06:59", "2026-06-02T07:00"),
        ("2026-06-02T07:00", "2026-06-02T07:00"),
        ("2026-06-01T21:59", "2026-06-01T21:59"),
    ],
)
def test_what_comes_at_night_waits_for_the_morning(
    database: Database, reader: User, evening: str, morning: str
) -> None:
    told(database, reader, at(evening))
    pass_time(database, at("2026-06-03T00:00"))
    assert [mail.created_at for mail in mails(database, reader)] == [at(morning)]


def test_mail_an_hour_before_the_night_moves_the_next_to_the_morning(
    database: Database, reader: User
) -> None:
    told(database, reader, at("2026-06-01T21:30"))
    pass_time(database, at("2026-06-01T21:30"))
    told(database, reader, at("2026-06-01T21:40"))
    pass_time(database, at("2026-06-03T00:00"))
    written = [mail.created_at for mail in mails(database, reader)]
    assert written == [at("2026-06-01T21:30"), at("2026-06-02T07:00")]


def choose(database: Database, user: User, kind: str, mail: str) -> None:
    with database.writing() as session:
        services.choose(session, user_id=user.id, kind_or_group=kind, mail=mail, now=NOON)


def test_choice_between_notice_and_mail_counts(database: Database, session: Session) -> None:
    off, daily, other = make_user(session), make_user(session), make_user(session, language="en")
    session.commit()
    for user in (off, daily, other):
        told(database, user, NOON)
    choose(database, off, AT_ONCE, "off")
    choose(database, daily, AT_ONCE, "digest")
    with database.writing() as own:
        own.get_one(User, other.id).language = "zh"
    drain(database, now=NOON)
    assert mails(database, off) == mails(database, daily) == []
    assert states(database, off) == ["spared"]
    (mail,) = mails(database, other)
    assert mail.subject == "“某成果”已发布。"
    pass_time(database, NOON + DAY)
    assert [mail.kind for mail in mails(database, daily)] == ["digest"]


def test_daily_that_becomes_at_once_comes_with_the_next_mail(
    database: Database, reader: User
) -> None:
    told(database, reader, NOON, kind=DAILY)
    drain(database, now=NOON)
    choose(database, reader, DAILY, "now")
    told(database, reader, NOON + MINUTE)
    drain(database, now=NOON + MINUTE)
    assert [mail.subject for mail in mails(database, reader)] == ["2 notices for you"]
    pass_time(database, NOON + DAY)
    assert len(mails(database, reader)) == 1


def test_wanted_neither_way_is_not_written(session: Session, reader: User) -> None:
    wanted = {AT_ONCE: Choice(in_site=False, mail="off")}
    times = Hours(None, None, 8)
    by = actor_for(reader)
    services.change_choices(session, wanted=wanted, times=times, by=by, now=NOON)
    assert tell(session, reader, NOON) is None
    wanted = {AT_ONCE: Choice(in_site=False, mail="now")}
    services.change_choices(session, wanted=wanted, times=times, by=by, now=NOON)
    notice = tell(session, reader, NOON)
    assert notice is not None
    assert (notice.in_site, notice.mail) == (False, "waiting")


def test_unread_hidden_notices_survive_mark_all_read(database: Database, reader: User) -> None:
    with database.writing() as session:
        wanted = {AT_ONCE: Choice(in_site=False, mail="now")}
        by = actor_for(session.get_one(User, reader.id))
        times = Hours(None, None, 8)
        services.change_choices(session, wanted=wanted, times=times, by=by, now=NOON)
        tell(session, reader, NOON)
        assert services.mark_all_read(session, by=by, now=NOON) == 0
    drain(database, now=NOON)
    assert len(mails(database, reader)) == 1


def test_the_blocked_and_the_erased_get_nothing(database: Database, session: Session) -> None:
    blocked, erased = make_user(session), make_user(session)
    session.commit()
    for user in (blocked, erased):
        told(database, user, NOON)
        drain(database, now=NOON)
        told(database, user, NOON + MINUTE)
        told(database, user, NOON + MINUTE, kind=DAILY)
    with database.writing() as own:
        own.get_one(User, blocked.id).active = False
        person = own.get_one(User, erased.id)
        erase_person(own, user=person, by=actor_for(person), now=NOON + MINUTE)
    pass_time(database, NOON + 3 * DAY)
    assert len(mails(database, blocked)) == 1
    assert states(database, blocked) == ["mailed", "spared", "spared"]
    assert mails(database, erased) == []
    with database.reading() as own:
        assert own.get(NoticeSchedule, erased.id) is None
        failed = sa.select(OutboxMessage).where(OutboxMessage.error.is_not(None))
        assert own.scalars(failed).all() == []


def test_erasure_takes_a_name_out_of_a_mail_and_leaves_the_rest_waiting(
    database: Database, session: Session
) -> None:
    reader, named = make_user(session), make_user(session, name="Xanthippe")
    session.commit()
    with database.writing() as own:
        tell(own, reader, NOON)
        facts = {"person": "Xanthippe", "organisation": "House"}
        services.notify(
            own, user=reader, kind="membership_requested", facts=facts, path="/x", now=NOON,
            about=named,
        )  # fmt: skip
        own.flush()
        gathering.gather(own, user_id=reader.id, planned=None, now=NOON)
    (mail,) = mails(database, reader)
    assert "Xanthippe" in mail.text
    with database.writing() as own:
        person = own.get_one(User, named.id)
        erase_person(own, user=person, by=actor_for(person), now=NOON + MINUTE)
    assert mails(database, reader) == []
    pass_time(database, NOON + 2 * HOUR)
    (mail,) = mails(database, reader)
    assert "Xanthippe" not in mail.text
    assert "“A result” has been published." in mail.text


def test_statements_do_not_grow_with_notices(database: Database, session: Session) -> None:
    few, many = make_user(session), make_user(session)
    session.commit()
    with database.writing() as own:
        tell(own, few, NOON)
        for _ in range(30):
            tell(own, many, NOON)
    spent = []
    for user in (few, many):
        with counted(database) as statements, database.writing() as own:
            gathering.gather(own, user_id=user.id, planned=None, now=NOON)
        spent.append(len(statements))
    assert spent[0] == spent[1] <= 14
    with counted(database) as statements, database.writing() as own:
        tell(own, few, NOON + MINUTE)
    assert len([one for one in statements if not one.startswith("BEGIN")]) <= 5


HEADERS = ("subject", "message_id", "unsubscribe", "sender")


def test_headers_hold_what_the_words_say_and_nothing_else(
    database: Database, session: Session, box: Box
) -> None:
    user = make_user(session, name="Eve\r\nBcc: all@example.org", language="en")
    title = "A\r\nBcc: x@example.org\n\nhttps://evil.example/\n\n# Pay"
    facts = {"title": {"zh": title, "en": title}}
    services.notify(session, user=user, kind=AT_ONCE, facts=facts, path="/listings/x", now=NOON)
    session.commit()
    drain(database, now=NOON)
    (letter,) = box.letters
    assert (
        letter.subject == "“A Bcc: x@example.org https://evil.example/ # Pay” has been published."
    )
    assert "\nBcc:" not in letter.text
    assert letter.html is not None
    assert '<a href="https://evil.example/"' not in letter.html
    assert "<h2" not in letter.html
    for name in HEADERS[1:]:
        value = getattr(letter, name) or ""
        assert [word for word in ("Eve", "Bcc", "evil", "\n", user.email) if word in value] == []
    assert letter.message_id.endswith("@tenon.example>")


def test_mail_leads_to_the_choices_and_out(database: Database, reader: User, box: Box) -> None:
    told(database, reader, NOON)
    drain(database, now=NOON)
    (letter,) = box.letters
    assert "https://tenon.example/account/notices\n" in letter.text
    assert "https://tenon.example/unsubscribe/" in letter.text
    (mail,) = mails(database, reader)
    assert (mail.kind, mail.scope, mail.language) == ("notice", AT_ONCE, "en")
    told(database, reader, NOON + DAY, kind=ESSENTIAL)
    drain(database, now=NOON + DAY)
    assert mails(database, reader)[1].scope is None
    assert "/unsubscribe/" not in box.letters[1].text
