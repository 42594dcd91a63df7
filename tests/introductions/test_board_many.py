"""One step for many: every row is reported once and is done whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.db import Database
from tenon.errors import Forbidden, Invalid
from tenon.history.models import HistoryEntry
from tenon.introductions import permissions
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.services.many import AT_ONCE, ManyStep, act_on_many, rehearse
from tenon.introductions.services.proposing import Proposal, propose_many
from tenon.introductions.states import STATES
from tenon.notices.models import Mail, Notice
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need

STEPS: dict[str, ManyStep] = {
    "take_over": ManyStep(name="take_over"),
    "pass_on": ManyStep(name="pass_on"),
    "give_back": ManyStep(name="give_back", text="请写明试验条件。"),
    "refuse": ManyStep(name="refuse", reason="too_early", remark="先补充试验报告。"),
    "message": ManyStep(name="message", text="请双方确认会议时间。"),
}


@pytest.fixture
def broker(session: Session) -> User:
    """A broker of no organisation."""
    return grant_role(session, make_user(session, name="Broker"), "broker")


@pytest.fixture
def other(session: Session) -> User:
    """Another broker."""
    return grant_role(session, make_user(session, name="Other broker"), "broker")


def _picture(session: Session) -> list[Any]:
    """Everything that a step may write, as it stands."""
    rows: list[Any] = list(
        session.execute(
            sa.select(
                Introduction.id, Introduction.state, Introduction.version, Introduction.broker_id,
                Introduction.end_reason, Introduction.due_step, Introduction.last_message_at,
            ).order_by(Introduction.id)
        )
    )  # fmt: skip
    rows += [
        session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in (IntroductionMessage, HistoryEntry, OutboxMessage, Notice, Mail)
    ]
    return rows


def _written(session: Session, introduction: Introduction) -> tuple[int, int, int]:
    """How many messages, entries of history and outbox rows are an introduction's."""
    session.flush()
    messages = session.scalar(
        sa.select(sa.func.count()).where(IntroductionMessage.introduction_id == introduction.id)
    )
    entries = session.scalar(
        sa.select(sa.func.count()).where(
            HistoryEntry.chain_kind == "introduction",
            HistoryEntry.chain_id == introduction.public_id,
        )
    )
    queued = [
        row
        for row in session.scalars(sa.select(OutboxMessage))
        if row.topic == "introduction.moved" and row.payload["id"] == introduction.id
    ]
    return messages or 0, entries or 0, len(queued)


ROW = st.tuples(
    st.sampled_from(STATES),
    st.sampled_from(["mine", "nobodys", "others", "own_house", "not_public", "stale", "unknown"]),
)


@options(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(ROW, min_size=1, max_size=6), name=st.sampled_from(sorted(STEPS)))
def test_any_mix_is_reported_once_and_done_whole_or_not_at_all(
    session: Session,
    broker: User,
    other: User,
    now: datetime,
    rows: list[tuple[str, str]],
    name: str,
) -> None:
    with _taken_back(session):
        _any_mix(session, broker, other, now, rows, name)


@contextmanager
def _taken_back(session: Session) -> Iterator[None]:
    """Leave nothing of an example behind, in the database and in the session's memory."""
    whole = session.begin_nested()
    try:
        yield
    finally:
        whole.rollback()
        session.expunge_all()


def _any_mix(
    session: Session,
    broker: User,
    other: User,
    now: datetime,
    rows: list[tuple[str, str]],
    name: str,
) -> None:
    broker, other = (
        session.get_one(User, sa.inspect(user, raiseerr=True).identity) for user in (broker, other)
    )
    made: dict[str, Introduction] = {}
    choice: list[tuple[str, int | None]] = []
    for place, (state, kind) in enumerate(rows):
        if kind == "unknown":
            choice.append((f"nobody-knows-{place}", 1))
            continue
        listing = make_need(session, state="published")
        looks = {"others": other, "nobodys": None}.get(kind, broker)
        each = make_introduction(session, state=state, listing=listing, broker=looks, now=now)
        if kind == "not_public":
            listing.state = "withdrawn"
        if kind == "own_house":
            house = session.get_one(Organisation, each.to_organisation_id)
            make_membership(session, broker, house, "editor")
        made[each.public_id] = each
        choice.append((each.public_id, each.version + (kind == "stale")))
    session.flush()
    by, step = actor_for(broker), STEPS[name]
    before = {key: (each.state, each.broker_id, each.version) for key, each in made.items()}
    picture = _picture(session)

    told = rehearse(session, choice, step=step, by=by, now=now)
    assert _picture(session) == picture
    outcomes = act_on_many(session, choice, step=step, by=by, now=now)

    assert [each.key for each in outcomes] == [key for key, _version in choice]
    assert [(each.key, each.done, each.code) for each in outcomes] == [
        (each.key, each.done, each.code) for each in told
    ]
    for outcome, (_state, kind) in zip(outcomes, rows, strict=True):
        assert outcome.done is (outcome.code == "")
        if outcome.key not in made:
            assert outcome.code == "not_found"
            continue
        each = made[outcome.key]
        session.refresh(each)
        messages, entries, queued = _written(session, each)
        if not outcome.done:
            assert (each.state, each.broker_id, each.version) == before[outcome.key]
            assert (messages, entries, queued) == (0, 0, 0)
            continue
        assert kind in ("mine", "nobodys", "not_public")
        assert each.broker_id == broker.id
        moved = name in ("pass_on", "give_back", "refuse")
        taken = name == "take_over" and before[outcome.key][1] != broker.id
        assert (each.version == before[outcome.key][2] + 1) is (moved or taken)
        assert queued == int(moved)
        assert messages == int(name in ("give_back", "message"))
        assert entries == int(moved or name == "message" or before[outcome.key][1] != broker.id)


def test_an_empty_choice_and_too_many_are_refused(
    session: Session, broker: User, now: datetime
) -> None:
    by, step = actor_for(broker), ManyStep(name="take_over")
    for choice, code in (([], "nothing_chosen"), (_keys(AT_ONCE + 1), "too_many_at_once")):
        for verb in (act_on_many, rehearse):
            with pytest.raises(Invalid) as caught:
                verb(session, choice, step=step, by=by, now=now)
            assert caught.value.fields == {"chosen": code}
    outcomes = act_on_many(session, _keys(AT_ONCE), step=step, by=by, now=now)
    assert {outcome.code for outcome in outcomes} == {"not_found"}


def _keys(number: int) -> list[tuple[str, int | None]]:
    return [(f"no-such-{place}", None) for place in range(number)]


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        (ManyStep(name="refuse"), {"reason": "required"}),
        (ManyStep(name="refuse", reason="other"), {"remark": "required"}),
        (ManyStep(name="give_back"), {"text": "required"}),
        (ManyStep(name="message", text="  "), {"text": "required"}),
        (ManyStep(name="message", text="a", audience="press"), {"audience": "unknown_code"}),
        (ManyStep(name="assign"), {"broker": "required"}),
        (ManyStep(name="delete"), {"step": "unknown_code"}),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_at_its_field(
    session: Session, broker: User, now: datetime, step: ManyStep, fields: dict[str, str]
) -> None:
    made = make_introduction(session, state="checking", broker=broker, now=now)
    with pytest.raises(Invalid) as caught:
        act_on_many(session, [(made.public_id, 1)], step=step, by=actor_for(broker), now=now)
    assert caught.value.fields == fields
    assert made.state == "checking"


def test_why_not_says_what_stands_in_the_way(
    session: Session, broker: User, other: User, now: datetime
) -> None:
    theirs = make_introduction(session, state="checking", broker=other, now=now)
    nobodys = make_introduction(session, state="checking", now=now)
    over = make_introduction(session, state="declined", broker=broker, now=now)
    choice: list[tuple[str, int | None]] = [
        (each.public_id, None) for each in (theirs, nobodys, over)
    ]
    by = actor_for(broker)
    codes = [each.code for each in act_on_many(session, choice, step=STEPS["message"], by=by,
                                               now=now)]  # fmt: skip
    assert codes == ["somebody_elses", "take_over_first", "introduction_over"]
    codes = [each.code for each in act_on_many(session, choice, step=STEPS["pass_on"], by=by,
                                               now=now)]  # fmt: skip
    assert codes == ["somebody_elses", "", "illegal_transition"]


def test_one_message_to_many_and_never_twice(session: Session, broker: User, now: datetime) -> None:
    made = [make_introduction(session, broker=broker, now=now) for _ in range(3)]
    choice: list[tuple[str, int | None]] = [(each.public_id, each.version) for each in made]
    by = actor_for(broker)
    step = ManyStep(name="message", text="请确认会议时间。", audience="to")
    for expected in ("", "said_already"):
        outcomes = act_on_many(session, choice, step=step, by=by, now=now)
        assert {outcome.code for outcome in outcomes} == {expected}
    said = session.scalars(sa.select(IntroductionMessage)).all()
    assert sorted(each.introduction_id for each in said) == sorted(each.id for each in made)
    assert {(each.audience, each.text) for each in said} == {("to", "请确认会议时间。")}


def test_the_rehearsal_says_what_each_is_told_in_their_language(
    session: Session, broker: User, now: datetime
) -> None:
    house = make_organisation(session, kind="enterprise", name_zh="示例钢管有限公司")
    reader = make_user(session, language="zh")
    make_membership(session, reader, house, "editor")
    listing = make_need(session, organisation=house, author=reader, state="published")
    firm = make_organisation(session, name_zh="暗礁机电有限公司", name_en="Basalt Reef")
    secret = make_achievement(session, organisation=firm, state="published")
    made = make_introduction(
        session, state="checking", listing=listing, own_listing=secret, broker=broker,
        unnamed=True, now=now,
    )  # fmt: skip
    choice: list[tuple[str, int | None]] = [(made.public_id, 1)]
    (outcome,) = rehearse(
        session, choice, step=ManyStep(name="pass_on"), by=actor_for(broker), now=now
    )
    (told,) = outcome.told
    assert told.language == "zh"
    assert listing.text("zh").title in told.words
    assert "未具名" in told.words
    assert "暗礁" not in told.words
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == 0


def test_operators_assign_and_brokers_do_not(
    session: Session, broker: User, other: User, now: datetime
) -> None:
    operator = grant_role(session, make_user(session), "operator")
    first = make_introduction(session, state="checking", broker=broker, now=now)
    second = make_introduction(session, state="asked", broker=broker, now=now)
    house = session.get_one(Organisation, second.to_organisation_id)
    make_membership(session, other, house, "member")
    choice: list[tuple[str, int | None]] = [(each.public_id, None) for each in (first, second)]
    step = ManyStep(name="assign", broker_id=other.id)
    with pytest.raises(Forbidden):
        act_on_many(session, choice, step=step, by=actor_for(broker), now=now)
    outcomes = act_on_many(session, choice, step=step, by=actor_for(operator), now=now)
    assert [outcome.code for outcome in outcomes] == ["", "colleague_own_house"]
    assert (first.broker_id, second.broker_id) == (other.id, broker.id)
    nobody = ManyStep(name="assign", broker_id=make_user(session).id)
    with pytest.raises(Invalid):
        act_on_many(session, choice, step=nobody, by=actor_for(operator), now=now)


def test_who_is_no_broker_may_not_act_on_many(session: Session, now: datetime) -> None:
    made = make_introduction(session, state="checking", now=now)
    house = session.get_one(Organisation, made.from_organisation_id)
    member = make_user(session)
    make_membership(session, member, house, "administrator")
    for step in STEPS.values():
        with pytest.raises(Forbidden):
            act_on_many(session, [(made.public_id, 1)], step=step, by=actor_for(member), now=now)


def test_two_brokers_at_once_each_row_goes_to_one(database: Database, now: datetime) -> None:
    with database.writing() as session:
        users = [grant_role(session, make_user(session), "broker") for _ in range(2)]
        made = [make_introduction(session, state="checking", now=now) for _ in range(8)]
        keys: list[tuple[str, int | None]] = [(each.public_id, each.version) for each in made]
        actors = [actor_for(user) for user in users]
    start = Barrier(2)

    def act(place: int) -> list[bool]:
        order = keys if place == 0 else keys[::-1]
        start.wait(timeout=60)
        with database.writing() as session:
            outcomes = act_on_many(
                session, order, step=STEPS["take_over"], by=actors[place], now=now
            )
            assert {each.code for each in outcomes} <= {"", "somebody_elses"}
        done = {each.key: each.done for each in outcomes}
        return [done[key] for key, _version in keys]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(act, (0, 1))
    assert all(one != two for one, two in zip(first, second, strict=True))
    with database.reading() as session:
        held = session.scalars(sa.select(Introduction.broker_id).order_by(Introduction.id)).all()
    assert held == [users[0].id if one else users[1].id for one in first]


def _proposals(session: Session, number: int) -> tuple[Any, list[Proposal]]:
    result = make_achievement(session, state="published")
    needs = [make_need(session, state="published") for _ in range(number)]
    return result, [
        Proposal(
            key=need.public_id,
            listing=result,
            organisation_id=need.organisation_id,
            own_listing=need,
        )
        for need in needs
    ]


def test_several_proposals_each_by_itself(session: Session, broker: User, now: datetime) -> None:
    result, proposals = _proposals(session, 3)
    by = actor_for(broker)
    taken = proposals[1].own_listing
    make_introduction(session, state="asked", listing=result, own_listing=taken, now=now)
    session.commit()
    picture = _picture(session)
    words: Callable[[bool], list[str]] = lambda rehearsal: [  # noqa: E731  # used twice, right here
        each.code
        for each in propose_many(
            session, proposals, note="很合适。", by=by, now=now, rehearsal=rehearsal
        )
    ]
    assert words(True) == ["", "already_introduced", ""]
    assert _picture(session) == picture
    assert words(False) == ["", "already_introduced", ""]
    assert words(False) == ["already_introduced"] * 3
    made = session.scalars(sa.select(Introduction).where(Introduction.state == "proposed")).all()
    assert len(made) == 2
    assert all(permissions.is_its_broker(by, each) for each in made)
    assert [each.text for each in session.scalars(sa.select(IntroductionMessage))] == [
        "很合适。"
    ] * 2


def test_a_proposal_never_tells_whose_an_anonymous_need_is(
    session: Session, broker: User, other: User, now: datetime
) -> None:
    """Trying one organisation after the other gives the same answer for the firm and for others."""
    firm = make_organisation(session, kind="enterprise")
    need = make_need(
        session, organisation=firm, state="published", anonymous=True, broker_id=other.id
    )
    houses = [firm, make_organisation(session)]
    listings = [make_achievement(session, organisation=each, state="published") for each in houses]
    proposals = [
        Proposal(key=each.public_id, listing=need, organisation_id=each.id) for each in houses
    ] + [
        Proposal(
            key=each.public_id, listing=need, organisation_id=each.organisation_id,
            own_listing=each,
        )
        for each in listings
    ]  # fmt: skip
    answers = {
        user.id: [
            each.code
            for each in propose_many(
                session, proposals, note="请看。", by=actor_for(user), now=now, rehearsal=True
            )
        ]
        for user in (broker, other)
    }
    assert answers[broker.id] == ["owner_secret"] * 4
    assert answers[other.id] == ["same_house", "", "same_house", ""]
