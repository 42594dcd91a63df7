"""What becomes of needs when a broker leaves, a place closes, a person is forgotten; a guess."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.network.handing_over import Receivers
from tenon.routing import guessing, handing_over, personal, queries, services
from tenon.routing.models import NeedCase
from tests.factories.listings import NOW, make_achievement, make_need
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    keep,
    kinds,
    make_firm,
    make_scene,
    moves,
)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


def case_of_first(session: Session, scene: Scene) -> NeedCase:
    """A need that the first broker looks after."""
    firm, person = make_firm(session, region=HONGSHAN)
    found = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert found is not None
    services.take(session, found, by=actor(scene.broker), now=NOW)
    return found


def test_needs_go_with_their_firms_when_a_broker_leaves(session: Session, scene: Scene) -> None:
    first, other = case_of_first(session, scene), case_of_first(session, scene)
    over = case_of_first(session, scene)
    services.follow_listing(session, over.listing, step="withdraw", came_from="", now=NOW)
    over.listing.state = "withdrawn"
    services.follow_listing(session, over.listing, step="withdraw", came_from="", now=NOW)
    to = Receivers(scene.second.id, {first.listing.organisation_id: scene.sibling.id})
    assert handing_over.count_cases(session, scene.broker.id) == 2
    by = actor(scene.head)
    assert handing_over.hand_cases(session, scene.broker.id, to, by=by, now=NOW) == 2
    assert (first.broker_id, other.broker_id) == (scene.sibling.id, scene.second.id)
    assert over.broker_id == scene.broker.id  # what is over stays with who did it
    assert moves(session, first)[-1].reasons == [{"code": "handed_over"}]
    assert handing_over.count_cases(session, scene.broker.id) == 0
    assert_log_tells(session, first)


def test_needs_go_up_when_their_place_closes(session: Session, scene: Scene) -> None:
    case = case_of_first(session, scene)
    station, node = scene.tree.station.id, scene.tree.node.id
    assert handing_over.count_at_place(session, station) == 1
    by = actor(scene.node_head)
    assert handing_over.cases_up(session, station, node, by=by, now=NOW) == 1
    assert (case.station_id, case.broker_id, case.risen) == (node, scene.broker.id, 0)
    assert handing_over.count_at_place(session, station) == 0
    assert_log_tells(session, case)


def test_what_nobody_had_is_given_out_above_a_closed_place(session: Session, scene: Scene) -> None:
    firm, person = make_firm(session, region=HONGSHAN)
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    node, by = scene.tree.node, actor(scene.node_head)
    services.choose_automatic(session, node, automatic=True, by=by, now=NOW)
    assert handing_over.cases_up(session, scene.tree.station.id, node.id, by=by, now=NOW) == 1
    assert (case.station_id, case.broker_id) == (node.id, scene.node_head.id)
    assert_log_tells(session, case)


def test_a_forgotten_broker_leaves_cases_and_log_whole(session: Session, scene: Scene) -> None:
    case = case_of_first(session, scene)
    services.reply(session, case, text="Soon.", by=actor(scene.broker), now=NOW)
    held = personal.collect(session, scene.broker)
    assert held["needs_looked_after"] == [case.public_id]
    assert [each["kind"] for each in held["steps"]] == ["taken", "answered"]
    assert [each["text"] for each in held["replies"]] == ["Soon."]
    personal.erase(session, session.get_one(User, scene.broker.id), NOW)
    case.listing.broker_id = None  # as the listings room forgets them
    session.flush()
    session.expire_all()
    assert personal.collect(session, scene.broker) == {
        "needs_looked_after": [],
        "steps": [],
        "replies": [],
        "visits": [],
        "choices": [],
    }
    assert kinds(session, case) == ["received", "taken", "answered"]
    assert_log_tells(session, case)


def test_hooks_for_later_rooms_show_what_is_in_sight(session: Session, scene: Scene) -> None:
    case = case_of_first(session, scene)
    late = NOW.replace(year=2027)
    broker, sibling = actor(scene.broker), actor(scene.sibling)
    assert list(queries.open_cases(session, by=broker)) == [case]
    assert list(queries.unanswered(session, by=actor(scene.top), now=late)) == [case]
    for none in (
        queries.open_cases(session, by=sibling),
        queries.unanswered(session, by=sibling, now=late),
    ):
        assert list(none) == []


class Nearest:
    """An index that finds what it is told."""

    def __init__(self, keys: list[int]) -> None:
        self.keys = keys

    def find(self, *_asked: object) -> list[tuple[int, float]]:
        return [(key, 1.0) for key in self.keys]


def test_fields_are_guessed_from_the_nearest_public_listings(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    common, rare = ("hitech", "1"), ("hitech", "2")
    near = [
        make_achievement(session, state="published", fields=[rare]),
        make_achievement(session, state="published", fields=[common]),
        make_need(session, state="published", fields=[common]),
        make_need(session, state="draft", fields=[rare]),  # not public: tells nothing
    ]
    keys = [each.id for each in near]
    monkeypatch.setattr(guessing, "settings_behind", lambda _session: None)
    monkeypatch.setattr(guessing, "engine_of", lambda _settings: Nearest(keys))
    words = "高温管道需要连续测温的装置，越快越好。"
    assert guessing.guess_fields(session, words, now=NOW) == [common]
    assert guessing.guess_fields(session, "短", now=NOW) == []


def test_a_firm_given_away_meanwhile_is_reported_by_nobody_else(
    session: Session, scene: Scene
) -> None:
    firm, _person = make_firm(session)
    keep(session, firm, scene.broker, scene.tree.station)
    assert list(queries.own_firms(session, scene.broker.id)) == [firm]
    assert list(queries.own_firms(session, scene.second.id)) == []
