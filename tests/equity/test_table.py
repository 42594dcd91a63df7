"""A company's table: recorded, computed, corrected, proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.equity import queries, services
from tenon.equity.models import EquityEvent
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.history.proof import verify
from tests.deals.cast import Cast
from tests.equity.scenes import (
    CNY,
    CONTRIBUTION,
    FOUNDED,
    MILLION,
    NOW,
    SUBSCRIPTION,
    TODAY,
    a_deal,
    a_round,
    a_table,
)


def test_technology_enters_a_limited_company_with_its_premium_as_reserve(
    session: Session, cast: Cast
) -> None:
    deal = a_deal(session, cast, "equity_contribution", CONTRIBUTION, "signing")
    company = a_table(session, cast, deal, kind="limited")
    by = cast.actor("buyer_editor")
    institution = services.add_holder(
        session, company, name="示例理工大学", organisation_id=cast.university.id, by=by
    )
    team = services.add_holder(session, company, name="完成人持股平台", kind="team", by=by)
    technology = {
        "institution": institution.key,
        "value": 3 * MILLION,
        "team_share": "7/10",
        "team": [[team.key, "1"]],
        "appraised": 3 * MILLION,
    }
    facts = {"payments": [technology], "pre_money": 12 * MILLION, "base": "issued"}
    services.record(
        session, company, kind="contribution", day=TODAY, facts=facts, deal=deal, by=by, now=NOW
    )
    state = queries.course_of(session, company).now
    # 1.20 a yuan of capital: 2.5M of registered capital for 3M, a fifth of it all.
    assert state.capital == Fraction("12.5") * MILLION
    assert state.reserve == Fraction("0.5") * MILLION
    assert state.share(institution.key) == Fraction("0.06")
    assert state.share(team.key) == Fraction("0.14")


def test_what_is_recorded_late_takes_its_place_in_time(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    a_round(session, cast, company, amount=10 * MILLION, pre_money=40 * MILLION)
    by = cast.actor("buyer_editor")
    facts = {"seller": "h1", "buyer": "h2", "units": 1_000_000}
    day = FOUNDED + timedelta(days=30)
    services.record(session, company, kind="transfer", day=day, facts=facts, by=by, now=NOW)
    course = queries.course_of(session, company)
    assert [stage.event.kind for stage in course.stages] == ["incorporation", "transfer", "round"]
    assert course.on(day).issued == {"h1": 5_000_000, "h2": 5_000_000}
    assert course.on(FOUNDED).issued == {"h1": 6_000_000, "h2": 4_000_000}


def test_a_wrong_event_is_struck_and_stays_on_record(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    a_round(session, cast, company, amount=10 * MILLION, pre_money=40 * MILLION)
    by = cast.actor("buyer_editor")
    with pytest.raises(Invalid):
        services.strike(session, company, number=2, source=" ", by=by, now=NOW)
    services.strike(session, company, number=2, source="金额误录", by=by, now=NOW)
    course = queries.course_of(session, company)
    assert course.now.issued_units == 10_000_000
    assert course.struck == {2}
    assert len(queries.events(session, company)) == 3
    with pytest.raises(Invalid):
        services.strike(session, company, number=2, source="再次", by=by, now=NOW)


def test_an_event_that_others_rest_on_is_not_struck(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    a_round(session, cast, company, amount=10 * MILLION, pre_money=40 * MILLION)
    with pytest.raises(Invalid) as caught:
        services.strike(
            session, company, number=1, source="误录", by=cast.actor("buyer_editor"), now=NOW
        )
    assert caught.value.fields == {"": "not_founded"}


def test_nothing_impossible_is_recorded(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    by = cast.actor("buyer_editor")
    facts = {"seller": "h2", "buyer": "h1", "units": 4_000_001}
    with pytest.raises(Invalid) as caught:
        services.record(session, company, kind="transfer", day=TODAY, facts=facts, by=by, now=NOW)
    assert caught.value.fields == {"": "not_enough_units"}


def test_of_two_who_record_at_once_the_second_is_told(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    by = cast.actor("buyer_editor")
    seen = company.version
    facts = {"percent": "1/10"}
    services.record(
        session, company, kind="pool", day=TODAY, facts=facts, by=by, now=NOW, expected_version=seen
    )
    with pytest.raises(Conflict) as caught:
        services.record(
            session, company, kind="pool", day=TODAY, facts={"percent": "1/5"}, by=by, now=NOW,
            expected_version=seen,
        )  # fmt: skip
    assert caught.value.code == "changed_meanwhile"


def test_the_chain_proves_the_table_and_finds_who_changed_a_row(
    session: Session, cast: Cast
) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    a_round(session, cast, company, amount=10 * MILLION, pre_money=40 * MILLION)
    assert list(verify(session)) == []
    event = queries.events(session, company)[1]
    facts = {**event.facts, "pre_money": 80 * MILLION}
    session.execute(sa.update(EquityEvent).where(EquityEvent.id == event.id).values(facts=facts))
    (found,) = verify(session)
    assert (found.what, found.sequence) == ("row_changed", event.sequence)


WHO_READS = {
    "seller_editor", "seller_in_charge", "seller_administrator", "buyer_editor", "buyer_in_charge",
    "buyer_administrator", "broker",
}  # fmt: skip


@pytest.mark.parametrize("own", [True, False])
def test_who_reads_the_table_and_who_records(session: Session, cast: Cast, own: bool) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal, own=own)
    writers = {"buyer_editor", "buyer_administrator"} | (set() if own else {"buyer_in_charge"})
    for role, actor in cast.actors.items():
        if role == "system":
            continue
        if role in WHO_READS:
            assert queries.company(session, company.public_id, by=actor) is company
        else:
            with pytest.raises(NotFound):
                queries.company(session, company.public_id, by=actor)
        found: type[Exception] | None = None
        try:
            services.add_holder(session, company, name=f"{role} {own}", by=actor)
        except (Forbidden, NotFound) as error:
            found = type(error)
        expected = None if role in writers else Forbidden if role in WHO_READS else NotFound
        assert found is expected, role


def test_a_holder_that_is_on_the_site_sees_its_own_row_only(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    company = a_table(session, cast, deal)
    stranger = cast.actor("stranger")
    house = next(iter(stranger.memberships))
    services.add_holder(
        session, company, name="外部股东", organisation_id=house, by=cast.actor("buyer_editor")
    )
    assert queries.company(session, company.public_id, by=stranger) is company
    assert [row.name for row in queries.holdings_of(session, stranger)] == ["外部股东"]
    assert queries.companies_of(session, stranger) == []
    member = replace(stranger, memberships={house: "member"})
    assert queries.holdings_of(session, member) == []


def test_a_deal_in_another_currency_is_not_about_this_company(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "share_subscription", SUBSCRIPTION, "signing")
    a_table(session, cast, deal)
    other = cast.deal(
        session, form="share_subscription", state="signing", terms=SUBSCRIPTION, currency="USD"
    )
    with pytest.raises(Invalid):
        services.found_company(
            session, other, name="", kind="limited", par_minor=CNY, own=True,
            by=cast.actor("buyer_editor"), now=NOW,
        )  # fmt: skip
