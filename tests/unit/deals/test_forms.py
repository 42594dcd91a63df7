"""The thirteen forms as data: whole, in both languages, without a state that is lost or stuck."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tenon.deals import forms
from tenon.deals.forms.reading import BrokenForm, build
from tenon.deals.forms.schema import GROUPS, Form, Words
from tenon.deals.terms.types import CHECKS
from tenon.listings.models.listing import DEAL_FORMS

ENDS = ("completed", "terminated", "lapsed", "dropped")
FORMS = forms.all_forms()
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
MUST_BE_CHOSEN = {
    "tier_mode",
    "vat_mode",
    "licence_kind",
    "pre_money_includes_conversion",
    "pre_money_base",
    "valuation_base",
    "discount_and_cap",
    "royalty_base",
    "ownership",
    "failure_risk",
    "duration",
    "payment_mode",
    "adjustment",
}
"""Terms of which two readings give different sums or rights."""


def texts(form: Form) -> Iterator[tuple[str, Words]]:
    """Every text of a form, with where it stands."""
    yield "names", form.names
    yield "summary", form.summary
    yield "seller", form.seller
    yield "buyer", form.buyer
    for term in form.terms:
        yield f"term {term.code}", term.names
        yield f"help {term.code}", term.help
        yield from ((f"{term.code} {code}", choice) for code, choice in term.choices.items())
        if term.unit:
            yield f"unit {term.code}", term.unit
    for state in form.states:
        yield f"state {state.code}", state.names
    for step in form.steps:
        yield f"step {step.name}", step.names
    for duty in form.duties:
        yield f"duty {duty.code}", duty.names
    for paper in form.papers:
        yield f"paper {paper.code}", paper.names
    for law in form.law:
        yield "law", law.text
        yield "source", law.source


def test_every_form_that_a_listing_may_ask_for_is_known() -> None:
    assert {form.code for form in FORMS} == set(DEAL_FORMS)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_all_texts_are_there_in_both_languages(form: Form) -> None:
    for where, words in texts(form):
        assert _CHINESE.search(words.zh), f"{form.code}, {where}: no Chinese: {words.zh}"
        assert not _CHINESE.search(words.en), f"{form.code}, {where}: Chinese: {words.en}"
        assert len(words.zh) < 160, f"{form.code}, {where}: too long"
        assert len(words.en) < 330, f"{form.code}, {where}: too long"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_every_state_is_reached_and_leads_to_an_end(form: Form) -> None:
    steps = form.steps
    reached = {form.states[0].code}
    while more := {s.target for s in steps if set(s.sources) & reached} - reached:
        reached |= more
    assert reached == {state.code for state in form.states}

    leads = {state.code for state in form.states if state.stage in ENDS}
    while more := {c for s in steps if s.target in leads for c in s.sources} - leads:
        leads |= more
    assert leads == {state.code for state in form.states}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_a_form_is_in_force_in_a_state_of_that_stage_and_ends_are_ends(form: Form) -> None:
    assert form.stage_of(form.begins_in) == "in_force"
    assert not [s for s in form.steps if any(form.stage_of(c) in ENDS for c in s.sources)]
    assert len({state.code for state in form.states}) == len(form.states)
    assert len({step.name for step in form.steps}) == len(form.steps)
    assert len({term.code for term in form.terms}) == len(form.terms)
    for step in form.steps:  # the database wants a reason where a deal ends before its time
        if form.stage_of(step.target) in ("terminated", "dropped"):
            assert step.reason, step.name


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_what_is_ambiguous_has_to_be_chosen(form: Form) -> None:
    for code in MUST_BE_CHOSEN:
        term = form.term(code)
        if term is not None:
            assert term.required, f"{form.code}: {code}"
            assert term.default is None, f"{form.code}: {code}"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_defaults_are_values_that_the_terms_take(form: Form) -> None:
    for term in form.terms:
        if term.default is not None:
            alone = CHECKS[term.type](term, term.default)
            assert alone == term.default, f"{form.code}: {term.code}"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_terms_stand_in_the_order_of_their_headings(form: Form) -> None:
    headings = [list(GROUPS).index(term.group) for term in form.terms]
    assert headings == sorted(headings)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_the_law_of_a_form_names_its_articles(form: Form) -> None:
    assert form.law
    for law in form.law:
        assert law.source.zh.strip()
        assert law.source.en.strip()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_choices_that_must_go_together_are_choices(form: Form) -> None:
    for check in form.checks:
        one, other = form.term(check.term), form.term(check.other)
        assert one is not None
        assert other is not None
        assert set(check.fits) <= set(other.choices)
        assert {each for among in check.fits.values() for each in among} <= set(one.choices)


def test_licences_say_which_kind_they_are_and_sole_is_never_called_exclusive() -> None:
    kinds = {form.code: form.licence_kind for form in FORMS if form.licence_kind}
    assert kinds == {
        "licence_exclusive": "exclusive",
        "licence_sole": "sole",
        "licence_nonexclusive": "nonexclusive",
        "licence_open": "nonexclusive",
    }
    sole = forms.get("licence_sole")
    assert sole.names == Words("排他许可", "Sole licence")
    trial = forms.get("pay_after_use").term("licence_kind")
    assert trial is not None
    assert list(trial.choices) == ["exclusive", "sole", "nonexclusive"]


def test_technology_that_does_not_exist_yet_can_only_be_worked_for() -> None:
    without = {form.code for form in FORMS if not form.needs_technology}
    assert without == {
        "development_commissioned",
        "development_cooperative",
        "consulting",
        "service",
        "invest_then_equity",
        "share_subscription",
    }


@pytest.mark.parametrize(
    ("code", "states"),
    [
        (
            "pay_after_use",
            "trial_approved insured in_use extended accepted rejected converted",
        ),
        ("share_subscription", "granted vested exercised_in_part"),
        ("invest_then_equity", "granted conversion_proposed converted repaid closed_without_fault"),
        ("equity_contribution", "contribution_due title_transferred registered"),
        ("assignment", "title_pending title_passed"),
        ("service", "working delivered accepted"),
    ],
)
def test_forms_have_states_of_their_own_while_in_force(code: str, states: str) -> None:
    own = [each.code for each in forms.get(code).states if each.code.startswith("in_force")]
    assert own == [f"in_force.{each}" for each in states.split()]


def test_a_trial_can_begin_without_insurance_and_end_in_every_way() -> None:
    form = forms.get("pay_after_use")
    ways = {(source, step.target) for step in form.steps for source in step.sources}
    assert ("in_force.trial_approved", "in_force.in_use") in ways
    assert ("in_force.insured", "in_force.in_use") in ways
    assert ("in_force.in_use", "in_force.extended") in ways
    assert ("in_force.accepted", "in_force.converted") in ways
    assert ("in_force.rejected", "in_force.converted") not in ways
    for step in ("agree", "sign", "start_use"):
        found = form.step(step)
        assert found is not None
        assert "trial_terms_fixed" in found.guards


def test_an_open_licence_is_not_negotiated() -> None:
    form = forms.get("licence_open")
    assert [s.code for s in form.states][:4] == [
        "lead",
        "terms.offered",
        "signing.notified",
        "in_force",
    ]
    steps = {each.name: each for each in form.steps}
    assert steps["draft_terms"].by == ("seller",)
    assert steps["agree"].by == ("buyer",)
    assert "offer_paid" in steps["pay"].guards


def _content(**changes: Any) -> Mapping[str, Any]:
    return {
        "code": "trial_form",
        "contract": "service",
        "names": {"zh": "试验", "en": "Test"},
        "summary": {"zh": "试验", "en": "Test"},
        "seller": {"zh": "供方", "en": "Provider"},
        "buyer": {"zh": "需方", "en": "Client"},
        **changes,
    }


def _row(**changes: Any) -> dict[str, Any]:
    words = {"zh": "试", "en": "Test"}
    return {
        "code": "one",
        "type": "text",
        "group": "scope",
        "names": words,
        "help": words,
    } | changes


NAMES = {"zh": "试", "en": "Test"}
STATE = {"code": "in_force.lost", "stage": "in_force", "names": NAMES}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"contract": "gift"}, "contract kind"),
        ({"terms": [_row(type="colour")]}, "no type"),
        ({"terms": [_row(group="misc")]}, "no group"),
        ({"terms": [_row(type="choice")]}, "no choices"),
        ({"terms": [_row(when={"term": "other", "given": True})]}, "no terms"),
        ({"terms": [_row(when={"term": "other"})]}, "condition without a value"),
        ({"value_terms": ["price"]}, "no terms"),
        ({"states": [STATE]}, "never reached"),
        (
            {
                "terms": [_row(type="money")],
                "obligations": [
                    {"kind": "a", "source": "single", "terms": {"amount": "one"}, "after": "moon"}
                ],
            },
            "wait for",
        ),
        ({"checks": [{"rule": "likes", "terms": ["one", "one"]}]}, "no rule"),
        ({"names": {"zh": " ", "en": "Test"}}, "empty text"),
        ({"clauses": ["poems"]}, "no clauses"),
        ({"papers": [{"code": "a", "names": NAMES, "template": "poster"}]}, "no layout"),
    ],
)
def test_a_form_that_does_not_hold_together_is_refused(changes: Any, says: str) -> None:
    with pytest.raises(BrokenForm, match=says):
        build(_content(**changes))


def test_a_state_without_a_way_on_is_refused() -> None:
    words = {"zh": "试", "en": "Test"}
    step = {
        "name": "go",
        "sources": ["in_force"],
        "target": "in_force.lost",
        "by": ["seller"],
        "names": words,
    }
    no_way = [
        {"name": "complete", "sources": ["in_force"]},
        {"name": "terminate", "sources": ["in_force", "signed"]},
    ]
    with pytest.raises(BrokenForm, match="without a way on"):
        build(_content(states=[STATE], steps=[step, *no_way]))


def test_a_file_is_laid_over_what_it_extends(tmp_path: Path) -> None:
    """A form from elsewhere may take over the site's own parts, and parts beside it."""
    (tmp_path / "_mine.toml").write_text(
        'seller = { zh = "供方", en = "Provider" }\nbuyer = { zh = "需方", en = "Client" }\n'
    )
    path = tmp_path / "rental.toml"
    path.write_text(
        'extends = ["common", "fees", "mine"]\ncode = "rental"\ncontract = "service"\n'
        'names = { zh = "设备共享", en = "Shared equipment" }\n'
        'summary = { zh = "按小时使用仪器。", en = "Instruments by the hour." }\n'
        '[[terms]]\ncode = "withholding_tax"\nleft_out = true\n'
        '[[terms]]\ncode = "up_front"\nnames = { zh = "使用费", en = "Fee for use" }\n'
    )
    form = forms.add(path)
    try:
        assert forms.get("rental").seller.zh == "供方"
        assert form.term("withholding_tax") is None
        fee = form.term("up_front")
        assert fee is not None
        assert fee.names.en == "Fee for use"
        assert fee.type == "money"
        with pytest.raises(BrokenForm, match="known already"):
            forms.add(path)
    finally:
        forms.remove("rental")
    assert not forms.is_form("rental")
