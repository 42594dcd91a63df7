"""Mails leave once, whatever happens to the server, the connection or this process on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.notices import sending
from tenon.notices.bounce_models import MailBounce, UnreachableAddress
from tenon.notices.models import Mail
from tenon.notices.services import SEND_MAIL
from tenon.outbox import OutboxMessage, Then, pausing
from tenon.outbox.dispatcher import Dispatcher, drain
from tenon.outbox.models import OutboxPause
from tenon.outbox.working import work
from tests.notices.mails import Clock, people, rows, sending_to, write
from tests.notices.smtp_server import SmtpServer, running

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running() as made, sending_to(made):
        yield made


def _messages(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        return list(session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)))


def _bounces(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        found = session.execute(sa.select(MailBounce.kind, MailBounce.status))
        return [(kind, status) for kind, status in found]


def test_many_go_over_one_connection_each_marked_by_itself(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    to = people(150)  # more than the dispatcher claims in one go
    write(database, *to, now=now)
    assert drain(database, now=now) == 150
    assert [each.recipient for each in server.taken] == to
    assert server.connections == 1
    assert all(mail.sent_at == now for mail in rows(database))
    assert all(message.done_at == now for message in _messages(database))
    assert {message.attempts for message in _messages(database)} == {1}


@pytest.mark.parametrize("step", ["RSET", "MAIL", "RCPT", "DATA"])
def test_connection_lost_before_the_mail_is_out_is_made_anew(
    database: Database, server: SmtpServer, now: datetime, step: str
) -> None:
    to = people(6)
    write(database, *to, now=now)
    server.die_at(step, after=2)
    drain(database, now=now)
    assert [each.recipient for each in server.taken] == to
    assert server.connections == 2
    assert all(mail.sent_at for mail in rows(database))


@pytest.mark.parametrize(("step", "copies"), [("BODY", 1), ("TAKEN", 2)])
def test_connection_lost_within_a_mail_sends_that_one_again_and_no_other(
    database: Database, server: SmtpServer, now: datetime, step: str, copies: int
) -> None:
    """What was taken without an answer cannot be known: it goes again under the same id."""
    to = people(6)
    write(database, *to, now=now)
    server.die_at(step, after=2 if step == "TAKEN" else 40)
    clock = Clock(now)
    clock.work_until(database, now + timedelta(minutes=3), timedelta(seconds=30))
    counted = Counter(each.recipient for each in server.taken)
    assert set(counted) == set(to)
    assert sum(counted.values()) == len(to) + copies - 1
    assert max(counted.values()) == copies
    ids = {message_from_bytes(each.data)["Message-ID"] for each in server.taken}
    assert len(ids) == len(to)
    assert all(mail.sent_at for mail in rows(database))


def test_server_that_is_down_for_an_hour_loses_nothing_and_costs_no_attempt(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    server.stop()
    write(database, *people(80), now=now)
    clock = Clock(now)
    clock.work_until(database, now + timedelta(hours=1), timedelta(seconds=20))
    assert {message.attempts for message in _messages(database)} == {0}
    assert {mail.sent_at for mail in rows(database)} == {None}
    with database.reading() as session:
        (pause,) = pausing.pauses(session)
        assert (pause.topic, pause.reason, pause.since) == (
            SEND_MAIL,
            "no mail server: ConnectionRefusedError",
            now,
        )
        # 15 seconds, twice as long each time, then every five minutes: not 80 mails by 180 turns.
        assert pause.tries < 20
    late = people(81)[-1]
    write(database, late, now=clock.now)
    server.start()
    clock.work_until(database, clock.now + timedelta(minutes=6), timedelta(seconds=20))
    assert sorted(each.recipient for each in server.taken) == people(81)
    assert all(mail.sent_at for mail in rows(database))
    assert _bounces(database) == []
    with database.reading() as session:
        assert pausing.pauses(session) == []


def test_server_that_is_down_for_a_week_loses_nothing(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    server.stop()
    write(database, *people(2), now=now)
    clock = Clock(now)
    clock.work_until(database, now + timedelta(days=7), timedelta(hours=8))
    server.start()
    clock.work_until(database, clock.now + timedelta(hours=2), timedelta(minutes=10))
    assert [mail.failed_at for mail in rows(database)] == [None, None]
    assert len(server.taken) == 2


def test_pause_holds_up_no_other_topic(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    from tests.outbox import topics

    server.stop()
    write(database, *people(3), now=now)
    drain(database, now=now)
    with database.writing() as session:
        session.add(
            OutboxMessage(
                topic=topics.COUNTED, payload={"name": "a"}, created_at=now, available_at=now
            )
        )
    drain(database, now=now)
    assert topics.done(database) == {"a": 1}


@pytest.mark.parametrize("said", ["421 too busy", "554 no service here"])
def test_server_that_turns_us_away_makes_the_topic_pause(
    database: Database, server: SmtpServer, now: datetime, said: str
) -> None:
    server.greeting = said
    write(database, *people(3), now=now)
    drain(database, now=now)
    with database.reading() as session:
        assert session.scalars(sa.select(OutboxPause.reason)).all() == [
            f"the server answered {said[:3]}"
        ]
    server.greeting = "220 ready"
    drain(database, now=now + timedelta(minutes=1))
    assert len(server.taken) == 3


def test_sender_that_is_refused_is_no_fault_of_the_recipients(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    server.of_sender = "550 5.7.1 not from you"
    write(database, *people(2), now=now)
    drain(database, now=now)
    assert _bounces(database) == []
    server.of_sender = "250 fine"
    drain(database, now=now + timedelta(minutes=1))
    assert len(server.taken) == 2


def test_one_that_makes_the_server_hang_up_does_not_block_the_rest(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    to = people(10)
    server.refusals[to[0]] = ["421 not this one"]
    write(database, *to, now=now)
    Clock(now).work_until(database, now + timedelta(minutes=1), timedelta(seconds=5))
    assert sorted(each.recipient for each in server.taken) == to[1:]


def test_not_now_and_then_yes(database: Database, server: SmtpServer, now: datetime) -> None:
    grey, *others = to = people(5)
    server.refusals[grey] = ["451 4.7.1 greylisted", "451 4.7.1 greylisted", "250 fine"]
    write(database, *to, now=now)
    clock = Clock(now)
    clock.work_until(database, now + timedelta(minutes=10), timedelta(seconds=30))
    assert [each.recipient for each in server.taken] == [*others, grey]
    mail = rows(database)[0]
    assert (mail.attempts, mail.problem, mail.first_failed_at) == (2, None, now)
    assert _bounces(database) == []


def test_not_now_for_three_days_is_a_soft_bounce(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    (to,) = people(1)
    server.refusals[to] = ["452 4.2.2 mailbox full of p000"]
    write(database, to, now=now)
    clock = Clock(now)
    clock.work_until(database, now + timedelta(days=2, hours=23), timedelta(hours=1))
    (mail,) = rows(database)
    assert (mail.failed_at, _bounces(database)) == (None, [])
    clock.work_until(database, now + timedelta(days=3, hours=2), timedelta(minutes=30))
    (mail,) = rows(database)
    assert mail.failed_at is not None
    assert mail.problem == "452 4.2.2 mailbox full of ..."
    assert _bounces(database) == [("soft", "4.2.2")]
    assert len([each for each in server.heard if each.startswith("RCPT")]) < 90


def test_recipient_refused_for_good_is_a_bounce_and_not_tried_again(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    to = people(50)
    server.refusals[to[20]] = ["550 5.1.1 <p020@example.org> unknown"]
    write(database, *to, now=now)
    Clock(now).work_until(database, now + timedelta(hours=3), timedelta(minutes=20))
    assert [each.recipient for each in server.taken] == to[:20] + to[21:]
    assert server.connections == 1
    assert len([each for each in server.heard if "p020" in each]) == 1
    mail = rows(database)[20]
    assert (mail.sent_at, mail.failed_at, mail.problem) == (None, now, "550 5.1.1 ... unknown")
    assert _bounces(database) == [("hard", "5.1.1")]


def test_content_refused_says_nothing_of_the_address(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    server.of_content = "554 5.7.1 looks like advertising"
    write(database, *people(1), now=now)
    drain(database, now=now)
    assert _bounces(database) == [("soft", "5.7.1")]
    with database.reading() as session:
        assert session.scalars(sa.select(UnreachableAddress)).all() == []


@pytest.mark.parametrize("recipient", ["no address", "a@b\nBcc: c@d", "", "a@" + "b" * 300])
def test_what_is_no_address_is_refused_before_the_server_sees_it(
    database: Database, server: SmtpServer, now: datetime, recipient: str
) -> None:
    with database.writing() as session:
        mail = Mail(
            recipient=recipient[:255],
            subject="s",
            text="t",
            html=None,
            message_id=f"<{uuid.uuid4().hex}@tenon.example>",
            created_at=now,
        )
        session.add(mail)
        session.flush()
        key = mail.id
    with database.reading() as session:
        then = sending.deliver(session, mail_id=key, now=now)
    with database.writing() as session:
        assert callable(then)
        then(session)
    assert server.heard == []
    assert _bounces(database) == [("hard", "5.1.3")]


def test_marking_that_fails_does_not_send_twice(
    database: Database, server: SmtpServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away after the server's yes: the process remembers what it handed over."""
    (key,) = write(database, *people(1), now=now)

    def gone(_mail: Mail, **_values: object) -> Then:
        def then(_session: Session) -> None:
            raise OperationalError("the database is away", None, Exception())

        return then

    with monkeypatch.context() as broken:
        broken.setattr(sending, "_write", gone)
        drain(database, now=now)
    assert len(server.taken) == 1
    assert rows(database)[0].sent_at is None
    drain(database, now=now + timedelta(minutes=5))
    assert len(server.taken) == 1
    assert rows(database)[0].sent_at is not None
    assert key


def test_workers_that_get_single_mails_share_a_connection_and_heed_the_pause(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    """Celery hands over one message a task."""
    write(database, *people(6), now=now)
    ids = [message.id for message in _messages(database)]
    assert [work(database, each, clock=lambda: now) for each in ids[:3]] == [True] * 3
    assert server.connections == 1
    server.stop()
    assert [work(database, each, clock=lambda: now) for each in ids[3:]] == [False] * 3
    server.start()
    with database.reading() as session:
        (pause,) = pausing.pauses(session)
        assert pause.tries == 1
    later = now + timedelta(minutes=1)
    assert [work(database, each, clock=lambda: later) for each in ids[3:]] == [True] * 3
    assert [each.recipient for each in server.taken] == people(6)


def test_slow_batch_is_held_on_to_and_never_worked_twice(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    """Each mail takes two minutes by the clock; another process looks for work in between."""
    write(database, *people(12), now=now)
    clock = Clock(now)
    other = Dispatcher(database, clock=clock)
    taken: list[bool] = []

    def slow(recipient: str) -> str:
        clock.now += timedelta(minutes=2)
        ids = [message.id for message in _messages(database)]
        taken.extend(work(database, each, owner=other.owner, clock=clock) for each in ids)
        return "250 fine"

    server.answers = slow  # type: ignore[method-assign]  # the server of this test is slow
    drain_with = Dispatcher(database, clock=clock)
    drain_with.turn()
    assert [each.recipient for each in server.taken] == people(12)
    assert not any(taken)


def test_dispatcher_that_is_stopped_leaves_the_rest_as_if_never_begun(
    database: Database, server: SmtpServer, now: datetime
) -> None:
    write(database, *people(5), now=now)
    dispatcher = Dispatcher(database, clock=lambda: now)

    def stopping(recipient: str) -> str:
        if recipient == people(2)[1]:
            dispatcher._stop.set()
        return "250 fine"

    server.answers = stopping  # type: ignore[method-assign]  # somebody stops it on the way
    dispatcher.turn()
    assert len(server.taken) == 2
    assert [message.attempts for message in _messages(database)] == [1, 1, 0, 0, 0]
    dispatcher.let_go()
    drain(database, now=now)
    assert [each.recipient for each in server.taken] == people(5)


KILLED = """
import os, signal, sys
from tenon.db import Database
from tenon.notices import tasks
from tenon.notices import sending
from tenon.outbox.dispatcher import Dispatcher
from tests.notices.mails import sending_to
class Server: url = sys.argv[2]
left, write = [int(sys.argv[3])], sending._write
def killing(mail, **values):
    left[0] -= 1
    if left[0] == 0: os.kill(os.getpid(), signal.SIGKILL)
    return write(mail, **values)
sending._write = killing
with sending_to(Server): Dispatcher(Database(sys.argv[1])).run()
"""


def test_killed_between_sending_and_marking_sends_one_again(
    database: Database, database_url: str, server: SmtpServer
) -> None:
    from tenon.clock import utc_now

    to = people(9)
    write(database, *to, now=utc_now())
    process = subprocess.run(
        [sys.executable, "-c", KILLED, database_url, server.url, "4"],
        cwd=ROOT,
        env=os.environ,
        timeout=60,
        check=False,
    )
    assert process.returncode == -signal.SIGKILL
    assert [each.recipient for each in server.taken] == to[:4]
    assert [mail.sent_at is not None for mail in rows(database)] == [True] * 3 + [False] * 6
    drain(database, now=utc_now() + timedelta(seconds=20))
    counted = Counter(each.recipient for each in server.taken)
    assert counted == Counter([*to, to[3]])
    both = [each.data for each in server.taken if each.recipient == to[3]]
    assert both[0] == both[1]  # the same bytes, and so the same id
    assert all(mail.sent_at for mail in rows(database))
