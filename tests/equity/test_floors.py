"""The contributors' part of the shares that technology brings, against the region's floor."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.app import load_tasks
from tenon.deals import forms, guards, terms
from tenon.deals.guards import Refusal, RuleBroken
from tenon.deals.models import Deal
from tenon.deals.services import accept, propose
from tests.deals.browsing import browser, words
from tests.deals.cast import Cast
from tests.equity.scenes import CONTRIBUTION, NOW, a_deal
from tests.factories.listings import make_ip_right

WHOLE: dict[str, Any] = {
    **CONTRIBUTION,
    "appraiser": "中衡资产评估",
    "appraisal_number": "2026-118",
    "appraised_on": "2026-11-01",
    "pre_money_base": "issued",
    "team_holding": "direct",
}


@pytest.fixture(autouse=True)
def _everything_listens() -> None:
    load_tasks()


def floor(session: Session, cast: Cast, share: str, step: str = "sign", **deal: Any) -> Any:
    """What the floor says of a deal before a step; None where it is kept."""
    made = a_deal(
        session, cast, "equity_contribution", {**CONTRIBUTION, "team_share": share}, "signing"
    )
    for name, value in deal.items():
        setattr(made, name, value)
    session.flush()
    named = forms.get(made.form).step(step)
    assert named is not None
    found = guards.open_points(session, made, named, now=NOW)
    return next((each for each in found if each.guard == "team_floor_kept"), None)


@pytest.mark.parametrize("step", ["agree", "clear", "sign"])
def test_a_part_below_the_floor_is_refused_with_rule_value_and_source(
    session: Session, cast: Cast, step: str
) -> None:
    found: Refusal | None = floor(session, cast, "49.9", step)
    assert found is not None
    assert found.facts == {"percent": "49.9", "floor": "50"}
    assert "第四十五条" in found.source_zh
    assert "article 45" in found.source_en
    assert floor(session, cast, "50", step) is None


@pytest.mark.parametrize(("share", "kept"), [("69.99", False), ("70", True), ("0", False)])
def test_a_region_that_sets_more_is_cited_itself(
    session: Session, cast: Cast, share: str, kept: bool
) -> None:
    found = floor(session, cast, share, jurisdiction="330100")
    assert (found is None) is kept
    if found is not None:
        assert found.facts["floor"] == "70"
        assert "Zhejiang" in found.source_en


@pytest.mark.parametrize(
    "seller", [{"state_founded": False}, {"kind": "enterprise"}, {"country": "DE"}]
)
def test_others_agree_as_they_like(session: Session, cast: Cast, seller: dict[str, Any]) -> None:
    for name, value in seller.items():
        setattr(cast.university, name, value)
    assert floor(session, cast, "0") is None


def agreeable(session: Session, cast: Cast, state: str) -> Deal:
    """A contribution that rests on a granted patent."""
    right = make_ip_right(session)
    return cast.deal(session, form="equity_contribution", state=state, rights=[right], now=NOW)


def test_a_signed_contract_is_held_to_the_rule_of_its_day(session: Session, cast: Cast) -> None:
    assert floor(session, cast, "10", signed_on=NOW.date()) is not None
    assert floor(session, cast, "10", signed_on=date(2014, 1, 2)) is None  # before the Act's


def test_terms_below_the_floor_are_not_agreed(session: Session, cast: Cast) -> None:
    deal = agreeable(session, cast, "terms")
    values = terms.defaults(forms.get(deal.form), {**WHOLE, "team_share": "30"})
    by = cast.actor("seller_administrator")
    version = propose(session, deal, values=values, by=by, now=NOW)
    whole = session.begin_nested()
    with pytest.raises(RuleBroken) as told:
        accept(session, deal, version, by=cast.actor("buyer_administrator"), now=NOW)
    assert [each.guard for each in told.value.refusals] == ["team_floor_kept"]
    whole.rollback()
    session.expire_all()
    better = {**values, "team_share": "50"}
    version = propose(session, deal, values=better, by=by, now=NOW)
    accept(session, deal, version, by=cast.actor("buyer_administrator"), now=NOW)
    assert deal.stage == "approval"


def test_an_amendment_does_not_fall_below_it_either(session: Session, cast: Cast) -> None:
    values = terms.defaults(forms.get("equity_contribution"), WHOLE)
    deal = a_deal(session, cast, "equity_contribution", values, "in_force.contribution_due")
    by = cast.actor("seller_administrator")
    version = propose(session, deal, values={**values, "team_share": "10"}, by=by, now=NOW)
    with pytest.raises(RuleBroken) as told:
        accept(session, deal, version, by=cast.actor("buyer_administrator"), now=NOW)
    assert "team_floor_kept" in [each.guard for each in told.value.refusals]


def test_the_page_says_whether_the_floor_binds(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = a_deal(committed, settled, "equity_contribution", CONTRIBUTION, "approval")
    committed.commit()
    place = f"/deals/{deal.public_id}/equity"
    page = words(browser(app, settled, "seller_editor").get(place))
    assert "Binds this seller" in page
    assert "50 %" in page
    settled.university.state_founded = False
    committed.commit()
    page = words(browser(app, settled, "buyer_editor").get(place))
    assert "others agree as they like" in page
