"""Daily digests: at one's hour, of what is unread, once a day, whatever dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.notices import delivery, digests, services
from tenon.notices.choosing import Hours
from tenon.notices.models import Mail, Notice, NoticeSchedule
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tenon.outbox.services import emit_many
from tests.factories.accounts import actor_for, make_user
from tests.notices.mailing import AT_ONCE, DAILY, Box, at, counted, mails, pass_time, states, tell

ROOT = Path(__file__).resolve().parents[2]
NOON = at("2026-06-01T12:00")
EIGHT = at("2026-06-02T08:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("box")


def readers(session: Session, number: int, **columns: Any) -> Sequence[User]:
    """People to each of whom something was told at noon, for their digest."""
    people = [make_user(session, **columns) for _ in range(number)]
    session.commit()
    for user in people:
        tell(session, user, NOON, kind=DAILY)
    session.commit()
    return people


def settle(database: Database) -> None:
    """Let the first gatherings find that all waits for a digest."""
    drain(database, now=NOON)


def digest_mails(database: Database) -> list[tuple[int | None, datetime]]:
    with database.reading() as session:
        found = sa.select(Mail.user_id, Mail.created_at).where(Mail.kind == "digest")
        return [(row[0], row[1]) for row in session.execute(found.order_by(Mail.user_id))]


def test_digest_comes_at_eight_and_only_with_news(
    database: Database, session: Session, box: Box
) -> None:
    (user,) = readers(session, 1, language="zh")
    pass_time(database, EIGHT + 5 * DAY)
    assert digest_mails(database) == [(user.id, EIGHT)]
    (letter,) = box.letters
    assert letter.subject == "榫卯每日摘要：1 条通知"
    assert "# 匹配" in letter.text
    assert "“某成果”" in letter.text
    tell(session, user, EIGHT + 5 * DAY, kind=DAILY)
    session.commit()
    pass_time(database, EIGHT + 8 * DAY)
    assert [when for _, when in digest_mails(database)] == [EIGHT, EIGHT + 6 * DAY]


def test_read_before_the_hour_needs_no_digest(database: Database, session: Session) -> None:
    (user,) = readers(session, 1)
    services.mark_all_read(session, by=actor_for(user), now=NOON)
    session.commit()
    pass_time(database, EIGHT + DAY)
    assert digest_mails(database) == []
    assert states(database, user) == ["spared"]
    with database.reading() as reading:
        assert reading.get_one(NoticeSchedule, user.id).digest_at is None


def test_groups_and_things_stand_together(database: Database, session: Session, box: Box) -> None:
    user = make_user(session)
    services.choose(session, user_id=user.id, kind_or_group="all", mail="digest", now=NOON)
    for minutes, (kind, path) in enumerate(
        [(AT_ONCE, "/listings/a"), (DAILY, "/listings/b"), ("listing_hold", "/listings/a"),
         ("listing_hold", "/listings/c"), (AT_ONCE, "/listings/a")]
    ):  # fmt: skip
        tell(session, user, NOON + minutes * MINUTE, kind=kind, path=path)
    session.commit()
    pass_time(database, EIGHT)
    (letter,) = box.letters
    assert letter.subject == "Your day at Tenon: 5 notices"
    wanted = [
        "# Achievements and needs",
        "“A result” has been published. (and 1 more like it)\nhttps://tenon.example/listings/a\n",
        (
            "“A result” has been put on hold; see the reviewer's remarks.\n"
            "https://tenon.example/listings/a\n"
        ),
        (
            "“A result” has been put on hold; see the reviewer's remarks.\n"
            "https://tenon.example/listings/c\n"
        ),
        "# Matches",
        "https://tenon.example/listings/b\n",
    ]
    places = [letter.text.index(each) for each in wanted]
    assert places == sorted(places)
    assert "https://tenon.example/unsubscribe/" in letter.text


def test_what_waits_at_the_hour_goes_along(database: Database, session: Session) -> None:
    (user,) = readers(session, 1)
    settle(database)
    tell(session, user, EIGHT - 10 * HOUR)  # at night: it waits
    services.change_choices(
        session, wanted={}, times=Hours(1320, 480, 8), by=actor_for(user), now=NOON
    )
    session.commit()
    pass_time(database, EIGHT + DAY)
    assert len(mails(database, user)) == 1
    assert states(database, user) == ["mailed", "mailed"]


def test_digest_keeps_its_hour_from_another_mail(database: Database, session: Session) -> None:
    (user,) = readers(session, 1)
    settle(database)
    tell(session, user, EIGHT - 20 * MINUTE)
    session.commit()
    pass_time(database, EIGHT + DAY)
    written = [(mail.kind, mail.created_at) for mail in mails(database, user)]
    # The mail at 7:40 takes only what was to go at once; the digest keeps its hour from it.
    assert written == [("notice", EIGHT - 20 * MINUTE), ("digest", EIGHT + 40 * MINUTE)]
    assert mails(database, user)[1].digest_day == at("2026-06-02T12:00").date()


def test_hour_changed_after_the_digest_brings_no_second_that_day(
    database: Database, session: Session
) -> None:
    (user,) = readers(session, 1)
    pass_time(database, EIGHT)
    services.change_choices(
        session, wanted={}, times=Hours(None, None, 20), by=actor_for(user), now=EIGHT + HOUR
    )
    tell(session, user, EIGHT + HOUR, kind=DAILY)
    session.commit()
    pass_time(database, EIGHT + 3 * DAY)
    assert [when for _, when in digest_mails(database)] == [EIGHT, EIGHT + DAY + 12 * HOUR]


def test_a_site_that_was_down_catches_up_but_not_at_night(
    database: Database, session: Session
) -> None:
    people = readers(session, 2)
    settle(database)
    with database.writing() as own:
        digests.queue(own, now=EIGHT + 6 * HOUR)
    drain(database, now=EIGHT + 6 * HOUR)
    assert digest_mails(database) == [(user.id, EIGHT + 6 * HOUR) for user in people]
    for user in people:
        tell(session, user, EIGHT + 7 * HOUR, kind=DAILY)
    session.commit()
    settle(database)
    with database.writing() as own:
        digests.queue(own, now=EIGHT + DAY + 15 * HOUR)
    drain(database, now=EIGHT + DAY + 15 * HOUR)  # eleven at night
    pass_time(database, EIGHT + 4 * DAY)
    later = [when for _, when in digest_mails(database)][1::2]
    assert later == [EIGHT + 2 * DAY - HOUR] * 2


def test_gone_and_blocked_people_get_none(database: Database, session: Session) -> None:
    blocked, left = readers(session, 2)
    settle(database)
    blocked.active = False
    session.commit()
    pass_time(database, EIGHT + DAY)
    assert digest_mails(database) == [(left.id, EIGHT)]
    assert states(database, blocked) == ["spared"]


def test_a_slice_that_fails_half_way_leaves_nothing_and_is_done_again(
    database: Database, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers(session, 5)
    settle(database)
    monkeypatch.setattr(digests, "PEOPLE_A_SLICE", 2)
    _cut_slices(monkeypatch, people=2, fail_at=2)
    with database.writing() as own:
        digests.queue(own, now=EIGHT)
    drain(database, now=EIGHT)
    assert len(digest_mails(database)) == 2  # the first slice stays; the second left nothing
    _agree(database)
    drain(database, now=EIGHT + MINUTE)  # the outbox tries again after some seconds
    assert len(digest_mails(database)) == 5
    _agree(database)


def _cut_slices(monkeypatch: pytest.MonkeyPatch, *, people: int, fail_at: int) -> None:
    """Let slices be small, and the one of this number fail after its mails were written."""
    whole, done = digests.write_slice, [0]

    def small(session: Session, *, now: datetime) -> bool:
        return whole(session, now=now, people=people)

    def fail(*given: Any, **named: Any) -> None:
        emit_many(*given, **named)
        done[0] += 1
        if done[0] == fail_at:
            raise OSError("the disk is full")

    monkeypatch.setattr(digests, "write_slice", small)
    monkeypatch.setattr(digests, "emit_many", fail)


def _agree(database: Database) -> None:
    """Whoever has a mail has no notice that waits and the reverse; each mail is queued once."""
    with database.reading() as session:
        mailed = session.scalars(sa.select(Mail.user_id).order_by(Mail.user_id)).all()
        marked = session.scalars(
            sa.select(Notice.user_id).where(Notice.mail == "mailed").order_by(Notice.user_id)
        ).all()
        assert mailed == marked
        queued = session.scalars(
            sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "notices.send_mail")
        ).all()
        ids = session.scalars(sa.select(Mail.id)).all()
        assert sorted(each["id"] for each in queued) == sorted(ids)


DISPATCH = """
import sys, time
from datetime import datetime
from tenon.app import load_tasks
from tenon.db import Database
from tenon.notices import delivery, digests
from tenon.outbox.dispatcher import Dispatcher
load_tasks()
class Nowhere:
    def send(self, letter): pass
delivery.use(delivery.Delivery(Nowhere(), "https://tenon.example", "k" * 40))
whole = digests.write_slice
done = []
def small(session, *, now):
    more = whole(session, now=now, people=2)
    done.append(1)
    if len(done) == 2:
        print("second", flush=True)
        time.sleep(60)
    return more
digests.write_slice = small
now = datetime.fromisoformat(sys.argv[2])
Dispatcher(Database(sys.argv[1]), clock=lambda: now).run()
"""


def test_killed_between_and_within_slices_each_gets_one(
    database: Database, database_url: str, session: Session
) -> None:
    people = readers(session, 7)
    settle(database)
    with database.writing() as own:
        digests.queue(own, now=EIGHT)
    process = subprocess.Popen(
        [sys.executable, "-c", DISPATCH, database_url, EIGHT.isoformat()],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "second\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert len(digest_mails(database)) == 2
    drain(database, now=EIGHT + HOUR)  # when the dead one's lease is over
    assert [user_id for user_id, _ in digest_mails(database)] == [user.id for user in people]
    _agree(database)


def test_two_dispatchers_write_each_digest_once(database: Database, session: Session) -> None:
    people = readers(session, 12)
    settle(database)
    start, errors = threading.Barrier(3), []

    def write() -> None:
        start.wait()
        try:
            for _ in range(12):
                with database.writing() as own:
                    digests.write_slice(own, now=EIGHT, people=3)
        except Exception as error:  # noqa: BLE001  # the test's own thread looks
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert [user_id for user_id, _ in digest_mails(database)] == [user.id for user in people]
    _agree(database)


def test_database_itself_refuses_a_second_digest_of_a_day(
    database: Database, session: Session
) -> None:
    (user,) = readers(session, 1)
    pass_time(database, EIGHT)
    (mail,) = mails(database, user)
    double = Mail(
        user_id=user.id, recipient="x", subject="x", text="x", message_id="<x@y>",
        created_at=EIGHT, digest_day=mail.digest_day,
    )  # fmt: skip
    session.add(double)
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


def test_clock_that_jumped_ahead_and_back_delays_by_a_day(
    database: Database, session: Session
) -> None:
    (user,) = readers(session, 1)
    pass_time(database, EIGHT)
    with database.writing() as own:
        own.get_one(NoticeSchedule, user.id).digest_day = at("2036-01-01T00:00").date()
    tell(session, user, EIGHT + HOUR, kind=DAILY)
    session.commit()
    pass_time(database, EIGHT + 4 * DAY)
    assert [when for _, when in digest_mails(database)] == [EIGHT, EIGHT + 2 * DAY]


def test_digests_follow_a_zone_with_daylight_saving(
    database: Database, session: Session, box: Box
) -> None:
    from zoneinfo import ZoneInfo

    new_york = ZoneInfo("America/New_York")
    delivery.use(delivery.Delivery(box, "https://tenon.example", "k" * 40, zone=new_york))
    (user,) = readers(session, 1)
    session.commit()
    for day in (7, 8, 9):  # the clocks go forward on the 8th of March 2026
        tell(session, user, datetime(2026, 3, day, 20, tzinfo=new_york), kind=DAILY)
        session.commit()
        pass_time(database, datetime(2026, 3, day + 1, 12, tzinfo=new_york))
    found = [when.astimezone(new_york) for _, when in digest_mails(database)]
    assert {(when.hour, when.minute) for when in found[1:]} == {(8, 0)}


def test_statements_do_not_grow_with_people(database: Database, session: Session) -> None:
    readers(session, 1)
    settle(database)
    spent = []
    for number in (1, 30):
        if number > 1:
            with database.writing() as own:
                own.execute(sa.update(NoticeSchedule).values(digest_at=None))
            readers(session, number)
            settle(database)
        with counted(database) as statements, database.writing() as own:
            digests.write_slice(own, now=EIGHT)
        spent.append(len(statements))
    assert spent[0] == spent[1] <= 12
    assert len(digest_mails(database)) == 31
