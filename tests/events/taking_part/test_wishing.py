"""Wishes: who may ask whom, what each side sees, answers, limits; "rather not" stays private."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.events.models import EventMay, PairRule, Registration, Wish
from tenon.events.taking_part.queries import wishes as queries
from tenon.events.taking_part.queries.met import met_before
from tenon.events.taking_part.services import wishing
from tenon.history import HistoryEntry
from tenon.outbox.models import OutboxMessage
from tests.events.taking_part.cast import Cast
from tests.factories.accounts import make_user
from tests.factories.events import (
    make_event,
    make_meeting,
    make_registration,
    make_wish,
    slots,
)
from tests.factories.introductions import make_introduction

Parts = Mapping[str, Registration]


@pytest.fixture
def parts(session: Session, cast: Cast) -> Parts:
    """A buyer and a maker, each for their house, and somebody by themselves."""
    return {
        "buyer": make_registration(
            session, cast.event, group="company", user=cast.people["buyer"],
            organisation=cast.firm, listings=[cast.need],
        ),
        "maker": make_registration(
            session, cast.event, user=cast.people["maker"], organisation=cast.university,
            listings=[cast.result],
        ),
        "nobody": make_registration(session, cast.event, user=cast.people["nobody"]),
    }  # fmt: skip


def test_wish_is_made_told_and_answered(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    it = wishing.wish(
        session, parts["buyer"], parts["maker"], kind="must", message="想看样品",
        listing_id=cast.result.id, own_listing_id=cast.need.id, score=712, suggested=True,
        by=cast.actor("buyer"), now=now,
    )  # fmt: skip
    assert (it.state, it.score, it.suggested) == ("open", 712, True)
    (view,) = queries.received(session, parts["maker"])
    assert (view.other.id, view.mutual) == (parts["buyer"].id, False)
    assert queries.waiting_for(session, parts["maker"]) == 1
    wishing.accept(session, it, by=cast.actor("helper"), now=now, expected_version=1)
    (sent,) = queries.sent(session, parts["buyer"])
    assert sent.wish.state == "accepted"
    topics = session.scalars(
        sa.select(OutboxMessage.topic).where(OutboxMessage.topic.like("events.wish%"))
    ).all()
    assert topics == ["events.wish_made", "events.wish_answered"]


def test_who_asks_back_agrees(session: Session, cast: Cast, parts: Parts, now: datetime) -> None:
    first = wishing.wish(
        session, parts["buyer"], parts["maker"], kind="would", by=cast.actor("buyer"), now=now
    )
    back = wishing.wish(
        session, parts["maker"], parts["buyer"], kind="must", by=cast.actor("maker"), now=now
    )
    assert (first.state, back.state) == ("accepted", "accepted")
    assert [view.mutual for view in queries.sent(session, parts["buyer"])] == [True]
    assert [view.mutual for view in queries.received(session, parts["buyer"])] == [True]


def test_rather_not_is_seen_by_nobody_else(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    it = wishing.wish(
        session, parts["buyer"], parts["maker"], kind="rather_not", by=cast.actor("buyer"), now=now
    )
    assert queries.received(session, parts["maker"]) == []
    assert queries.asked_by(session, parts["maker"]) == {}
    assert queries.wished_pairs(session, cast.event) == []
    assert len(queries.sent(session, parts["buyer"])) == 1
    for name in ("maker", "helper", "broker", "stranger"):
        with pytest.raises(NotFound):
            wishing.find_wish(session, it.public_id, by=cast.actor(name))
        with pytest.raises(NotFound):
            wishing.accept(session, it, by=cast.actor(name), now=now)
    assert wishing.find_wish(session, it.public_id, by=cast.actor("colleague")) is it
    told = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic.like("events.wish%"))
    ).all()
    assert told == []
    assert session.scalars(sa.select(HistoryEntry).filter_by(chain_id=it.public_id)).all() == []
    asked = wishing.wish(
        session, parts["maker"], parts["buyer"], kind="would", by=cast.actor("maker"), now=now
    )
    assert asked.state == "open"  # as if nothing had been said


def test_decline_needs_a_reason_that_the_asker_reads(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    it = make_wish(session, parts["buyer"], parts["maker"])
    by = cast.actor("maker")
    for reason, remark, field in (
        ("", "", "reason"),
        ("whim", "", "reason"),
        ("other", "", "remark"),
        ("no_fit", "x" * 501, "remark"),
    ):
        with pytest.raises(Invalid) as told:
            wishing.decline(session, it, reason=reason, remark=remark, by=by, now=now)
        assert list(told.value.fields) == [field]
    wishing.decline(session, it, reason="competitor", remark="同类产品", by=by, now=now)
    (view,) = queries.sent(session, parts["buyer"])
    assert (view.wish.decline_reason, view.wish.decline_remark) == ("competitor", "同类产品")
    with pytest.raises(Conflict, match="declined_already"):
        wishing.wish(
            session, parts["buyer"], parts["maker"], kind="must", by=cast.actor("buyer"), now=now
        )
    wishing.accept(session, it, by=by, now=now)  # they changed their mind
    assert (it.state, it.decline_reason) == ("accepted", None)


def test_second_answer_to_what_was_seen_is_refused(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    it = make_wish(session, parts["buyer"], parts["maker"])
    wishing.withdraw(session, it, by=cast.actor("buyer"), now=now, expected_version=1)
    with pytest.raises(NotFound):
        wishing.accept(session, it, by=cast.actor("maker"), now=now, expected_version=1)
    again = wishing.wish(
        session, parts["buyer"], parts["maker"], kind="would", by=cast.actor("buyer"), now=now
    )
    assert again.id == it.id
    with pytest.raises(Conflict, match="changed_meanwhile"):
        wishing.accept(session, it, by=cast.actor("maker"), now=now, expected_version=1)


def test_only_who_may_meet_is_asked(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    by = cast.actor("nobody")
    with pytest.raises(Conflict, match="may_not_meet"):  # both are researchers
        wishing.wish(session, parts["nobody"], parts["maker"], kind="would", by=by, now=now)
    low, high = sorted((parts["nobody"].id, parts["maker"].id))
    rule = PairRule(event_id=cast.event.id, a_id=low, b_id=high, rule="add", made_at=now)
    session.add(rule)
    session.flush()
    wishing.wish(session, parts["nobody"], parts["maker"], kind="would", by=by, now=now)
    low, high = sorted((parts["buyer"].id, parts["maker"].id))
    session.add(PairRule(event_id=cast.event.id, a_id=low, b_id=high, rule="forbid", made_at=now))
    session.flush()
    with pytest.raises(Conflict, match="may_not_meet"):
        wishing.wish(
            session, parts["buyer"], parts["maker"], kind="would", by=cast.actor("buyer"), now=now
        )


def test_colleagues_of_one_house_do_not_meet(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    group = parts["buyer"].group_id
    session.add(EventMay(event_id=cast.event.id, a_id=group, b_id=group))
    mate = make_registration(
        session, cast.event, group="company", user=cast.people["colleague"],
        organisation=cast.firm,
    )  # fmt: skip
    other = make_registration(session, cast.event, group="company")
    by = cast.actor("buyer")
    with pytest.raises(Conflict, match="may_not_meet"):
        wishing.wish(session, parts["buyer"], mate, kind="would", by=by, now=now)
    wishing.wish(session, parts["buyer"], other, kind="would", by=by, now=now)


def test_phases_limits_and_parts_are_kept(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    by, event = cast.actor("buyer"), cast.event
    event.most_requests = 1
    it = wishing.wish(session, parts["buyer"], parts["maker"], kind="would", by=by, now=now)
    with pytest.raises(Conflict, match="too_many_wishes"):
        wishing.wish(session, parts["buyer"], parts["nobody"], kind="would", by=by, now=now)
    wishing.wish(session, parts["buyer"], parts["nobody"], kind="rather_not", by=by, now=now)
    wishing.wish(session, parts["buyer"], parts["maker"], kind="must", by=by, now=now)  # changed
    assert it.kind == "must"
    event.requests_from = now + timedelta(days=1)
    with pytest.raises(Conflict, match="requests_not_yet"):
        wishing.withdraw(session, it, by=by, now=now)
    event.requests_from, event.requests_until = None, now
    with pytest.raises(Conflict, match="requests_over"):
        wishing.accept(session, it, by=cast.actor("maker"), now=now)
    event.requests_until = None
    waits = make_registration(session, event, state="waiting", place=1)
    with pytest.raises(NotFound):
        wishing.wish(session, parts["buyer"], waits, kind="rather_not", by=by, now=now)
    elsewhere = make_registration(session, make_event(session))
    with pytest.raises(NotFound):
        wishing.wish(session, parts["buyer"], elsewhere, kind="would", by=by, now=now)


def test_nobody_wishes_for_others(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    for name in ("maker", "helper", "stranger", "nobody"):
        with pytest.raises(Forbidden):
            wishing.wish(
                session, parts["buyer"], parts["maker"], kind="would", by=cast.actor(name), now=now
            )
    wishing.wish(
        session, parts["buyer"], parts["maker"], kind="would", by=cast.actor("colleague"), now=now
    )


def test_met_before_counts_houses(
    session: Session, cast: Cast, parts: Parts, now: datetime
) -> None:
    others = [parts["maker"], parts["nobody"]]
    assert met_before(session, parts["buyer"], others) == {}
    earlier = make_event(session)
    then = make_registration(session, earlier, group="company", organisation=cast.firm)
    them = make_registration(session, earlier, user=cast.people["nobody"])
    make_meeting(session, then, them, slots(session, earlier)[0], state="held")
    make_meeting(  # agreed, but not held
        session,
        then,
        make_registration(session, earlier, organisation=cast.university),
        slots(session, earlier)[1],
    )
    make_introduction(
        session, state="connected", listing=cast.result, own_listing=cast.need, now=now
    )
    assert met_before(session, parts["buyer"], others) == {
        parts["maker"].id: ("introduction",),
        parts["nobody"].id: ("meeting",),
    }


def test_who_leaves_takes_their_wishes_along(session: Session, cast: Cast, parts: Parts) -> None:
    made = make_wish(session, parts["buyer"], parts["maker"])
    back = make_wish(session, parts["maker"], parts["buyer"], "rather_not")
    other = make_wish(session, parts["buyer"], parts["nobody"])
    wishing.end_wishes_of(session, parts["maker"].id)
    session.expire_all()
    states = [session.get_one(Wish, each.id).state for each in (made, back, other)]
    assert states == ["withdrawn", "withdrawn", "open"]


def test_people_who_are_gone_have_no_name_but_rows(session: Session, cast: Cast) -> None:
    part = make_registration(session, cast.event, user=make_user(session))
    part.user_id = None
    session.flush()
    session.expire_all()
    assert queries.sent(session, part) == []
