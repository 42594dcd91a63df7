"""Who owns on which day, who may write it down, and what the history keeps of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Forbidden, Invalid
from tenon.history import HistoryEntry
from tenon.history.proof import verify
from tenon.rights import queries, services
from tenon.rights.models import Ownership
from tenon.rights.shares import Owner
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.listings import NOW, make_ip_right
from tests.rights.stage import TODAY, WHOLE, Cast, make_cast

D = Decimal


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def record(
    session: Session,
    cast: Cast,
    *wanted: Owner,
    on: date | None = TODAY,
    by: Actor | None = None,
) -> Ownership:
    return services.record_owners(
        session,
        cast.right,
        wanted=wanted,
        valid_from=on,
        by=by or cast.actor("head"),
        now=NOW,
        today=TODAY,
    )


def halves(session: Session, cast: Cast) -> tuple[Owner, Owner]:
    other = make_organisation(session, kind="enterprise", name_zh="示例光电有限公司")
    return (Owner(D(50), organisation_id=cast.house.id), Owner(D(50), organisation_id=other.id))


def shares_on(session: Session, cast: Cast, on: date) -> list[Decimal]:
    return [each.share for each in queries.owners(session, cast.right, on=on).shares]


def test_unrecorded_a_patent_is_its_achievements_house(session: Session, cast: Cast) -> None:
    found = queries.owners(session, cast.right, on=TODAY)
    assert (found.recorded, found.of_organisation(cast.house.id)) == (False, WHOLE)
    alone = make_ip_right(session, owner="示例研究所")
    [outside] = queries.owners(session, alone, on=TODAY).shares
    assert (outside.name, outside.on_site) == ("示例研究所", False)


def test_one_can_ask_who_owned_on_a_day(session: Session, cast: Cast) -> None:
    one, other = halves(session, cast)
    record(session, cast, Owner(WHOLE, organisation_id=cast.house.id), on=date(2022, 3, 1))
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    record(session, cast, one, other, on=date(2024, 1, 1), by=operator)
    assert shares_on(session, cast, date(2023, 12, 31)) == [WHOLE]
    assert shares_on(session, cast, date(2024, 1, 1)) == [D(50), D(50)]
    assert shares_on(session, cast, TODAY) == [D(50), D(50)]
    record(session, cast, Owner(WHOLE, organisation_id=cast.house.id), on=date(2023, 1, 1))
    assert shares_on(session, cast, TODAY) == [D(50), D(50)], "what came later stays"
    assert [each.valid_from.year for each in queries.versions(session, cast.right)] == [
        2024,
        2023,
        2022,
    ]


def test_a_record_of_the_same_day_takes_the_place_of_the_earlier(
    session: Session, cast: Cast
) -> None:
    record(session, cast, Owner(WHOLE, organisation_id=cast.house.id))
    corrected = record(session, cast, *halves(session, cast))
    assert corrected.reason == "corrected"
    assert shares_on(session, cast, TODAY) == [D(50), D(50)]
    kept = session.scalars(sa.select(Ownership).where(Ownership.replaced_at.is_not(None))).all()
    assert [len(each.shares) for each in kept] == [1]


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ([], "required"),
        ([Owner(D("99.9"), organisation_id=1)], "not_whole"),
        ([Owner(WHOLE, organisation_id=10**9)], "unknown_owner"),
        ([Owner(WHOLE, user_id=10**9)], "unknown_owner"),
        ([Owner(WHOLE, name=" ", outside_kind="person")], "unknown_owner"),
        ([Owner(D("0.1"), name=str(n), outside_kind="person") for n in range(51)], "too_many"),
    ],
)
def test_shares_that_are_none(
    session: Session, cast: Cast, wanted: list[Owner], problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        record(session, cast, *wanted)
    assert refused.value.fields == {"shares": problem}


def test_a_day_is_needed_and_none_ahead(session: Session, cast: Cast) -> None:
    whole = Owner(WHOLE, organisation_id=cast.house.id)
    for on, problem in ((None, "required"), (TODAY + timedelta(1), "in_the_future")):
        with pytest.raises(Invalid) as refused:
            record(session, cast, whole, on=on)
        assert refused.value.fields == {"valid_from": problem}


@pytest.mark.parametrize("name", ["editor", "first", "stranger"])
def test_only_administrators_of_an_owner_and_operators_write_it_down(
    session: Session, cast: Cast, name: str
) -> None:
    with pytest.raises(Forbidden):
        record(session, cast, *halves(session, cast), by=cast.actor(name))


def test_nobody_takes_anothers_part(session: Session, cast: Cast) -> None:
    one, other = halves(session, cast)
    record(session, cast, one, other)
    whole = Owner(WHOLE, organisation_id=cast.house.id)
    with pytest.raises(Forbidden, match="others_share"):
        record(session, cast, whole)
    rival = make_user(session)
    firm = make_organisation(session, kind="enterprise")
    make_membership(session, rival, firm)
    with pytest.raises(Forbidden):
        record(session, cast, Owner(WHOLE, organisation_id=firm.id), by=actor_for(rival))
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    record(session, cast, whole, by=operator)
    assert shares_on(session, cast, TODAY) == [WHOLE]


def test_the_history_holds_no_name_of_a_person(session: Session, cast: Cast) -> None:
    record(
        session,
        cast,
        Owner(D(40), organisation_id=cast.house.id),
        Owner(D(30), user_id=cast.first.id),
        Owner(D(30), name="某位外部发明人", outside_kind="person"),
    )
    [entry] = session.scalars(sa.select(HistoryEntry).where(HistoryEntry.chain_kind == "ip_right"))
    assert "发明人" not in str(entry.facts)
    assert cast.first.name not in str(entry.facts)
    assert [each["share"] for each in entry.facts["shares"]] == ["40", "30", "30"]
    session.flush()
    assert list(verify(session)) == []


@settings(deadline=None, max_examples=40)
@given(
    days=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 99)), max_size=8),
    asked=st.integers(-1, 31),
)
def test_the_owners_on_a_day_are_those_recorded_last_for_the_days_before(
    sqlite_template: object, days: list[tuple[int, int]], asked: int
) -> None:
    """Against the plain reading: of all records up to a day the latest day's last one holds."""
    begin = date(2025, 1, 1)
    plain: dict[int, Decimal] = {}
    with Database(f"sqlite:///{sqlite_template}") as database, database.writer() as session:
        cast = make_cast(session)
        operator = actor_for(grant_role(session, make_user(session), "operator"))
        for day, part in days:
            wanted = (
                Owner(D(part), organisation_id=cast.house.id),
                Owner(WHOLE - part, user_id=cast.first.id),
            )
            record(session, cast, *wanted, on=begin + timedelta(day), by=operator)
            plain[day] = D(part)
        found = queries.owners(session, cast.right, on=begin + timedelta(asked))
        known = [day for day in plain if day <= asked]
        expected = plain[max(known)] if known else WHOLE
        assert found.of_organisation(cast.house.id) == expected
        assert sum(each.share for each in found.shares) == WHOLE
        session.rollback()
