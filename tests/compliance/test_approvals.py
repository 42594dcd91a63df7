"""Approval chains: copied when terms are accepted, given in order, returned with a remark."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.models import Approval, ChainStep
from tenon.compliance.services import approving, chains, watching
from tenon.compliance.services.chains import StepInput
from tenon.deals.guards import open_points
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.deals.services import step_of, take_step
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.notices.models import Notice
from tests.compliance.cast import Cast, agreed
from tests.factories.accounts import make_membership, make_organisation
from tests.factories.listings import NOW


def add_step(session: Session, cast: Cast, name: str = "转化处", **given: object) -> ChainStep:
    """A step of the university's chain."""
    made = StepInput(name_zh=name, **({"role": "editor"} | given))  # type: ignore[arg-type]  # a test's words
    by = cast.actor("seller_administrator")
    return chains.add_step(session, cast.university, made, by=by, now=NOW)


def of(session: Session, deal: Deal, side: str = "seller") -> list[Approval]:
    """A side's approvals of the accepted terms."""
    found = approving.approvals(session, deal, accepted_terms(session, deal))
    return [each for each in found if each.side == side]


def missing(session: Session, deal: Deal) -> object:
    """The steps that the guard still waits for, in English; None where it waits for none."""
    points = open_points(session, deal, step_of(deal, "clear"), now=NOW)
    found = [each.facts for each in points if each.guard == "approvals_given"]
    return found[0]["steps"]["en"] if found else None


def decide(session: Session, cast: Cast, approval: Approval, role: str, **said: str) -> None:
    """Decide as a role; approved unless told otherwise."""
    given = {"decision": "approved"} | said
    approving.decide(session, approval, **given, by=cast.actor(role), now=NOW)


def test_without_chains_an_administrators_word_on_the_terms_counts(
    session: Session, cast: Cast
) -> None:
    deal = agreed(session, cast)
    for side in ("seller", "buyer"):
        (only,) = of(session, deal, side)
        assert (only.state, only.by_acceptance) == ("approved", True)
    assert missing(session, deal) is None


def test_an_editors_word_on_the_terms_does_not(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, proposer="seller_editor", taker="buyer_editor")
    houses = [each.name("en") for each in (deal.seller_organisation, deal.buyer_organisation)]
    told = [f"{house}: Approval by an administrator" for house in houses]
    assert missing(session, deal) == ", ".join(told)
    with pytest.raises(NotFound):
        decide(session, cast, of(session, deal)[0], "seller_editor")
    decide(session, cast, of(session, deal)[0], "seller_administrator")
    decide(session, cast, of(session, deal, "buyer")[0], "buyer_administrator")
    assert missing(session, deal) is None


def test_the_chain_is_copied_and_given_in_order(session: Session, cast: Cast) -> None:
    add_step(session, cast, "转化处", name_en="Transfer office")
    person = cast.people["seller_member"].id
    add_step(session, cast, "分管领导", name_en="Vice president", role="", user_id=person)
    deal = agreed(session, cast)
    first, second = of(session, deal)
    house = deal.seller_organisation.name("en")
    assert missing(session, deal) == f"{house}: Transfer office, {house}: Vice president"
    with pytest.raises(Conflict) as told:
        decide(session, cast, second, "seller_member")
    assert told.value.code == "not_your_turn"
    decide(session, cast, first, "seller_editor")
    with pytest.raises(NotFound):
        decide(session, cast, second, "seller_administrator")  # that person alone
    decide(session, cast, second, "seller_member")
    assert missing(session, deal) is None
    asked = session.scalars(
        sa.select(Notice.user_id).where(Notice.kind == "approval_asked").order_by(Notice.id)
    ).all()
    assert asked[-1] == person


def test_editing_the_chain_leaves_a_deals_copy(session: Session, cast: Cast) -> None:
    step = add_step(session, cast)
    deal = agreed(session, cast)
    by = cast.actor("seller_administrator")
    chains.remove_step(session, cast.university, step, by=by, now=NOW)
    assert [each.name_zh for each in of(session, deal)] == ["转化处"]
    assert chains.steps_of(session, cast.university.id) == []


@pytest.mark.parametrize(
    ("minor", "currency", "steps"),
    [
        (60_000_000, "CNY", ["转化处", "校长办公会"]),
        (59_999_999, "CNY", ["转化处"]),
        (100, "USD", ["转化处", "校长办公会"]),  # not comparable: the step is not let off
    ],
)
def test_thresholds_by_the_contract_value(
    session: Session, cast: Cast, minor: int, currency: str, steps: list[str]
) -> None:
    add_step(session, cast, "转化处")
    add_step(session, cast, "校长办公会", role="administrator", from_minor=60_000_000)
    deal = agreed(session, cast, up_front={"minor": minor, "currency": currency})
    assert [each.name_zh for each in of(session, deal)] == steps


def test_a_chain_whose_thresholds_leave_nothing_asks_an_administrator(
    session: Session, cast: Cast
) -> None:
    add_step(session, cast, "校长办公会", from_minor=10**12)
    deal = agreed(session, cast, proposer="seller_editor")
    assert [each.name_zh for each in of(session, deal)] == ["管理员审批"]


def test_a_return_takes_the_deal_back_to_its_terms_with_its_remark(
    session: Session, cast: Cast
) -> None:
    add_step(session, cast)
    add_step(session, cast, "校长办公会", role="administrator")
    deal = agreed(session, cast)
    first, second = of(session, deal)
    with pytest.raises(Invalid) as told:
        decide(session, cast, first, "seller_editor", decision="returned")
    assert told.value.fields == {"remark": "required"}
    decide(session, cast, first, "seller_editor", decision="returned", remark="价格偏低")
    assert (deal.stage, first.state, second.state) == ("terms", "returned", "void")
    agreed(session, cast, deal=deal)
    assert [each.state for each in of(session, deal)] == ["waiting", "waiting"]


def test_reopened_terms_void_what_was_not_decided(session: Session, cast: Cast) -> None:
    add_step(session, cast)
    deal = agreed(session, cast)
    (waiting,) = of(session, deal)
    take_step(session, deal, "reopen", reason="scope", by=cast.actor("buyer_editor"), now=NOW)
    session.refresh(waiting)
    assert waiting.state == "void"
    with pytest.raises(Conflict):
        decide(session, cast, waiting, "seller_editor")


def test_only_administrators_edit_their_chain(session: Session, cast: Cast) -> None:
    given = StepInput(name_zh="转化处", role="editor")
    for role in ("seller_editor", "buyer_administrator", "operator", "visitor"):
        with pytest.raises(Forbidden):
            chains.add_step(session, cast.university, given, by=cast.actor(role), now=NOW)


def test_a_step_names_a_role_or_a_member(session: Session, cast: Cast) -> None:
    outsider = cast.people["stranger"].id
    for given in (
        {"role": "", "user_id": None},
        {"role": "", "user_id": outsider},
        {"role": "king"},
        {"role": "editor", "user_id": cast.people["seller_member"].id},
    ):
        with pytest.raises(Invalid) as told:
            add_step(session, cast, **given)
        assert set(told.value.fields) == {"who"}


def test_steps_change_places(session: Session, cast: Cast) -> None:
    names = ("一", "二", "三")
    steps = [add_step(session, cast, name) for name in names]
    by = cast.actor("seller_administrator")
    chains.move_up(session, cast.university, steps[2], by=by, now=NOW)
    chains.move_up(session, cast.university, steps[0], by=by, now=NOW)
    found = chains.steps_of(session, cast.university.id)
    assert [each.name_zh for each in found] == ["一", "三", "二"]


def test_who_left_the_organisation_approves_nothing(session: Session, cast: Cast) -> None:
    user = cast.people["nobody"]
    membership = make_membership(session, user, cast.university, "member")
    add_step(session, cast, role="", user_id=user.id)
    deal = agreed(session, cast)
    membership.state = "ended"
    session.flush()
    session.refresh(user, ["memberships"])
    make_membership(session, user, make_organisation(session), "administrator")
    with pytest.raises(NotFound):
        decide(session, cast, of(session, deal)[0], "nobody")


def test_who_lets_it_wait_is_reminded_weekly(session: Session, cast: Cast) -> None:
    add_step(session, cast)
    agreed(session, cast)
    days = [watching.chase_approvals(session, now=NOW + timedelta(days=day)) for day in range(14)]
    assert [day for day, many in enumerate(days) if many] == [4, 12]
