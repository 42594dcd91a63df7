"""Whose firm is whose: taken, given, within limits, seen by whom; of two at once one wins."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import DomainError, Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.network.models import BrokerProfile, PortfolioFirm
from tenon.network.queries import portfolio as queries
from tenon.network.queries.portfolio import FirmFilter
from tenon.network.services import portfolio
from tests.factories.accounts import actor_for
from tests.network.cast import ROLES, Cast, firm, make_cast


def codes(given: portfolio.Given) -> list[str]:
    return [code for _, code in given.refused]


def test_a_firm_has_one_broker_at_a_time(session: Session, cast: Cast, now: datetime) -> None:
    one, other = firm(session), firm(session)
    given = portfolio.take(session, [one, one], by=cast.actor("broker"), now=now)
    assert given.given == [one]
    assert queries.keeper_of(session, one.id) == cast.broker.id
    again = portfolio.take(session, [one, other], by=cast.actor("colleague"), now=now)
    assert (again.given, codes(again)) == ([other], ["kept"])
    mine = portfolio.take(session, [one], by=cast.actor("broker"), now=now)
    assert codes(mine) == ["already_theirs"]
    assert queries.firms_of(session, cast.colleague.id) == {other.id}
    row = queries.live_row(session, one.id)
    assert row is not None
    assert row.station_id == cast.tree.station.id
    kinds = session.scalars(
        sa.select(HistoryEntry.kind).where(HistoryEntry.chain_id == one.public_id)
    )
    assert list(kinds) == ["keeper_began"]


def test_suspended_organisations_are_nobodys_to_take(
    session: Session, cast: Cast, now: datetime
) -> None:
    gone = firm(session, state="suspended")
    given = portfolio.take(session, [gone], by=cast.actor("broker"), now=now)
    assert codes(given) == ["not_approved"]
    with pytest.raises(Forbidden):
        portfolio.take(session, [gone], by=cast.actor("reader"), now=now)


GIVES: dict[str, type[DomainError] | None] = {
    "operator": None,
    "top": None,
    "head": None,
    "chief": None,
    "broker": Forbidden,
    "sibling": Forbidden,
    "far": Forbidden,
    "loose": Forbidden,
    "reader": Forbidden,
}


@pytest.mark.parametrize("role", ROLES)
def test_who_gives_firms_to_a_broker(
    session: Session, cast: Cast, now: datetime, role: str
) -> None:
    """A free firm, a colleague's, and one from the other node, which only they above it move."""
    free, near, far = firm(session), firm(session), firm(session)
    portfolio.take(session, [near], by=cast.actor("colleague"), now=now)
    portfolio.take(session, [far], by=cast.actor("far"), now=now)
    by, firms = cast.actor(role), [free, near, far]
    refused = GIVES[role]
    if refused is not None and role != "broker":
        with pytest.raises(refused):
            portfolio.give(session, firms, cast.broker, by=by, now=now)
        return
    given = portfolio.give(session, firms, cast.broker, by=by, now=now)
    if role == "broker":
        assert (given.given, codes(given)) == ([free], ["kept", "kept"])
    else:
        assert given.given == [free, near, far][: 3 if role in ("operator", "top") else 2]


def test_a_head_gives_to_their_own_people_only(session: Session, cast: Cast, now: datetime) -> None:
    for person in (cast.far, cast.loose, cast.reader):
        with pytest.raises(Invalid) as refused:
            portfolio.give(session, [firm(session)], person, by=cast.actor("head"), now=now)
        assert refused.value.fields == {"broker": "unknown_code"}


def test_a_head_takes_over_from_their_own_people(
    session: Session, cast: Cast, now: datetime
) -> None:
    near, far = firm(session), firm(session)
    portfolio.take(session, [near], by=cast.actor("broker"), now=now)
    portfolio.take(session, [far], by=cast.actor("far"), now=now)
    by = cast.actor("head")
    assert codes(portfolio.take(session, [near], by=by, now=now)) == ["kept"]
    given = portfolio.give(session, [near, far], cast.head, by=by, now=now)
    assert (given.given, codes(given)) == ([near], ["kept"])


def test_a_limit_holds_until_somebody_says_otherwise(
    session: Session, cast: Cast, now: datetime
) -> None:
    session.add(BrokerProfile(user_id=cast.broker.id, languages=[], most_firms=1, updated_at=now))
    firms = [firm(session), firm(session)]
    by = cast.actor("broker")
    with pytest.raises(Invalid) as refused:
        portfolio.take(session, firms, by=by, now=now)
    assert refused.value.fields == {"even_over_limit": "over_limit"}
    assert queries.firms_of(session, cast.broker.id) == set()
    given = portfolio.take(session, firms, by=by, now=now, even_over_limit=True)
    assert len(given.given) == 2


@pytest.mark.parametrize("role", ROLES)
def test_sight_in_sql_agrees_with_the_predicate(
    session: Session, cast: Cast, now: datetime, role: str
) -> None:
    rows = [
        PortfolioFirm(
            organisation_id=firm(session).id, broker_id=who.id, station_id=place, since=now
        )
        for who, place in (
            (cast.broker, cast.tree.station.id),
            (cast.sibling, cast.tree.sibling.id),
            (cast.far, cast.tree.far.id),
            (cast.head, cast.tree.node.id),
            (cast.loose, None),
        )
    ]
    session.add_all(rows)
    session.flush()
    by = cast.actor(role)
    found = session.scalars(sa.select(PortfolioFirm.id).where(queries.firms_in_sight(by)))
    assert set(found) == {each.id for each in rows if queries.may_see_firm(by, each)}
    seen = {"operator": 5, "top": 4, "head": 3, "reader": 0}.get(role, 1)
    assert sum(queries.may_see_firm(by, each) for each in rows) == seen


def test_who_gives_a_firm_up(session: Session, cast: Cast, now: datetime) -> None:
    house = firm(session)
    portfolio.take(session, [house], by=cast.actor("broker"), now=now)
    row = queries.live_row(session, house.id)
    assert row is not None
    with pytest.raises(NotFound):
        portfolio.give_up(session, row, by=cast.actor("sibling"), now=now)
    with pytest.raises(Forbidden):
        portfolio.give_up(session, row, by=cast.actor("colleague"), now=now)
    portfolio.give_up(session, row, by=cast.actor("chief"), now=now)
    assert queries.keeper_of(session, house.id) is None
    assert row.broker_id == cast.broker.id


def test_firms_are_found_by_part_of_a_name_whatever_the_script(
    session: Session, cast: Cast, now: datetime
) -> None:
    wanted = firm(session, "示例电池材料有限公司", credit_code="91420100MA00000001")
    other = firm(session, "示例轴承有限公司", region="420100")
    portfolio.take(session, [wanted, other], by=cast.actor("broker"), now=now)
    by = cast.actor("head")
    for text in ("电池", "電池", "91420100ma00000001"):
        rows, total = queries.portfolio(session, cast.broker.id, FirmFilter(text=text), by=by)
        assert ([each.organisation_id for each in rows], total) == ([wanted.id], 1)
    none, total = queries.portfolio(session, cast.broker.id, FirmFilter(), by=cast.actor("sibling"))
    assert (list(none), total) == ([], 0)
    found, _ = queries.organisations(session, FirmFilter(text="示例", free=True))
    assert not {wanted.id, other.id} & {each.id for each in found}


def test_of_two_who_take_a_firm_at_once_one_wins_and_the_other_is_told(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast, house = make_cast(session), firm(session)
        people = [actor_for(cast.broker), actor_for(cast.colleague)]
        key = house.id
    both = threading.Barrier(2)
    early = database.engine.dialect.name == "sqlite"

    def act(number: int) -> str:
        if early:
            both.wait(timeout=30)
        with database.writing() as session:
            wanted = session.get_one(type(house), key)
            if not early:
                both.wait(timeout=30)
            given = portfolio.take(session, [wanted], by=people[number], now=now)
            return codes(given)[0] if given.refused else "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(act, range(2)))
    assert outcomes[1] == "won"
    assert outcomes[0] in ("kept", "kept_meanwhile")
    with database.reading() as session:
        rows = session.scalars(sa.select(PortfolioFirm)).all()
        assert len(rows) == 1
