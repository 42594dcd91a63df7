"""Gatherings that die, meet, or cross: each notice is mailed once, whatever happens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.notices import choosing, delivery, gathering, planning, services
from tenon.notices.choosing import Hours
from tenon.notices.models import Notice, NoticeSchedule
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import actor_for, make_user
from tests.notices.mailing import (
    AT_ONCE,
    DAILY,
    ESSENTIAL,
    Box,
    at,
    mails,
    pass_time,
    states,
    tell,
    told,
)
from tests.postgres import PostgresServer

NOON = at("2026-06-01T12:00")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.usefixtures("box")


def test_a_gathering_that_dies_half_way_is_done_once(
    database: Database, reader: User, monkeypatch: pytest.MonkeyPatch, box: Box
) -> None:
    told(database, reader, NOON)
    mark = gathering.mark

    def cut_off(*given_: Any, **named: Any) -> None:
        mark(*given_, **named)
        if named["mail"] == "mailed":
            raise KeyboardInterrupt

    monkeypatch.setattr(gathering, "mark", cut_off)
    with pytest.raises(KeyboardInterrupt):
        drain(database, now=NOON)
    assert mails(database, reader) == []
    assert states(database, reader) == ["waiting"]
    monkeypatch.setattr(gathering, "mark", mark)
    pass_time(database, NOON + HOUR)  # once the lease of the dead has run out
    assert len(box.letters) == len(mails(database, reader)) == 1


def test_a_gathering_that_was_given_up_is_queued_anew(database: Database, reader: User) -> None:
    told(database, reader, NOON)
    drain(database, now=NOON)
    told(database, reader, NOON + MINUTE)
    with database.writing() as session:
        session.execute(sa.delete(OutboxMessage).where(OutboxMessage.done_at.is_(None)))
        assert gathering.sweep(session, now=NOON + 2 * HOUR) == 0
        assert gathering.sweep(session, now=NOON + 5 * HOUR) == 1
    drain(database, now=NOON + 5 * HOUR)
    assert len(mails(database, reader)) == 2


def _at_once(work: list[Any]) -> None:
    """Run functions in threads that begin together, and raise what one of them raised."""
    start, errors = threading.Barrier(len(work)), []

    def run(each: Any) -> None:
        start.wait()
        try:
            each()
        except Exception as error:  # noqa: BLE001  # the test's own thread raises it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_two_gatherings_at_once_write_one_mail(database: Database, reader: User) -> None:
    for _ in range(3):
        told(database, reader, NOON)

    def gather() -> None:
        with database.writing() as own:
            gathering.gather(own, user_id=reader.id, planned=None, now=NOON)

    _at_once([gather] * 4)
    assert [mail.subject for mail in mails(database, reader)] == ["3 notices for you"]


def test_a_gathering_waits_for_a_notice_that_relies_on_it(database: Database, reader: User) -> None:
    told(database, reader, NOON)
    drain(database, now=NOON)
    told(database, reader, NOON + MINUTE)
    begun = threading.Event()

    def gather() -> None:
        begun.wait()
        with database.writing() as own:
            gathering.gather(own, user_id=reader.id, planned=NOON + HOUR, now=NOON + HOUR)

    def notify_slowly() -> None:
        with database.writing() as own:
            tell(own, reader, NOON + 2 * MINUTE)
            begun.set()
            threading.Event().wait(0.5)  # the gathering comes now

    _at_once([gather, notify_slowly])
    assert [mail.subject for mail in mails(database, reader)][1:] == ["2 notices for you"]


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[Database]:
    """A database whose writers do not wait for each other."""
    name = postgres.clone()
    with Database(postgres.address(name)) as made:
        yield made
    postgres.drop(name)


@pytest.mark.postgres
def test_two_who_tell_the_same_people_crosswise_do_not_block_each_other(
    postgresql: Database,
) -> None:
    with postgresql.writing() as session:
        people = [make_user(session), make_user(session)]
    for user in people:
        told(postgresql, user, NOON)
    drain(postgresql, now=NOON)
    with postgresql.writing() as one, postgresql.writing() as other:
        for session in (one, other):
            session.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        tell(one, people[0], NOON + MINUTE)
        tell(other, people[1], NOON + MINUTE)
        tell(one, people[1], NOON + MINUTE)
        tell(other, people[0], NOON + MINUTE)
    pass_time(postgresql, NOON + DAY)
    for user in people:
        assert [mail.subject for mail in mails(postgresql, user)][1:] == ["2 notices for you"]


steps = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from(["now", "now", "daily", "essential", "read", "choose", "hours"]),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_whatever_happens_each_notice_is_mailed_once_or_not_wanted(
    database: Database, steps: list[tuple[int, str, int]]
) -> None:
    with database.writing() as session:
        user = make_user(session)
    now = NOON
    for minutes, what, number in steps:
        pass_time(database, now := now + minutes * MINUTE)
        with database.writing() as session:
            _step(session, user, what, number, now)
    pass_time(database, now + 4 * DAY)
    written = mails(database, user)
    with database.reading() as session:
        rows = session.scalars(sa.select(Notice).where(Notice.user_id == user.id)).all()
        kept = choosing.chosen(session, [user.id])
        schedule = session.get(NoticeSchedule, user.id)
    for row in rows:
        lines = sum(mail.text.count(row.path + "\n") for mail in written)
        assert lines == (row.mail == "mailed"), (row.kind, row.mail)
        assert row.mail in {"mailed", "spared", "none"}
        if row.mail == "spared":
            off = any(code == row.kind for _, code in kept) or row.read_at is not None
            assert off or any(what == "choose" for _, what, _ in steps)
    moments = [mail.created_at for mail in written]
    assert all(b - a >= planning.BETWEEN_MAILS for a, b in pairwise(moments))
    digests = [mail.digest_day for mail in written if mail.kind == "digest"]
    assert len(set(digests)) == len(digests)
    if schedule is not None and not any(what == "hours" for _, what, _ in steps):
        zone = delivery.current().zone
        assert not any(planning.is_quiet(each, planning.NIGHT, zone) for each in moments)


def _step(session: Session, user: User, what: str, number: int, now: datetime) -> None:
    kinds = {"now": AT_ONCE, "daily": DAILY, "essential": ESSENTIAL}
    by = actor_for(session.get_one(User, user.id))
    if what in kinds:
        tell(session, user, now, kind=kinds[what])
    elif what == "read":
        own = sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.id.desc())
        notice = session.scalars(own.offset(number).limit(1)).first()
        if notice is not None:
            services.mark_read(session, notice_id=notice.id, by=by, now=now)
    elif what == "choose":
        kind = [AT_ONCE, DAILY, ESSENTIAL][number % 3]
        mail = planning.WAYS[number // 2]
        services.choose(session, user_id=user.id, kind_or_group=kind, mail=mail, now=now)
    else:
        times = [Hours(None, None, number), Hours(1320, 420, 9 + number)][number % 2]
        services.change_choices(session, wanted={}, times=times, by=by, now=now)
