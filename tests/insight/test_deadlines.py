"""Answers in time: a deadline that passed counts where it passed, the answer for who gave it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from tenon.insight import measures
from tenon.insight.measures import Scope, Value
from tenon.routing import services
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.routing.scenes import actor, kinds
from tests.routing.test_rising import MONDAY, begin, nights

IN_TIME = measures.get("needs_answered_in_time")
SCOPE = Scope(first=date(2026, 1, 1), last=date(2027, 12, 31))


def by(session: Session, dimension: str) -> dict[str | None, tuple[int, int | None]]:
    """Key -> kept, of how many."""
    parts = IN_TIME.by(session, SCOPE, dimension)
    return {part.key: (part.value.number, part.value.whole) for part in parts}


def test_a_deadline_that_passed_counts_where_it_passed(session: Session) -> None:
    """The station lets it pass, the node answers after the rise: one of two, none of the first."""
    scene, case = begin(session, days=1)
    services.assign(session, case, scene.broker, by=actor(scene.head), now=MONDAY)
    nights(session, 3)
    assert "escalated" in kinds(session, case)
    after = MONDAY + timedelta(days=2, hours=1)
    services.assign(session, case, scene.node_head, by=actor(scene.node_head), now=after)
    services.reply(session, case, text="Yes.", by=actor(scene.node_head), now=after)
    assert IN_TIME.count(session, SCOPE) == Value(1, 2)
    station, node = str(scene.tree.station.id), str(scene.tree.node.id)
    assert by(session, "station") == {station: (0, 1), node: (1, 1)}
    assert by(session, "broker") == {
        str(scene.broker.id): (0, 1),
        str(scene.node_head.id): (1, 1),
    }
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    rows = IN_TIME.rows(session, SCOPE, operator).rows
    assert [row.counts for row in rows] == [True, False], "the list holds each deadline"
    before = Scope(first=SCOPE.first, last=SCOPE.last, as_of=(MONDAY + timedelta(days=1)).date())
    assert not IN_TIME.count(session, before).whole


def test_at_the_top_it_passes_once_however_often_it_is_told(session: Session) -> None:
    """Station, node and centre each let it pass; the late answer at the top adds nothing."""
    scene, case = begin(session, days=1)
    nights(session, 40)
    assert IN_TIME.count(session, SCOPE) == Value(0, 3)
    late = MONDAY + timedelta(days=40)
    services.take(session, case, by=actor(scene.top), now=late)
    services.reply(session, case, text="Yes.", by=actor(scene.top), now=late)
    assert IN_TIME.count(session, SCOPE) == Value(0, 3)
    assert set(by(session, "station").values()) == {(0, 1)}


def test_sent_on_after_its_deadline_counts_where_it_lay(session: Session) -> None:
    """A head sends it on over a weekend, once the deadline is over; sent on before, it does not."""
    scene, case = begin(session, days=1)
    by_head = actor(scene.node_head)
    nights(session, 3)
    services.route(session, case, scene.tree.sibling, by=by_head, now=MONDAY + timedelta(days=2))
    assert IN_TIME.count(session, SCOPE) == Value(0, 1), "what rose; what was sent on kept its day"
    over = MONDAY + timedelta(days=5)
    services.route(session, case, scene.tree.station, by=by_head, now=over)
    assert IN_TIME.count(session, SCOPE) == Value(0, 2)
    services.take(session, case, by=actor(scene.second), now=over)
    services.reply(session, case, text="Yes.", by=actor(scene.second), now=over)
    station, sibling = str(scene.tree.station.id), str(scene.tree.sibling.id)
    assert by(session, "station") == {station: (1, 2), sibling: (0, 1)}


def test_a_late_answer_where_it_still_lies_is_not_in_time(session: Session) -> None:
    scene, case = begin(session, days=1)
    services.take(session, case, by=actor(scene.broker), now=MONDAY)
    late = MONDAY + timedelta(days=9)
    services.reply(session, case, text="Yes.", by=actor(scene.broker), now=late)
    assert IN_TIME.count(session, SCOPE) == Value(0, 1)
    assert by(session, "broker") == {str(scene.broker.id): (0, 1)}
