"""The board's lists: what stands where, what a filter may find, in how many statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.queries.board import STAGES, board, figures
from tenon.introductions.queries.board_filters import BoardFilter, is_overdue
from tenon.introductions.queries.board_lanes import LANES, places
from tenon.introductions.queries.board_names import named_to, own_title_open
from tenon.introductions.states import STATES
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need


@pytest.fixture
def broker(session: Session) -> User:
    """A broker of no organisation."""
    return grant_role(session, make_user(session, name="Broker"), "broker")


@pytest.fixture
def other(session: Session) -> User:
    """Another broker."""
    return grant_role(session, make_user(session, name="Other broker"), "broker")


def _keys(
    session: Session, asked: BoardFilter, by: Actor, now: datetime, **more: object
) -> dict[str, list[int]]:
    views = board(session, asked, by=by, now=now, **more)  # type: ignore[arg-type]  # test's brevity
    return {
        view.lane.name: [card.shown.introduction.id for card in view.cards]
        for view in views
        if view.cards
    }


def test_whose_introductions(session: Session, broker: User, other: User, now: datetime) -> None:
    by = actor_for(broker)
    mine = make_introduction(session, state="asked", broker=broker, now=now)
    late = make_introduction(session, state="asked", broker=broker, now=now - timedelta(days=6))
    check = make_introduction(session, state="checking", broker=broker, now=now)
    nobodys = make_introduction(session, state="checking", now=now)
    proposed = make_introduction(session, state="proposed", proposer=broker, now=now)
    theirs = make_introduction(session, state="checking", broker=other, now=now)
    house = make_organisation(session)
    make_membership(session, broker, house, "member")
    own = make_introduction(session, state="checking", from_organisation=house, now=now)
    by = actor_for(broker)
    assert _keys(session, BoardFilter(), by, now) == {
        "checking": [check.id, nobodys.id],
        "asked": [late.id],
    }
    assert _keys(session, BoardFilter(whose="mine"), by, now) == {
        "proposed": [proposed.id],
        "checking": [check.id],
        "asked": [late.id, mine.id],
    }
    assert _keys(session, BoardFilter(whose="unassigned"), by, now) == {
        "checking": [nobodys.id, own.id]
    }
    everything = _keys(session, BoardFilter(whose="all"), by, now)
    assert everything["checking"] == [check.id, nobodys.id, theirs.id, own.id]


def test_cards_of_colleagues_are_seen_and_not_read(
    session: Session, broker: User, other: User, now: datetime
) -> None:
    theirs = make_introduction(session, state="checking", broker=other, now=now)
    session.add(
        IntroductionMessage(
            introduction_id=theirs.id, kind="message", speaker="broker", author_id=other.id,
            text="请看", at=now,
        )
    )  # fmt: skip
    session.flush()
    for user, reads in ((broker, False), (other, True)):
        views = board(session, BoardFilter(whose="all"), by=actor_for(user), now=now)
        (card,) = (card for view in views for card in view.cards)
        assert (card.may_read, card.may_act) == (reads, reads)
        assert card.broker == other
        assert card.unread == 0  # the one's own, and what the other may not read
    operator = grant_role(session, make_user(session), "operator")
    views = board(session, BoardFilter(whose="all"), by=actor_for(operator), now=now)
    (card,) = (card for view in views for card in view.cards)
    assert (card.may_read, card.may_act, card.unread) == (True, True, 1)


def test_filters_by_listing_title_region_field_and_lateness(
    session: Session, broker: User, now: datetime
) -> None:
    by = actor_for(broker)
    wuhan = make_need(
        session, state="published", title="求高溫蒸汽管道測溫", region="420100",
        fields=[("hitech", "1.3")],
    )  # fmt: skip
    plain = make_need(session, state="published", title="Coating 100%_done", region="110000")
    one = make_introduction(session, listing=wuhan, now=now - timedelta(days=7), with_own=True)
    two = make_introduction(session, listing=plain, now=now)

    def found(**asked: object) -> list[int]:
        where = BoardFilter(whose="all", **asked)  # type: ignore[arg-type]  # test's brevity
        return _keys(session, where, by, now).get("asked", [])

    assert found() == [one.id, two.id]
    assert found(region="420000") == [one.id]
    assert found(field="1") == [one.id]
    assert found(text="coating") == [two.id]
    assert found(text="100%_") == [two.id]
    assert found(text="0_%") == []
    assert found(text="光纤测温") == [one.id]  # the interested side's own listing
    assert found(overdue=True) == [one.id]
    assert found(overdue=True, region="110000") == []
    assert found(organisation_id=plain.organisation_id) == [two.id]


def test_pages_by_place_show_every_row_once(session: Session, broker: User, now: datetime) -> None:
    by = actor_for(broker)
    made = [
        make_introduction(session, state="asked", broker=broker, now=now - timedelta(days=day))
        for day in (3, 1, 1, 2, 1)
    ]
    seen: list[int] = []
    after = None
    for _ in range(4):
        (view,) = board(
            session, BoardFilter(whose="mine"), lanes=("asked",), by=by, now=now, limit=2,
            after=after,
        )  # fmt: skip
        assert view.number == 5
        seen += [card.shown.introduction.id for card in view.cards]
        after = view.next_place
        if after is None:
            break
    assert sorted(seen) == sorted(each.id for each in made)
    assert seen[0] == made[0].id
    (view,) = board(
        session, BoardFilter(whose="mine"), lanes=("asked",), by=by, now=now, after="nonsense"
    )
    assert len(view.cards) == 5


def test_an_unnamed_side_is_not_found_by_its_name(
    session: Session, broker: User, other: User, now: datetime
) -> None:
    firm = make_organisation(session, kind="enterprise", name_zh="暗礁机电有限公司")
    need = make_need(session, organisation=firm, state="published", anonymous=True)
    kept = make_need(session, organisation=firm, state="published", title="只有我们会问的事")
    result = make_achievement(session, state="published")
    anonymous = make_introduction(session, listing=result, own_listing=need, broker=broker, now=now)
    unnamed = make_introduction(
        session, listing=make_achievement(session, state="published"), own_listing=kept,
        broker=broker, unnamed=True, now=now,
    )  # fmt: skip
    where = BoardFilter(whose="all", organisation_id=firm.id)
    for user in (broker, other):
        assert _keys(session, where, actor_for(user), now) == {}
        titled = BoardFilter(whose="all", text="只有我们会问")
        assert _keys(session, titled, actor_for(user), now) == {}
    operator = grant_role(session, make_user(session), "operator")
    assert _keys(session, where, actor_for(operator), now) == {"asked": [anonymous.id, unnamed.id]}
    need.broker_id = other.id
    session.flush()
    assert _keys(session, where, actor_for(other), now) == {"asked": [anonymous.id]}
    assert _keys(session, where, actor_for(broker), now) == {}
    for each in (anonymous, unnamed):
        each.state, each.opened_at, each.to_consented_at = "connected", now, now
    session.flush()
    assert _keys(session, where, actor_for(broker), now) == {
        "connected": [unnamed.id, anonymous.id]
    }


@options(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    state=st.sampled_from(STATES),
    anonymous=st.booleans(),
    unnamed=st.booleans(),
    from_need=st.booleans(),
    member=st.sampled_from(["none", "from", "to"]),
    role=st.sampled_from(["broker", "operator", "neither"]),
    looks_after=st.sampled_from(["nobody", "introduction", "proposal", "need"]),
)
def test_names_in_sql_as_in_permissions(
    session: Session,
    now: datetime,
    state: str,
    anonymous: bool,
    unnamed: bool,
    from_need: bool,
    member: str,
    role: str,
    looks_after: str,
) -> None:
    whole = session.begin_nested()
    user = make_user(session)
    if role != "neither":
        grant_role(session, user, role)
    need = make_need(session, state="published", anonymous=anonymous)
    result = make_achievement(session, state="published")
    own, listing = (need, result) if from_need else (result, need)
    if looks_after == "need":
        need.broker_id = user.id
    made = make_introduction(
        session, state=state, listing=listing, own_listing=own, unnamed=unnamed, now=now,
        broker=user if looks_after == "introduction" else None,
        proposer=user if looks_after == "proposal" else None,
    )  # fmt: skip
    if member != "none":
        house = session.get_one(Organisation, made.organisation_id(member))
        make_membership(session, user, house, "editor")
    by = actor_for(user)
    for side in ("from", "to"):
        in_sql = session.scalar(
            sa.select(sa.literal(1)).where(
                Introduction.id == made.id, named_to(by, Introduction, side)
            )
        )
        assert bool(in_sql) == permissions.may_know_name(by, made, side)
    titled = session.scalar(
        sa.select(sa.literal(1)).where(Introduction.id == made.id, own_title_open(by, Introduction))
    )
    assert bool(titled) == permissions.may_know_listing(by, made, "from")
    whole.rollback()
    session.expunge_all()


@pytest.mark.parametrize(
    ("days", "step", "late"), [(1, "remind", False), (6, "remind", True), (6, "escalate", True)]
)
def test_overdue_in_sql_as_in_python(
    session: Session, broker: User, now: datetime, days: int, step: str, late: bool
) -> None:
    made = make_introduction(session, broker=broker, now=now - timedelta(days=days))
    if step == "escalate":
        made.due_step, made.due_at = "escalate", now + timedelta(days=4)
    session.flush()
    found = _keys(session, BoardFilter(whose="mine", overdue=True), actor_for(broker), now)
    assert is_overdue(made, now) is late
    assert bool(found) is late


def test_figures_lead_to_the_lists_behind_them(
    session: Session, broker: User, now: datetime
) -> None:
    by = actor_for(broker)
    empty = figures(session, by=by, now=now)
    assert (empty.waiting, empty.overdue, empty.days, empty.asked, empty.accepted) == (
        0, 0, None, 0, 0,
    )  # fmt: skip
    for days in (1, 2, 9):
        make_introduction(
            session, state="asked", broker=broker, now=now, created_at=now - timedelta(days=days)
        )
    make_introduction(session, state="connected", broker=broker, now=now, proposer=broker)
    long_ago = now - timedelta(days=100)
    make_introduction(session, state="ended", broker=broker, now=long_ago)
    make_introduction(session, state="checking", now=now)
    make_introduction(session, state="nda", broker=broker, now=now - timedelta(days=7))
    told = figures(session, by=by, now=now)
    assert (told.waiting, told.overdue, told.asked, told.accepted) == (2, 1, 5, 2)
    assert told.days is not None
    assert 0 < told.days <= 2
    lanes = {lane: _keys(session, BoardFilter(), by, now, lanes=(lane,)) for lane in
             ("passed_on", "accepted")}  # fmt: skip
    assert {lane: len(rows[lane]) for lane, rows in lanes.items()} == {
        "passed_on": 5,
        "accepted": 2,
    }
    assert sum(map(len, _keys(session, BoardFilter(), by, now).values())) == told.waiting


@contextmanager
def _statements(session: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def note(*given: object) -> None:
        said.append(str(given[2]))

    bind = session.get_bind()
    sa.event.listen(bind, "before_cursor_execute", note)
    yield said
    sa.event.remove(bind, "before_cursor_execute", note)


@pytest.mark.parametrize("asked", [BoardFilter(whose="all"), BoardFilter(whose="all", text="测")])
def test_statements_do_not_grow_with_the_cards(
    session: Session, broker: User, other: User, now: datetime, asked: BoardFilter
) -> None:
    by, numbers = actor_for(broker), []
    for many in (1, 29):
        for at in range(many):
            looks = (broker, other, None)[at % 3]
            state = STAGES[at % len(STAGES)]
            if state not in ("checking", "proposed") and looks is None:
                looks = broker
            make_introduction(session, state=state, broker=looks, with_own=True, now=now)
        session.commit()
        session.expire_all()
        with _statements(session) as said:
            views = board(session, asked, by=by, now=now, limit=20)
            shown = [
                (card.shown.introduction.listing.text("en").title, card.broker and card.broker.name)
                for view in views
                for card in view.cards
            ]
        assert shown
        numbers.append(len([one for one in said if "SAVEPOINT" not in one]))
    assert numbers[1] <= 14
    assert numbers[1] - numbers[0] <= 1  # a second broker's name
    assert len(shown) == 30


def test_what_is_never_late_is_not_looked_through_for_what_needs_somebody(
    session: Session, broker: User, now: datetime
) -> None:
    by = actor_for(broker)
    make_introduction(session, state="connected", broker=broker, now=now)
    checked = make_introduction(session, state="checking", broker=broker, now=now)
    session.commit()
    stages = [LANES[name] for name in STAGES]
    found = places(session, stages, BoardFilter(), by=by, now=now, limit=5)
    assert [place.key for lane in found.values() for place in lane] == [checked.id]
    with _statements(session) as said:
        assert places(session, [LANES["connected"]], BoardFilter(), by=by, now=now, limit=5) == {
            "connected": []
        }
    assert said == []
