"""What stands before an increase: the appraisal, the holders' first call, the table itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals import effects, forms, guards
from tenon.deals.forms.schema import Step, Words
from tenon.deals.models import Deal
from tenon.deals.services import take_step
from tenon.equity import previews, queries, services
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.formulas import equity as eq
from tenon.history import HistoryEntry
from tenon.rules.models import RuleRow
from tests.deals.cast import Cast
from tests.equity.scenes import (
    CONTRIBUTION,
    GRANT,
    MILLION,
    NOW,
    SUBSCRIPTION,
    TODAY,
    a_deal,
    a_table,
    an_agreement,
    an_appraisal_file,
    money,
    pay_out,
)


def refusal(session: Session, deal: Deal, name: str) -> guards.Refusal | None:
    """What a check says of a deal now."""
    step = Step("clear", (deal.state,), deal.state, ("seller",), Words("", ""), guards=(name,))
    found = guards.open_points(session, deal, step, now=NOW)
    return found[0] if found else None


def contribution(session: Session, cast: Cast, **terms: Any) -> Deal:
    """A contribution of technology to the firm, terms accepted."""
    return a_deal(session, cast, "equity_contribution", {**CONTRIBUTION, **terms}, "approval")


def appraise(session: Session, cast: Cast, deal: Deal, value: int) -> None:
    """Record the appraisal of the contributed technology."""
    services.record_appraisal(
        session, deal, file=an_appraisal_file(session, deal), appraiser="中衡资产评估",
        value_minor=value, appraised_on=TODAY, by=cast.actor("seller_editor"), now=NOW,
    )  # fmt: skip


def test_article_48_without_an_appraisal_nothing_is_signed(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    found = refusal(session, deal, "appraised")
    assert found is not None
    assert found.source_zh == "《公司法》第48条"
    appraise(session, cast, deal, 3 * MILLION)
    assert refusal(session, deal, "appraised") is None


def test_article_48_not_above_the_appraised_value(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    appraise(session, cast, deal, 3 * MILLION - 1)
    assert refusal(session, deal, "appraised") is not None


def test_an_appraisal_needs_its_report(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    with pytest.raises(Invalid) as caught:
        services.record_appraisal(
            session, deal, file=None, appraiser="", value_minor=0,
            appraised_on=TODAY + timedelta(days=1), by=cast.actor("seller_editor"), now=NOW,
        )  # fmt: skip
    assert set(caught.value.fields) == {"file", "appraiser", "value", "appraised_on"}


def test_article_227_every_holder_answers_before_the_increase(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    company = a_table(session, cast, deal, kind="limited")
    found = refusal(session, deal, "pre_emption_settled")
    assert found is not None
    assert found.source_en == "Company Law, art. 227"
    firm = cast.actor("buyer_editor")
    rows = services.ask_holders(session, deal, units=250_000_001, by=firm, now=NOW)
    assert [row.entitled for row in rows] == [150_000_001, 100_000_000]
    services.answer_first_call(
        session, rows[0], deal, answer="waives", answered_on=TODAY, evidence="股东会决议",
        by=firm, now=NOW,
    )  # fmt: skip
    waiting = refusal(session, deal, "pre_emption_settled")
    assert waiting is not None
    assert waiting.facts == {"count": 1}
    services.answer_first_call(
        session, rows[1], deal, answer="takes_up", taken=100_000_000, answered_on=TODAY,
        evidence="认缴承诺书", by=firm, now=NOW,
    )  # fmt: skip
    short = refusal(session, deal, "pre_emption_settled")  # 150,000,001 are left of 250,000,000
    assert short is not None
    assert "leave to it" in short.message
    with pytest.raises(Conflict):
        services.answer_first_call(
            session, rows[1], deal, answer="waives", answered_on=TODAY, evidence="x", by=firm,
            now=NOW,
        )  # fmt: skip
    assert company.version == 1
    for row in services.ask_holders(session, deal, units=250_000_000, by=firm, now=NOW):
        services.answer_first_call(
            session, row, deal, answer="waives", answered_on=TODAY, evidence="股东会决议",
            by=firm, now=NOW,
        )  # fmt: skip
    assert refusal(session, deal, "pre_emption_settled") is None


@pytest.mark.parametrize("recorded_before", [False, True])
def test_article_227_answers_on_one_unit_cover_no_contribution(
    session: Session, cast: Cast, recorded_before: bool
) -> None:
    deal = contribution(session, cast)
    company = a_table(session, cast, deal, kind="limited")
    if recorded_before:
        record_contribution(session, cast, deal, 3 * MILLION)
    firm = cast.actor("buyer_editor")

    def waived(units: int) -> None:
        for row in services.ask_holders(session, deal, units=units, by=firm, now=NOW):
            services.answer_first_call(
                session, row, deal, answer="waives", answered_on=TODAY, evidence="股东会决议",
                by=firm, now=NOW,
            )  # fmt: skip

    waived(1)
    assert refusal(session, deal, "pre_emption_settled") is not None
    waived(250_000_000)
    assert refusal(session, deal, "pre_emption_settled") is None
    facts = {"seller": "h1", "buyer": "h2", "units": 1}
    services.record(session, company, kind="transfer", day=TODAY, facts=facts, by=firm, now=NOW)
    grown = refusal(session, deal, "pre_emption_settled")
    assert grown is not None
    assert grown.facts == {"count": 1}


def test_article_227_leaves_joint_stock_companies_to_their_articles(
    session: Session, cast: Cast
) -> None:
    deal = contribution(session, cast, company_kind="by_shares")
    company = a_table(session, cast, deal)
    assert refusal(session, deal, "pre_emption_settled") is None
    firm = cast.actor("buyer_editor")
    with pytest.raises(Conflict):
        services.ask_holders(session, deal, units=10, by=firm, now=NOW)
    services.say_law(session, company, stated=True, by=firm, now=NOW)
    assert refusal(session, deal, "pre_emption_settled") is not None


def test_nobody_has_a_first_call_on_a_founding(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast, new_company=True)
    assert refusal(session, deal, "pre_emption_settled") is None


def test_a_holder_on_the_site_answers_itself(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    company = a_table(session, cast, deal, kind="limited")
    stranger = cast.actor("stranger")
    company.holders[1].organisation_id = next(iter(stranger.memberships))
    firm = cast.actor("buyer_editor")
    rows = services.ask_holders(session, deal, units=1000, by=firm, now=NOW)
    answer: dict[str, Any] = {"answer": "takes_up", "taken": 401, "answered_on": TODAY}
    with pytest.raises(Forbidden):
        services.answer_first_call(session, rows[1], deal, **answer, by=firm, now=NOW)
    with pytest.raises(Invalid) as caught:
        services.answer_first_call(session, rows[1], deal, **answer, by=stranger, now=NOW)
    assert caught.value.fields == {"taken": "out_of_range"}
    services.answer_first_call(
        session, rows[1], deal, **answer | {"taken": 400}, by=stranger, now=NOW
    )
    with pytest.raises(Forbidden):
        services.answer_first_call(session, rows[0], deal, **answer, by=stranger, now=NOW)


@pytest.mark.parametrize(("chosen", "passes"), [(None, False), ("includes", True)])
def test_terms_of_a_conversion_must_be_chosen(
    session: Session, cast: Cast, chosen: str | None, passes: bool
) -> None:
    terms: Mapping[str, Any] = {**GRANT, "pre_money_includes_conversion": chosen}
    deal = a_deal(session, cast, "invest_then_equity", terms, "signing")
    assert (refusal(session, deal, "conversion_terms_chosen") is None) is passes


def test_a_table_begins_with_a_founding(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "invest_then_equity", GRANT, "signing")
    assert refusal(session, deal, "cap_table_opened") is not None
    a_table(session, cast, deal)
    assert refusal(session, deal, "cap_table_opened") is None


def record_contribution(session: Session, cast: Cast, deal: Deal, value: int) -> None:
    """Record the technology in the firm's table."""
    company = queries.company_of(session, deal)
    assert company is not None
    by = cast.actor("buyer_editor")
    keys = [
        services.add_holder(session, company, name=name, by=by).key
        for name in ("示例理工大学", "完成人持股平台")
    ]
    technology = {
        "institution": keys[0],
        "value": value,
        "team_share": "7/10",
        "team": [[keys[1], "1"]],
        "appraised": None,
    }
    facts = {"payments": [technology], "pre_money": 12 * MILLION, "base": "issued"}
    services.record(
        session, company, kind="contribution", day=TODAY, facts=facts, deal=deal, by=by, now=NOW
    )


@pytest.mark.parametrize(("value", "passes"), [(3 * MILLION, True), (2 * MILLION, False)])
def test_shares_are_registered_as_they_were_agreed(
    session: Session, cast: Cast, value: int, passes: bool
) -> None:
    deal = contribution(session, cast, technology_value=money(3 * MILLION))
    assert refusal(session, deal, "cap_table_ready") is not None
    a_table(session, cast, deal, kind="limited")
    assert refusal(session, deal, "cap_table_ready") is not None
    record_contribution(session, cast, deal, value)
    assert (refusal(session, deal, "cap_table_ready") is None) is passes


def test_the_deals_history_says_what_the_contribution_brought(session: Session, cast: Cast) -> None:
    deal = contribution(session, cast)
    a_table(session, cast, deal, kind="limited")
    record_contribution(session, cast, deal, 3 * MILLION)
    step = Step("x", (), "", (), Words("", ""), effects=("apply_contribution",))
    effects.follow(session, deal, step, by=cast.actor("buyer_editor"), now=NOW)
    told = session.scalars(
        sa.select(HistoryEntry).where(
            HistoryEntry.chain_kind == "deal", HistoryEntry.kind == "contributed"
        )
    ).one()
    assert [each["units"] for each in told.facts["result"]] == [75_000_000, 175_000_000]


def a_rule(session: Session, code: str, kind: str, value: str) -> None:
    """A row of the region's own, as an operator enters it."""
    session.add(
        RuleRow(
            code=code,
            jurisdiction="420000",
            effective_from=TODAY,
            kind=kind,
            value={"value": value},
            applies="binding",
            source_zh="某省先投后股办法",
            source_en="A province's measures",
            created_at=NOW,
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("code", "value", "terms", "passes"),
    [
        ("grant_discount_highest", "20", {"discount": "20"}, True),
        ("grant_discount_highest", "20", {"discount": "20.5"}, False),
        ("grant_share_highest", "10", {"holding_limit": "10"}, True),
        ("grant_share_highest", "10", {}, False),
    ],
)
def test_a_conversion_keeps_to_what_the_region_sets(
    session: Session, cast: Cast, code: str, value: str, terms: Mapping[str, Any], passes: bool
) -> None:
    a_rule(session, code, "decimal", value)
    deal = a_deal(session, cast, "invest_then_equity", {**GRANT, **terms}, "signing")
    found = refusal(session, deal, "conversion_terms_chosen")
    assert (found is None) is passes
    assert found is None or found.source_en == "A province's measures"


def test_a_region_may_close_no_grant_without_fault(session: Session, cast: Cast) -> None:
    a_rule(session, "grant_closing_without_fault", "text", "refused")
    agreement = an_agreement(session, cast, "invest_then_equity", GRANT)
    by = cast.actor("buyer_editor")
    with pytest.raises(Invalid) as caught:
        services.propose_closing(session, agreement, kind="closed", by=by, now=NOW)
    assert caught.value.fields == {"": "not_here"}
    pay_out(session, cast, agreement)
    services.propose_closing(session, agreement, kind="repaid", by=by, now=NOW)


@pytest.mark.parametrize(("capital", "passes"), [(2_500_000, True), (3_000_000, False)])
def test_the_part_that_becomes_registered_capital_is_as_agreed(
    session: Session, cast: Cast, capital: int, passes: bool
) -> None:
    deal = contribution(session, cast, capital_part=money(capital * 100))
    a_table(session, cast, deal, kind="limited")
    record_contribution(session, cast, deal, 3 * MILLION)
    assert (refusal(session, deal, "cap_table_ready") is None) is passes


def test_what_a_founding_would_bring_is_shown_before_anything_is_recorded() -> None:
    terms = {
        **CONTRIBUTION,
        "new_company": True,
        "technology_value": money(3 * MILLION),
        "capital_part": money(2 * MILLION),
        "cash_contributions": money(7 * MILLION),
    }
    found = previews.contribution(terms, eq.found("limited", "CNY"), TODAY)
    assert found is not None
    assert found.step.price == Fraction(3, 2)
    assert found.after.capital == Fraction(10 * MILLION) * 2 / 3 // 1
    assert found.after.issued[previews.TEAM] == 1_400_000 * 100
    assert found.after.issued[previews.INSTITUTION] == 600_000 * 100
    assert previews.contribution({}, eq.found("limited", "CNY"), TODAY) is None


def test_a_right_that_stands_in_the_table_is_not_counted_twice_when_exercised() -> None:
    """250,000 open units of a right beside 10 million issued: 10.25 million before and after."""
    right = eq.Right("h2", Fraction(25_000_000), Fraction(100), TODAY, TODAY)
    company = eq.found("joint_stock", "CNY", Fraction(100))
    company = replace(company, issued={"h1": 10_000_000}, rights={"r1": right})
    found = previews.exercised(company, "r1", TODAY)
    assert found is not None
    assert (found.after.issued["h2"], found.after.right_units) == (250_000, 0)
    diluted = [each.issued_units + each.right_units for each in (found.before, found.after)]
    assert diluted == [10_250_000, 10_250_000]
    assert previews.exercised(found.after, "r1", TODAY) is None


def test_shares_are_registered_by_the_deals_own_step(session: Session, cast: Cast) -> None:
    deal = a_deal(session, cast, "equity_contribution", CONTRIBUTION, "in_force.title_transferred")
    a_table(session, cast, deal, kind="limited")
    firm = cast.actor("buyer_editor")
    with pytest.raises(guards.RuleBroken) as caught:
        take_step(session, deal, "register_shares", by=firm, now=NOW)
    assert [each.guard for each in caught.value.refusals] == ["cap_table_ready"]
    record_contribution(session, cast, deal, 3 * MILLION)
    take_step(session, deal, "register_shares", by=firm, now=NOW)
    assert deal.state == "in_force.registered"


@pytest.mark.parametrize(
    ("form", "terms", "kind"),
    [
        ("share_subscription", SUBSCRIPTION, "right_granted"),
        ("invest_then_equity", GRANT, "grant_made"),
    ],
)
def test_an_agreement_enters_the_register_when_its_deal_takes_effect(
    session: Session, cast: Cast, form: str, terms: Mapping[str, Any], kind: str
) -> None:
    deal = a_deal(session, cast, form, terms, "signed")
    company = a_table(session, cast, deal)
    take_step(session, deal, "take_effect", by=cast.actor("buyer_editor"), now=NOW)
    agreement = queries.agreement_of(session, deal)
    assert agreement is not None
    assert (agreement.state, deal.state) == ("granted", "in_force.granted")
    assert [each.kind for each in queries.events(session, company)] == ["incorporation", kind]


@pytest.mark.parametrize("form", ["share_subscription", "invest_then_equity"])
def test_nothing_is_signed_before_the_table_is_open(form: str) -> None:
    step = step_named(form, "sign")
    assert "cap_table_opened" in step.guards


def step_named(form: str, name: str) -> Step:
    """A step of a form."""
    found = forms.get(form).step(name)
    assert found is not None
    return found


def test_a_right_below_par_is_not_signed(session: Session, cast: Cast) -> None:
    terms = {**SUBSCRIPTION, "strike_rule": "price", "strike": money(99)}
    deal = a_deal(session, cast, "share_subscription", terms, "signing")
    a_table(session, cast, deal)
    assert refusal(session, deal, "cap_table_opened") is not None
