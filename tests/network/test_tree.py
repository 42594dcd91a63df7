"""The tree holds together: closure and parent links agree, levels in order, who may change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.network.models import LEVELS, PortfolioFirm, Station, StationAncestor
from tenon.network.queries import tree as queries
from tenon.network.queries.sight import covered_stations
from tenon.network.services import closing, tree
from tenon.network.services.tree import Details
from tests.factories.listings import make_need
from tests.factories.network import make_tree
from tests.network.cast import ROLES, Cast, firm


def named(code: str, **values: Any) -> Details:
    return Details(code=code, name_zh=f"示例{code}", **values)


def closure(session: Session) -> set[tuple[int, int, int]]:
    row = StationAncestor
    rows = session.execute(sa.select(row.station_id, row.ancestor_id, row.distance))
    return {(below, above, distance) for below, above, distance in rows}


def from_links(session: Session) -> set[tuple[int, int, int]]:
    """What the flat tree must say, by walking up from every place."""
    parents = dict(session.execute(sa.select(Station.id, Station.parent_id)).all())
    found = set()
    for key in parents:
        above: int | None = key
        distance = 0
        while above is not None:
            found.add((key, above, distance))
            above, distance = parents[above], distance + 1
            assert distance <= len(LEVELS), "a cycle"
    return found


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["add", "move"]),
            st.sampled_from(LEVELS),
            st.integers(0, 50),
            st.integers(0, 50),
        ),
        min_size=5,
        max_size=25,
    )
)
def test_random_additions_and_moves_keep_the_flat_tree_true(
    session: Session, now: datetime, steps: list[tuple[str, str, int, int]]
) -> None:
    outside = session.begin_nested()
    make_tree(session)
    by, done = SYSTEM, 0
    for number, (verb, level, one, other) in enumerate(steps):
        places = session.scalars(sa.select(Station).order_by(Station.id)).all()
        first, second = places[one % len(places)], places[other % len(places)]
        try:
            if verb == "add":
                above = None if level == "centre" else first
                tree.add_station(
                    session, named(f"s{number}"), level=level, parent=above, by=by, now=now
                )
            else:
                tree.move_station(session, first, second, by=by, now=now)
            done += 1
        except Invalid:
            continue
    assert closure(session) == from_links(session)
    levels = dict(session.execute(sa.select(Station.id, Station.level)).all())
    for lower, upper, distance in closure(session):
        if distance:
            assert LEVELS.index(levels[upper]) < LEVELS.index(levels[lower])
    assert done or all(verb == "move" or level != "centre" for verb, level, _, _ in steps)
    outside.rollback()
    session.expire_all()


def test_sight_moves_with_a_place(session: Session, cast: Cast, now: datetime) -> None:
    here, there = cast.tree.node, cast.tree.other_node
    tree.move_station(session, cast.tree.station, there, by=cast.actor("top"), now=now)
    assert cast.tree.station.id not in covered_stations(session, cast.head.id)
    assert cast.tree.station.id in covered_stations(session, cast.top.id)
    entry = session.scalars(
        sa.select(HistoryEntry).where(
            HistoryEntry.chain_id == cast.tree.station.public_id, HistoryEntry.kind == "moved"
        )
    ).one()
    assert entry.facts == {"from": here.code, "to": there.code}


@pytest.mark.parametrize(
    ("level", "above", "errors"),
    [
        ("centre", "centre", {"parent": "centre_is_top"}),
        ("node", "station", {"parent": "level_not_above"}),
        ("node", "node", {"parent": "level_not_above"}),
        ("station", None, {"parent": "required"}),
        ("hamlet", "centre", {"level": "unknown_code"}),
    ],
)
def test_levels_come_in_order(
    session: Session,
    cast: Cast,
    now: datetime,
    level: str,
    above: str | None,
    errors: dict[str, str],
) -> None:
    parent = None if above is None else getattr(cast.tree, above)
    with pytest.raises(Invalid) as refused:
        tree.add_station(
            session, named("x"), level=level, parent=parent, by=cast.actor("operator"), now=now
        )
    assert refused.value.fields == errors


def test_what_is_said_of_a_place_is_checked(session: Session, cast: Cast, now: datetime) -> None:
    by = cast.actor("operator")
    taken = cast.tree.sibling.code
    wrong = Details(code=taken, region="999999", answer_days=91, address="长" * 301)
    with pytest.raises(Invalid) as refused:
        tree.describe(session, cast.tree.station, wrong, by=by, now=now)
    assert refused.value.fields == {
        "code": "already_taken",
        "name_zh": "required",
        "region": "unknown_code",
        "answer_days": "out_of_range",
        "address": "too_long",
    }


def test_of_two_who_describe_a_place_the_second_is_told(
    session: Session, cast: Cast, now: datetime
) -> None:
    place = cast.tree.station
    by = cast.actor("head")
    new = Details(code=place.code, name_zh="新名")
    assert tree.describe(session, place, new, by=by, now=now, expected_version=1)
    assert not tree.describe(session, place, new, by=by, now=now, expected_version=1)
    newer = Details(code=place.code, name_zh="又一名")
    with pytest.raises(Conflict):
        tree.describe(session, place, newer, by=by, now=now, expected_version=1)


def may(role: str) -> dict[str, type[DomainError] | None]:
    """What each does to the station: describe, add below the node, move it, close it."""
    hidden: dict[str, type[DomainError] | None] = dict.fromkeys(
        ("describe", "add", "move", "close"), NotFound
    )
    table: dict[str, dict[str, type[DomainError] | None]] = {
        "operator": dict.fromkeys(hidden),
        "top": dict.fromkeys(hidden),
        "head": {"describe": None, "add": None, "move": NotFound, "close": None},
        "chief": {"describe": None, "add": NotFound, "move": Forbidden, "close": Forbidden},
        "broker": dict.fromkeys(hidden, Forbidden) | {"add": NotFound},
    }
    return table.get(role, hidden)


@pytest.mark.parametrize("role", ROLES)
def test_who_changes_which_place(session: Session, cast: Cast, now: datetime, role: str) -> None:
    by, place = cast.actor(role), cast.tree.station
    acts: dict[str, Callable[[], object]] = {
        "describe": lambda: tree.describe(session, place, named(place.code), by=by, now=now),
        "add": lambda: tree.add_station(
            session, named("new"), level="station", parent=cast.tree.node, by=by, now=now
        ),
        "move": lambda: tree.move_station(session, place, cast.tree.other_node, by=by, now=now),
        "close": lambda: closing.close_station(session, place, hand_up=True, by=by, now=now),
    }
    for name, act in acts.items():
        refused = may(role)[name]
        if refused is None:
            act()
        else:
            with pytest.raises(refused):
                act()


def test_only_operators_add_a_centre_or_change_a_code(
    session: Session, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Forbidden):
        tree.add_station(
            session, named("c2"), level="centre", parent=None, by=cast.actor("top"), now=now
        )
    with pytest.raises(Invalid) as refused:
        tree.describe(session, cast.tree.station, named("z"), by=cast.actor("top"), now=now)
    assert refused.value.fields == {"code": "code_is_settled"}


def test_a_place_closes_empty_or_hands_everything_up(
    session: Session, cast: Cast, now: datetime
) -> None:
    place, node = cast.tree.station, cast.tree.node
    kept = PortfolioFirm(
        organisation_id=firm(session).id, broker_id=cast.broker.id, station_id=place.id, since=now
    )
    session.add(kept)
    need = make_need(session, state="published", station_id=place.id, handling_station_id=place.id)
    by = cast.actor("head")
    with pytest.raises(Invalid) as refused:
        closing.close_station(session, place, by=by, now=now)
    assert refused.value.fields == {"hand_up": "not_empty"}
    closing.close_station(session, place, hand_up=True, by=by, now=now)
    session.refresh(kept)
    session.refresh(need)
    assert (place.state, kept.station_id) == ("closed", node.id)
    assert (need.station_id, need.handling_station_id) == (place.id, node.id)
    assert covered_stations(session, cast.broker.id) == queries.below(session, node.id)
    assert cast.actor("chief").stations == queries.below(session, node.id)
    with pytest.raises(Conflict):
        closing.close_station(session, place, hand_up=True, by=by, now=now)
    tree.reopen(session, place, by=by, now=now)
    assert place.state == "active"


def test_a_node_that_closes_hangs_its_stations_under_the_centre(
    session: Session, cast: Cast, now: datetime
) -> None:
    closing.close_station(session, cast.tree.node, hand_up=True, by=cast.actor("top"), now=now)
    assert cast.tree.station.parent_id == cast.tree.centre.id
    assert closure(session) == from_links(session)
    assert session.get_one(Station, cast.tree.sibling.id).parent_id == cast.tree.centre.id


def test_days_to_answer_come_from_the_nearest_place_that_says_so(
    session: Session, cast: Cast, now: datetime
) -> None:
    assert queries.answer_days(session, cast.tree.station.id) is None
    for place, days in ((cast.tree.centre, 10), (cast.tree.node, 5)):
        details = Details(code=place.code, name_zh=place.name("zh"), answer_days=days)
        tree.describe(session, place, details, by=cast.actor("operator"), now=now)
    assert queries.answer_days(session, cast.tree.station.id) == 5
    assert queries.answer_days(session, cast.tree.far.id) == 10
