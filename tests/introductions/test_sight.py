"""Which introductions brokers know of, down the tree of places: predicate, SQL and board agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Forbidden, NotFound
from tenon.introductions import permissions, services
from tenon.introductions.models import Introduction
from tenon.introductions.queries import board_lanes, find, visible_to
from tenon.introductions.queries.board import STAGES, board, chosen, for_export
from tenon.introductions.queries.board_filters import BoardFilter
from tenon.introductions.queries.introductions import apart, ways_to_know
from tenon.introductions.services.many import ManyStep, act_on_many
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need
from tests.factories.network import Tree, make_station_member, make_tree
from tests.introductions.cast import express, make_cast, propose


@dataclass(frozen=True)
class World:
    """A network, brokers all over it, and introductions of all kinds."""

    tree: Tree
    people: dict[str, User]
    made: list[Introduction]

    def actors(self) -> dict[str, Actor]:
        """Name -> the actor that each person is now."""
        return {name: actor_for(user) for name, user in self.people.items()}


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    """One introduction for each pair of places and each way of being somebody's."""
    tree = make_tree(session)
    people = {
        "station": make_station_member(session, tree.station),
        "sibling": make_station_member(session, tree.sibling),
        "node": make_station_member(session, tree.node, role="head"),
        "far": make_station_member(session, tree.far),
        "centre": make_station_member(session, tree.centre),
        "outside": grant_role(session, make_user(session), "broker"),
        "operator": grant_role(session, make_user(session), "operator"),
        "nobody": make_user(session),
    }
    house = make_organisation(session)
    people["broker_of_side"] = make_station_member(session, tree.far)
    make_membership(session, people["broker_of_side"], house, "editor")
    places = (None, tree.station.id, tree.sibling.id, tree.far.id)
    result = make_achievement(session, state="published")
    made = []
    at = 0
    for from_place in places:
        for to_place in places:
            at += 1
            made.append(
                make_introduction(
                    session, state=("checking", "asked", "connected", "declined")[at % 4],
                    listing=result if at % 3 else None,
                    from_station_id=from_place, to_station_id=to_place,
                    broker=people["outside"] if at % 5 == 0 else None,
                    proposer=people["sibling"] if at % 7 == 0 else None,
                    from_organisation=house if at % 6 == 0 else None,
                    now=now - timedelta(hours=at),
                )
            )  # fmt: skip
    return World(tree, people, made)


def test_sql_as_in_permissions(session: Session, world: World) -> None:
    for name, actor in world.actors().items():
        found = set(session.scalars(sa.select(Introduction.id).where(visible_to(actor))))
        known = {each.id for each in world.made if permissions.may_see(actor, each)}
        assert found == known, name
        if not actor.operator:
            ways = apart(ways_to_know(actor))
            rows = [
                key for way in ways for key in session.scalars(
                    sa.select(Introduction.id).where(way)
                )
            ]  # fmt: skip
            assert sorted(rows) == sorted(known), name


def test_who_knows_of_what(session: Session, world: World) -> None:
    tree, actors = world.tree, world.actors()
    it = make_introduction(session, from_station_id=tree.station.id)
    knows = {name for name, actor in actors.items() if permissions.may_see(actor, it)}
    assert knows == {"station", "node", "centre", "operator"}
    both = make_introduction(
        session, from_station_id=tree.far.id, to_station_id=tree.sibling.id, state="checking"
    )
    knows = {name for name, actor in actors.items() if permissions.may_see(actor, both)}
    assert knows == {"sibling", "node", "centre", "operator", "far", "broker_of_side"}
    takes = {name for name, actor in actors.items() if permissions.may_take(actor, both)}
    assert takes == knows
    nowhere = make_introduction(session, state="checking")
    knows = {name for name, actor in actors.items() if permissions.may_see(actor, nowhere)}
    assert knows == set(actors) - {"nobody"}
    theirs = make_introduction(
        session, to_station_id=tree.station.id, broker=world.people["outside"],
        proposer=world.people["far"],
    )  # fmt: skip
    knows = {name for name, actor in actors.items() if permissions.may_see(actor, theirs)}
    assert knows == {"station", "node", "centre", "operator", "outside", "far"}
    reads = {name for name, actor in actors.items() if permissions.may_read(actor, theirs)}
    assert reads == {"operator", "outside", "far"}


@pytest.mark.parametrize("counted", [0, 2, 1_000])
def test_the_board_holds_what_its_reader_knows_of(
    session: Session, world: World, now: datetime, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    # Little of a lane is read by place, much of it in the lane's order: each is tried on all.
    monkeypatch.setattr(board_lanes, "COUNTED", counted)
    lanes = (*STAGES, "over")
    for name, actor in world.actors().items():
        if name == "nobody":
            continue
        known = [each for each in world.made if permissions.may_see(actor, each)]
        asked = BoardFilter(whose="all")
        views = board(session, asked, lanes=lanes, by=actor, now=now, limit=50)
        shown = {card.shown.introduction.id for view in views for card in view.cards}
        assert shown == {each.id for each in known}, name
        for view in views:
            moments = [getattr(card.shown.introduction, view.lane.moment) for card in view.cards]
            assert moments == sorted(moments, reverse=view.lane.latest_first)
            assert view.number == min(len(view.cards), counted + 1)
        titled = BoardFilter(whose="all", text="测温")
        rows = for_export(session, titled, lanes=lanes, by=actor, now=now)
        assert {card.shown.introduction.id for part in rows for card in part} == shown
        free = BoardFilter(whose="unassigned")
        views = board(session, free, lanes=lanes, by=actor, now=now, limit=50)
        shown = {card.shown.introduction.id for view in views for card in view.cards}
        assert shown == {
            each.id for each in known
            if each.state in ("checking", "asked") and not (each.broker_id or each.proposer_id)
        }  # fmt: skip


def test_pages_of_a_lane_show_every_row_once(
    session: Session, world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = actor_for(world.people["station"])
    for counted in (1, 1_000):
        monkeypatch.setattr(board_lanes, "COUNTED", counted)
        seen: list[int] = []
        after = None
        while True:
            (view,) = board(
                session, BoardFilter(whose="all"), lanes=("connected",), by=by, now=now, limit=1,
                after=after,
            )  # fmt: skip
            seen += [card.shown.introduction.id for card in view.cards]
            after = view.next_place
            if after is None:
                break
        known = [e for e in world.made if e.state == "connected" and permissions.may_see(by, e)]
        assert seen == [each.id for each in sorted(known, key=lambda e: e.created_at, reverse=True)]
        assert len(seen) > 1


def test_what_is_out_of_sight_is_found_by_nobody_s_guess(
    session: Session, world: World, now: datetime
) -> None:
    tree = world.tree
    it = make_introduction(session, state="checking", to_station_id=tree.station.id, now=now)
    sibling, own = (actor_for(world.people[name]) for name in ("sibling", "station"))
    with pytest.raises(NotFound):
        find(session, it.public_id, by=sibling)
    with pytest.raises(NotFound):
        services.take_over(session, it, by=sibling, now=now)
    with pytest.raises(NotFound):
        services.pass_on(session, it, by=sibling, now=now)
    assert chosen(session, [it.public_id], by=sibling, now=now) == []
    step = ManyStep(name="take_over")
    (outcome,) = act_on_many(session, [(it.public_id, None)], step=step, by=sibling, now=now)
    assert (outcome.done, outcome.code, outcome.introduction) == (False, "not_found", None)
    assert [c.shown.introduction for c in chosen(session, [it.public_id], by=own, now=now)] == [it]
    services.take_over(session, it, by=own, now=now)
    node = actor_for(world.people["node"])
    with pytest.raises(Forbidden):  # seen from above, and somebody else's
        services.take_over(session, it, by=node, now=now)
    assert find(session, it.public_id, by=node) is it


def test_places_are_filled_from_the_listings(session: Session, now: datetime) -> None:
    tree = make_tree(session)
    cast = make_cast(
        session,
        need={"station_id": tree.station.id},
        result={"station_id": tree.far.id, "handling_station_id": tree.other_node.id},
    )
    it = express(session, cast, now=now)
    assert (it.from_station_id, it.to_station_id) == (tree.station.id, tree.other_node.id)
    services.withdraw(session, it, by=cast.actor("from_editor"), now=now)
    it = propose(session, cast, now=now, own_listing=None)
    assert (it.from_station_id, it.to_station_id) == (None, tree.other_node.id)


def test_an_anonymous_firm_stays_unnamed_to_those_who_see_its_place(
    session: Session, now: datetime
) -> None:
    tree = make_tree(session)
    keeper = make_station_member(session, tree.station)
    colleague, head = (make_station_member(session, each) for each in (tree.station, tree.node))
    need = make_need(
        session, state="published", anonymous=True, broker_id=keeper.id, station_id=tree.station.id
    )
    it = make_introduction(
        session, listing=make_achievement(session, state="published"), own_listing=need,
        from_station_id=tree.station.id, now=now,
    )  # fmt: skip
    names = {
        user: permissions.may_know_name(actor_for(user), it, "from")
        for user in (keeper, colleague, head)
    }
    assert names == {keeper: True, colleague: False, head: False}
