"""The register: rights vest, are exercised in part, are adjusted, lapse; grants convert or end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.equity import queries, services, tasks
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.services.confirming import fingerprint
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history.proof import verify
from tenon.notices.models import Notice
from tenon.outbox.models import OutboxMessage
from tests.deals.cast import Cast
from tests.equity.scenes import (
    CNY,
    GRANT,
    MILLION,
    NOW,
    SUBSCRIPTION,
    a_round,
    an_agreement,
    money,
    pay_out,
)

LATER = NOW + timedelta(days=400)


def a_right(session: Session, cast: Cast, **terms: Any) -> EquityAgreement:
    """The university's right to subscribe for CNY 500,000 at a valuation of 20M."""
    return an_agreement(session, cast, "share_subscription", {**SUBSCRIPTION, **terms})


def a_grant(session: Session, cast: Cast, **terms: Any) -> EquityAgreement:
    """A public grant of 2M."""
    return an_agreement(session, cast, "invest_then_equity", {**GRANT, **terms})


def confirm(
    session: Session, cast: Cast, proposal: EquityProposal, role: str, now: datetime = NOW
) -> bool:
    """Confirm what a page shows now, as a role."""
    seen = fingerprint(proposal)
    return services.confirm(session, proposal, seen=seen, by=cast.actor(role), now=now)


def right_in_table(session: Session, agreement: EquityAgreement) -> Any:
    """The right as the company's table has it."""
    return queries.course_of(session, agreement.company).now.rights[agreement.key]


def test_a_right_enters_with_the_strike_that_its_valuation_gives(
    session: Session, cast: Cast
) -> None:
    right = right_in_table(session, a_right(session, cast))
    assert (right.strike, right.open_units) == (2 * CNY, 250_000)


@pytest.mark.parametrize(("stated", "strike"), [(250, 250), (400, 400)])
def test_a_stated_price_is_a_share(session: Session, cast: Cast, stated: int, strike: int) -> None:
    agreement = a_right(session, cast, strike_rule="price", strike=money(stated))
    assert right_in_table(session, agreement).strike == strike


def test_the_night_watch_vests_reminds_and_lapses(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    assert services.watch(session, now=NOW) == 1
    assert (agreement.state, agreement.deal.state) == ("vested", "in_force.vested")
    assert services.watch(session, now=NOW) == 0
    before = datetime(2028, 11, 10, 20, 0, tzinfo=NOW.tzinfo)
    services.watch(session, now=before)
    assert agreement.reminded_on is not None
    services.watch(session, now=datetime(2028, 11, 21, 8, 0, tzinfo=NOW.tzinfo))
    assert agreement.state == "vested"
    services.watch(session, now=datetime(2028, 11, 22, 8, 0, tzinfo=NOW.tzinfo))
    assert (agreement.state, agreement.deal.stage) == ("lapsed", "lapsed")
    assert queries.course_of(session, agreement.company).now.rights == {}
    assert list(verify(session)) == []


def test_half_is_exercised_now_and_the_rest_a_year_later(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    services.watch(session, now=NOW)
    holder = cast.actor("seller_administrator")
    with pytest.raises(Invalid):
        services.propose_exercise(session, agreement, units=125_001, by=holder, now=NOW)
    proposal = services.propose_exercise(session, agreement, units=100_000, by=holder, now=NOW)
    assert proposal.computed["amount"] == 200_000 * CNY
    assert Fraction(proposal.computed["share"]) == Fraction(100_000, 10_100_000)
    with pytest.raises(Conflict):
        services.propose_exercise(session, agreement, units=1, by=holder, now=NOW)
    assert confirm(session, cast, proposal, "buyer_administrator")
    assert agreement.deal.state == "in_force.exercised_in_part"
    rest = services.propose_exercise(session, agreement, units=150_000, by=holder, now=LATER)
    assert confirm(session, cast, rest, "buyer_administrator", LATER)
    assert (agreement.state, agreement.deal.stage) == ("exercised", "completed")
    state = queries.course_of(session, agreement.company).now
    assert state.issued[agreement.holder.key] == 250_000
    assert state.reserve == 250_000 * CNY
    assert list(verify(session)) == []


def test_a_right_that_knows_no_exercise_in_part_is_exercised_as_far_as_it_has_vested(
    session: Session, cast: Cast
) -> None:
    agreement = a_right(session, cast, exercise_in_part=False)
    holder = cast.actor("seller_editor")
    with pytest.raises(Invalid) as caught:
        services.propose_exercise(session, agreement, units=1, by=holder, now=NOW)
    assert caught.value.fields == {"units": "not_in_part"}
    services.propose_exercise(session, agreement, units=125_000, by=holder, now=NOW)


def test_a_cheaper_round_moves_strike_and_what_was_proposed_before_is_confirmed_anew(
    session: Session, cast: Cast
) -> None:
    agreement = a_right(session, cast)
    holder = cast.actor("seller_administrator")
    proposal = services.propose_exercise(session, agreement, units=100_000, by=holder, now=NOW)
    seen = fingerprint(proposal)
    a_round(session, cast, agreement.company, amount=MILLION, pre_money=12_812_500 * CNY)
    assert right_in_table(session, agreement).strike == Fraction("1.25") * CNY
    session.refresh(proposal)
    assert proposal.seller_confirmed_at is None
    assert proposal.computed["amount"] == 125_000 * CNY
    with pytest.raises(Conflict):
        services.confirm(
            session, proposal, seen=seen, by=cast.actor("buyer_administrator"), now=NOW
        )


def test_a_round_proposes_the_conversion_and_both_sides_make_it(
    session: Session, cast: Cast
) -> None:
    agreement = a_grant(session, cast)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    assert agreement.deal.state == "in_force.conversion_proposed"
    proposal = queries.open_proposal(session, agreement)
    assert proposal is not None
    assert proposal.computed["units"] == 416_666
    assert Fraction(proposal.computed["residue"]) == Fraction("3.20") * CNY
    assert not confirm(session, cast, proposal, "seller_administrator")
    assert not confirm(session, cast, proposal, "seller_administrator")
    assert confirm(session, cast, proposal, "buyer_administrator")
    assert (agreement.state, agreement.deal.state) == ("converted", "in_force.converted")
    state = queries.course_of(session, agreement.company).now
    assert state.issued[agreement.holder.key] == 416_666
    assert state.capital + state.reserve == 22 * MILLION
    with pytest.raises(Conflict):
        confirm(session, cast, proposal, "buyer_administrator")
    with pytest.raises(Invalid):  # what both have confirmed rests on the round
        services.strike(
            session, agreement.company, number=3, source="误录",
            by=cast.actor("buyer_editor"), now=NOW,
        )  # fmt: skip


def test_a_round_below_the_agreed_size_converts_nothing(session: Session, cast: Cast) -> None:
    agreement = a_grant(session, cast)
    a_round(session, cast, agreement.company, amount=4 * MILLION, pre_money=50 * MILLION)
    assert agreement.state == "granted"
    assert queries.open_proposal(session, agreement) is None


def test_a_later_round_replaces_what_an_earlier_one_proposed(session: Session, cast: Cast) -> None:
    agreement = a_grant(session, cast, pre_money_includes_conversion="excludes")
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    first = queries.open_proposal(session, agreement)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=120 * MILLION)
    second = queries.open_proposal(session, agreement)
    assert first is not None
    assert second is not None
    assert first.withdrawn_at is not None
    assert (first.computed["units"], second.computed["units"]) == (400_000, 200_000)


def test_a_round_that_is_struck_takes_its_proposal_with_it(session: Session, cast: Cast) -> None:
    agreement = a_grant(session, cast)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    services.strike(
        session, agreement.company, number=3, source="误录", by=cast.actor("buyer_editor"), now=NOW
    )
    assert queries.open_proposal(session, agreement) is None
    assert (agreement.state, agreement.deal.state) == ("granted", "in_force.granted")


@pytest.mark.parametrize(
    ("kind", "state"), [("repaid", "in_force.repaid"), ("closed", "in_force.closed_without_fault")]
)
def test_a_grant_is_repaid_or_closed_without_fault_when_both_say_so(
    session: Session, cast: Cast, kind: str, state: str
) -> None:
    agreement = a_grant(session, cast)
    pay_out(session, cast, agreement)
    by = cast.actor("buyer_editor")
    proposal = services.propose_closing(session, agreement, kind=kind, by=by, now=NOW)
    assert confirm(session, cast, proposal, "seller_administrator")
    assert (agreement.state, agreement.deal.state) == (kind, state)
    assert queries.course_of(session, agreement.company).now.grants == {}


def test_a_declined_conversion_takes_the_grant_back(session: Session, cast: Cast) -> None:
    agreement = a_grant(session, cast)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    proposal = queries.open_proposal(session, agreement)
    assert proposal is not None
    services.withdraw(session, proposal, by=cast.actor("seller_editor"), now=NOW)
    assert (agreement.state, agreement.deal.state) == ("granted", "in_force.granted")


def test_without_a_round_the_company_may_have_it_converted_at_the_agreed_valuation(
    session: Session, cast: Cast
) -> None:
    agreement = a_grant(
        session, cast, repayment="buyer_choice", fallback_valuation=money(25 * MILLION)
    )
    by = cast.actor("buyer_administrator")
    with pytest.raises(Invalid) as caught:
        services.propose_closing(session, agreement, kind="conversion", by=by, now=NOW)
    assert caught.value.fields == {"": "too_early"}
    late = datetime(2029, 1, 3, 8, 0, tzinfo=NOW.tzinfo)
    proposal = services.propose_closing(session, agreement, kind="conversion", by=by, now=late)
    assert proposal.computed["units"] == 800_000
    assert confirm(session, cast, proposal, "seller_administrator", late)
    assert agreement.state == "converted"


def test_who_proposes_and_who_confirms(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    holder = {"seller_editor", "seller_in_charge", "seller_administrator"}
    readers = holder | {"buyer_editor", "buyer_in_charge", "buyer_administrator", "broker"}
    for role, actor in cast.actors.items():
        if role == "system":
            continue
        with session.begin_nested() as kept:
            found: type[Exception] | None = None
            try:
                services.propose_exercise(session, agreement, units=10, by=actor, now=NOW)
            except (Forbidden, NotFound) as error:
                found = type(error)
            kept.rollback()
        knows = role in readers or role == "operator"
        assert found is (None if role in holder else Forbidden if knows else NotFound), role
    proposal = services.propose_exercise(
        session, agreement, units=10, by=cast.actor("seller_editor"), now=NOW
    )
    for role in ("buyer_editor", "buyer_in_charge", "broker", "operator", "seller_editor"):
        with pytest.raises(Forbidden):
            confirm(session, cast, proposal, role)
    for role in ("stranger", "visitor", "other_broker", "buyer_member"):
        with pytest.raises(NotFound):
            confirm(session, cast, proposal, role)
    assert confirm(session, cast, proposal, "buyer_administrator")


def test_what_has_ended_is_not_exercised(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    services.watch(session, now=datetime(2028, 12, 1, 8, 0, tzinfo=NOW.tzinfo))
    with pytest.raises(IllegalTransition):
        services.propose_exercise(
            session, agreement, units=1, by=cast.actor("seller_editor"), now=LATER
        )


def test_the_register_lists_ones_own_agreements_only(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    for role in ("seller_editor", "buyer_editor"):
        actor = cast.actor(role)
        mine = replace(actor, organisation_id=next(iter(actor.memberships)))
        assert list(queries.register_of(session, mine)) == [agreement]
    stranger = cast.actor("stranger")
    other = replace(stranger, organisation_id=next(iter(stranger.memberships)))
    assert list(queries.register_of(session, other)) == []


def test_erasing_a_person_leaves_the_table_provable(session: Session, cast: Cast) -> None:
    from tenon.equity.personal import collect, erase

    agreement = a_right(session, cast)
    person = cast.people["buyer_editor"]
    found: Mapping[str, Any] = collect(session, person)
    assert found["events_recorded"] == ["1"]
    erase(session, person, NOW)
    session.expire_all()
    assert collect(session, person)["events_recorded"] == []
    assert list(verify(session)) == []
    assert session.get(Deal, agreement.deal_id) is not None


def kinds_told(session: Session) -> dict[int, list[str]]:
    """User -> what they were told."""
    found: dict[int, list[str]] = {}
    for user, kind in session.execute(sa.select(Notice.user_id, Notice.kind).order_by(Notice.id)):
        found.setdefault(user, []).append(kind)
    return found


def test_those_are_told_who_are_to_confirm(session: Session, cast: Cast) -> None:
    agreement = a_right(session, cast)
    services.propose_exercise(
        session, agreement, units=10, by=cast.actor("seller_administrator"), now=NOW
    )
    for message in session.scalars(sa.select(OutboxMessage)).all():
        if message.topic == "equity.proposed":
            tasks.proposed(session, message.payload, NOW)
    told = kinds_told(session)
    assert told[cast.people["buyer_in_charge"].id] == ["equity_exercise"]
    assert cast.people["seller_in_charge"].id not in told
    tasks.lapsed(session, {"id": agreement.id}, NOW)
    tasks.vested(session, {"id": agreement.id}, NOW)
    tasks.due(session, {"id": agreement.id}, NOW)
    assert kinds_told(session)[cast.people["seller_in_charge"].id] == [
        "equity_lapsed", "equity_vested", "equity_due",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "terms"), [("share_subscription", SUBSCRIPTION), ("invest_then_equity", GRANT)]
)
def test_an_agreement_ends_with_its_deal(
    session: Session, cast: Cast, form: str, terms: Mapping[str, Any]
) -> None:
    agreement = an_agreement(session, cast, form, terms)
    deal = agreement.deal
    if agreement.kind == "grant":
        a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    tasks.deal_moved(session, {"id": deal.id}, NOW)
    assert agreement.ended_on is None
    deal.end_reason, deal.stage, deal.state = "breach", "terminated", "terminated"
    tasks.deal_moved(session, {"id": deal.id}, NOW)
    tasks.deal_moved(session, {"id": deal.id}, NOW)
    assert agreement.state == "terminated"
    state = queries.course_of(session, agreement.company).now
    assert (state.rights, state.grants) == ({}, {})
    assert queries.open_proposal(session, agreement) is None
    assert list(verify(session)) == []
