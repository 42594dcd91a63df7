"""What people are told, in both languages; personal data out and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.events.models import Registration, Wish
from tenon.events.planning.services.moving import call_off
from tenon.events.taking_part import personal, services
from tenon.events.taking_part.services import wishing
from tenon.notices import wording
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tests.events.taking_part.cast import make_cast, register
from tests.factories.accounts import make_user
from tests.factories.events import make_registration, make_wish


def _told(database: Database, user: User) -> list[tuple[str, str]]:
    """Return (kind, words in Chinese) of a person's notices, oldest first."""
    with database.reading() as session:
        rows: Sequence[Notice] = session.scalars(
            sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.id)
        ).all()
        return [(each.kind, wording.words(each.kind, each.facts, "zh")) for each in rows]


def test_each_step_is_told_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, capacity=1)
        first = register(session, cast.event, cast.people["buyer"], now=now)
        register(session, cast.event, cast.people["maker"], now=now)
        buyer, maker = cast.people["buyer"], cast.people["maker"]
        by, key = cast.actor("buyer"), first.id
    drain(database, now=now)
    assert [kind for kind, _ in _told(database, buyer)] == ["event_part_confirmed"]
    assert _told(database, maker) == [
        ("event_part_waiting", "“光电子技术对接会”名额已满，您是候补第 1 位。")
    ]
    with database.writing() as session:
        services.cancel(session, session.get_one(Registration, key), by=by, now=now)
    drain(database, now=now)
    assert _told(database, buyer)[-1][0] == "event_part_cancelled"
    kind, words = _told(database, maker)[-1]
    assert kind == "event_part_offered"
    assert "Asia/Shanghai" in words
    drain(database, now=now + timedelta(days=2))
    assert _told(database, maker)[-1][0] == "event_part_lapsed"
    assert len(_told(database, maker)) == 3


def test_applications_go_to_the_organiser_and_reasons_come_back(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, needs_approval=True)
        broker = cast.actor("broker")
        part = register(session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id)
    drain(database, now=now)
    assert _told(database, cast.people["broker"]) == [
        ("event_applied", "buyer person（玄武岩机电）申请参加“光电子技术对接会”。")
    ]
    with database.writing() as session:
        services.decline(
            session, session.get_one(Registration, part.id), reason="请派技术人员",
            by=broker, now=now,
        )  # fmt: skip
    drain(database, now=now)
    assert "请派技术人员" in _told(database, cast.people["buyer"])[-1][1]


def test_wishes_and_answers_are_told_but_not_a_rather_not(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        asks = make_registration(session, cast.event, group="company", user=cast.people["buyer"])
        asked = make_registration(session, cast.event, user=cast.people["maker"])
        other = make_registration(session, cast.event, user=cast.people["nobody"])
        by, maker = cast.actor("buyer"), cast.actor("maker")
        wish = wishing.wish(session, asks, asked, kind="must", by=by, now=now)
        wishing.wish(session, asks, other, kind="rather_not", by=by, now=now)
    drain(database, now=now)
    assert [kind for kind, _ in _told(database, cast.people["maker"])] == ["event_wish_received"]
    assert _told(database, cast.people["nobody"]) == []
    with database.writing() as session:
        it = session.get_one(Wish, wish.id)
        wishing.decline(session, it, reason="competitor", remark="同类", by=maker, now=now)
    drain(database, now=now)
    kind, words = _told(database, cast.people["buyer"])[-1]
    assert kind == "event_wish_declined"
    assert "双方是竞争关系 (同类)" in words


def test_everybody_hears_that_an_event_is_called_off(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        people = {
            state: make_registration(
                session, cast.event, user=make_user(session), state=state,
                place=1 if state == "waiting" else None,
            ).user
            for state in ("confirmed", "waiting", "pending", "cancelled")
        }  # fmt: skip
        call_off(
            session, cast.event, reason="场地停电", version=cast.event.version,
            by=cast.actor("broker"), now=now,
        )  # fmt: skip
    drain(database, now=now)
    for state, user in people.items():
        assert user is not None
        told = [words for kind, words in _told(database, user) if kind == "event_part_called_off"]
        assert (len(told) == 1) == (state != "cancelled"), state
        assert all("场地停电" in each for each in told)


def test_a_persons_parts_and_wishes_are_theirs_to_have(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now)
    part = register(
        session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id,
        listings=(cast.need.public_id,),
    )  # fmt: skip
    other = make_registration(session, cast.event, user=cast.people["maker"])
    make_wish(session, part, other, message="想看样品")
    make_wish(session, other, part, "rather_not", message="")
    found = personal.collect(session, cast.people["buyer"])
    assert found["registrations"][0]["listings"] == [cast.need.public_id]
    assert [each["message"] for each in found["wishes"]] == ["想看样品"]
    assert "rather_not" not in str(found)  # the other's, who alone has it
    theirs = personal.collect(session, cast.people["maker"])
    assert [each["kind"] for each in theirs["wishes"]] == ["rather_not"]


def test_who_is_erased_leaves_no_words_and_frees_the_place(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, capacity=1)
    part = register(session, cast.event, cast.people["buyer"], now=now, about="我的手机号", by=None)
    waits = register(session, cast.event, make_user(session), now=now)
    other = make_registration(session, cast.event, user=cast.people["maker"])
    wish = make_wish(session, part, other, message="我的手机号")
    answered = make_wish(
        session, other, part, state="declined", decline_reason="other", decline_remark="我的原因"
    )
    over = make_registration(session, cast.event, user=make_user(session))
    personal.erase(session, cast.people["buyer"], now)
    gone = session.get_one(Registration, part.id)
    assert (gone.user_id, gone.about, gone.seeks, gone.languages) == (None, "", "", [])
    assert gone.state == "cancelled"
    assert session.get_one(Wish, wish.id).message == ""
    assert session.get_one(Wish, answered.id).decline_remark is None
    assert waits.state in ("waiting", "offered")
    user = session.get_one(User, over.user_id)
    cast.event.state = "over"
    session.flush()
    personal.erase(session, user, now)
    held = session.get_one(Registration, over.id)
    assert (held.state, held.user_id) == ("confirmed", None)  # that somebody came stays known
