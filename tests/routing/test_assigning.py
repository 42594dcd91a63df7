"""Who gets a case: by a head, by oneself, back again, elsewhere; and who sees it then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings.models import Listing
from tenon.listings.permissions import may_see
from tenon.listings.queries.visibility import visible_to
from tenon.network.models import Absence
from tenon.routing import queries, services
from tenon.routing.models import NeedCase
from tenon.routing.permissions import cases_in_sight, may_see_case
from tenon.routing.queries import site_day
from tests.factories.accounts import grant_role, make_user
from tests.factories.listings import NOW
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    keep,
    kinds,
    know,
    make_firm,
    make_scene,
    moves,
    stand_in,
    told,
)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def case(session: Session, scene: Scene) -> NeedCase:
    """A need at the first station that nobody looks after."""
    firm, person = make_firm(session, region=HONGSHAN)
    need = hand_in(session, firm, person, fields=[("hitech", "1")])
    found = services.receive(session, need, now=NOW)
    assert found is not None
    return found


def test_proposals_know_fields_load_and_absence(
    session: Session, scene: Scene, case: NeedCase
) -> None:
    know(session, scene.broker, fields=(("hitech", "1"),), languages=("zh",), most_needs=12)
    found = queries.proposals(session, case.listing, station_id=case.station_id, today=NOW.date())
    assert found[0].user_id == scene.broker.id
    assert [each["code"] for each in found[0].reasons] == ["field", "language", "load"]
    assert {each.user_id for each in found} == {scene.head.id, scene.broker.id, scene.second.id}
    session.add(
        Absence(
            user_id=scene.broker.id,
            first_day=NOW.date(),
            last_day=NOW.date() + timedelta(days=3),
            deputy_id=scene.sibling.id,
            created_at=NOW,
        )
    )
    session.flush()
    found = queries.proposals(session, case.listing, station_id=case.station_id, today=NOW.date())
    assert found[0].user_id == scene.sibling.id
    assert found[0].reasons[0] == {"code": "stands_in", "for": scene.broker.id}


def test_head_assigns_and_the_sibling_sees_this_need_only(
    session: Session, scene: Scene, case: NeedCase
) -> None:
    firm, person = make_firm(session, region=HONGSHAN)
    other = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert other is not None
    sibling = actor(scene.sibling)
    assert not may_see(sibling, case.listing, NOW)
    with pytest.raises(Invalid):  # the head of one station gives nothing to another's broker
        services.assign(session, case, scene.sibling, by=actor(scene.head), now=NOW)
    services.assign(session, case, scene.sibling, by=actor(scene.node_head), now=NOW)
    session.flush()
    assert may_see(sibling, case.listing, NOW)
    seen = session.scalars(
        sa.select(Listing.id).where(visible_to(sibling, now=NOW), Listing.side == "need")
    ).all()
    assert list(seen) == [case.listing_id]
    found, total = queries.cases(session, queries.CaseFilter(), by=sibling, now=NOW)
    assert (list(found), total) == ([case], 1)
    with pytest.raises(NotFound):
        queries.find_case(session, other.public_id, by=sibling, now=NOW)
    assert told(session, "assigned") == [scene.sibling.id]
    assert_log_tells(session, case)


def test_who_may_not_assign(session: Session, scene: Scene, case: NeedCase) -> None:
    with pytest.raises(Forbidden):
        services.assign(session, case, scene.second, by=actor(scene.broker), now=NOW)
    with pytest.raises(NotFound):
        services.assign(session, case, scene.second, by=actor(scene.sibling), now=NOW)
    stranger = make_user(session)
    with pytest.raises(Invalid):
        services.assign(session, case, stranger, by=actor(scene.head), now=NOW)
    with pytest.raises(NotFound):
        services.take(session, case, by=actor(scene.sibling), now=NOW)
    assert kinds(session, case) == ["received"]


def test_take_pass_on_and_the_next_is_asked(session: Session, scene: Scene, case: NeedCase) -> None:
    services.take(session, case, by=actor(scene.broker), now=NOW)
    assert case.broker_id == scene.broker.id
    with pytest.raises(Forbidden):
        services.take(session, case, by=actor(scene.second), now=NOW)
    with pytest.raises(Invalid):
        services.pass_on(session, case, reason="", by=actor(scene.broker), now=NOW)
    with pytest.raises(Forbidden):
        services.pass_on(session, case, reason="no_time", by=actor(scene.second), now=NOW)
    services.choose_automatic(
        session, scene.tree.station, automatic=True, by=actor(scene.head), now=NOW
    )
    keep(session, case.listing.organisation, scene.broker, scene.tree.station)
    services.pass_on(
        session, case, reason="other_field", remark="Chemistry", by=actor(scene.broker), now=NOW
    )
    # The keeper would be first, but has just passed it back.
    assert case.broker_id in {scene.head.id, scene.second.id}
    assert kinds(session, case) == ["received", "taken", "passed_on", "assigned"]
    assert moves(session, case)[2].remark == "Chemistry"
    assert told(session, "passed_on") == [scene.head.id]
    assert_log_tells(session, case)


def test_deputy_takes_over(session: Session, scene: Scene, case: NeedCase) -> None:
    services.assign(session, case, scene.broker, by=actor(scene.head), now=NOW)
    stand_in(session, scene.broker, scene.second, first=site_day(NOW), last=site_day(NOW))
    later = NOW + timedelta(days=2)
    with pytest.raises(Forbidden):
        services.take(session, case, by=actor(scene.second), now=later)
    services.take(session, case, by=actor(scene.second), now=NOW)
    assert moves(session, case)[-1].reasons == [{"code": "stands_in", "for": scene.broker.id}]


def test_two_at_once_one_wins(session: Session, scene: Scene, case: NeedCase) -> None:
    seen = case.version
    services.take(session, case, by=actor(scene.broker), now=NOW, expected_version=seen)
    with pytest.raises(Conflict):
        services.assign(
            session, case, scene.second, by=actor(scene.head), now=NOW, expected_version=seen
        )
    assert case.broker_id == scene.broker.id


def test_sent_on_down_the_tree(session: Session, scene: Scene) -> None:
    firm, person = make_firm(session, region="310000")
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    with pytest.raises(NotFound):
        services.route(session, case, scene.tree.station, by=actor(scene.node_head), now=NOW)
    due = case.due_on
    services.route(session, case, scene.tree.far, by=actor(scene.top), now=NOW)
    assert (case.station_id, case.due_on) == (scene.tree.far.id, due)
    assert told(session, "routed") == [scene.top.id]  # nobody heads the place or its node
    today = site_day(NOW)
    assert may_see_case(actor(scene.top), case, today=today)
    assert not may_see_case(actor(scene.node_head), case, today=today)
    assert_log_tells(session, case)


def test_what_is_sent_on_is_given_out_where_the_place_does_so(
    session: Session, scene: Scene
) -> None:
    firm, person = make_firm(session, region="310000")
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    by = actor(scene.top)
    services.choose_automatic(session, scene.tree.station, automatic=True, by=by, now=NOW)
    services.route(session, case, scene.tree.station, by=by, now=NOW)
    assert kinds(session, case) == ["received", "routed", "assigned"]
    assert case.broker_id in {scene.head.id, scene.broker.id, scene.second.id}
    assert told(session, "assigned") == [case.broker_id]
    assert told(session, "routed") == [scene.head.id]
    assert told(session, "received") == [scene.top.id]  # on arrival; not a second time
    assert_log_tells(session, case)


def test_many_at_once_each_by_itself(session: Session, scene: Scene, case: NeedCase) -> None:
    firm, person = make_firm(session, region="310000")
    above = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert above is not None
    given = services.assign_many(session, [case, above], None, by=actor(scene.head), now=NOW)
    assert given == (1, 1)
    assert case.broker_id is not None
    assert above.broker_id is None


def test_sight_in_sql_is_sight_in_words(session: Session, scene: Scene, case: NeedCase) -> None:
    firm, person = make_firm(session, region="510100")
    other = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert other is not None
    services.assign(session, case, scene.sibling, by=actor(scene.top), now=NOW)
    operator = grant_role(session, make_user(session), "operator")
    lone = grant_role(session, make_user(session), "broker")
    people = [*[*vars(scene).values()][1:], person, operator, lone]
    answers, today = set(), site_day(NOW)
    stand_in(session, scene.sibling, lone, first=today, last=today)
    for who in [*map(actor, people), Actor()]:
        seen = set(session.scalars(sa.select(NeedCase.id).where(cases_in_sight(who, today=today))))
        expected = {each.id for each in (case, other) if may_see_case(who, each, today=today)}
        assert seen == expected
        if who.user_id == lone.id:
            assert expected == {case.id}
        answers.add(frozenset(expected))
    assert len(answers) == 3  # both, one, none
