"""Papers of every form, composed of plain facts: nothing agreed is left unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tenon.deals import forms, terms
from tenon.deals.forms.schema import Form, Term, Words
from tenon.deals.papers.composing import compose
from tenon.deals.papers.gathering import Facts, Party, Right, Signatory
from tenon.deals.papers.paper import Paper

FORMS = forms.all_forms()
HOUSES = (Words("示例理工大学", "Example Polytechnic"), Words("云杉换热公司", "Spruce Heat"))
PLACES = (Words("湖北省武汉市", "Wuhan, Hubei"), Words("江苏省", "Jiangsu"))


def example(term: Term | None, choice: int = 0) -> Any:
    """One value that a term takes; of choices the one at ``choice``, counted round."""
    assert term is not None
    codes = list(term.choices)
    return {
        "money": {"minor": 12_345_678, "currency": "CNY"},
        "percent": "7.5",
        "number": "98.5",
        "date": date(2031, 5, 17).isoformat(),
        "text": f"约定的{term.names.zh}",
        "boolean": choice % 2 == 0,
        "choice": codes[choice % len(codes)] if codes else None,
        "many": codes,
        "tiers": [{"from": 0, "rate": "5"}],
        "rates": ["5"],
        "instalments": [
            {"title": "首付", "minor": 12_345_678, "on": None, "after": "signed", "days": 0}
        ],
        "milestones": [{"title": "样机", "criterion": "通过", "minor": 5, "due": None}],
        "vesting": [{"on": "2028-01-01", "percent": "100"}],
        "territory": ["CN"],
        "fields_of_use": ["电池"],
    }.get(term.type, max(term.low or 1, 2))


def agreed(form: Form, choice: int, *, optional: bool) -> dict[str, Any]:
    """Whole terms of a form: all choices at ``choice``; with every optional term, where told."""
    values: dict[str, Any] = {}
    for _ in range(len(form.terms)):
        more = {
            term.code: example(term, choice)
            for term in form.terms
            if (term.required or optional) and term.asked(values) and term.code not in values
        }
        if not more:
            break
        values |= more
    return values


def facts_of(form: Form, values: dict[str, Any], **changes: Any) -> Facts:
    """A university and a firm, one result, one patent, both sign."""
    seller, buyer = (
        Party(role, name, place, None)
        for role, name, place in zip((form.seller, form.buyer), HOUSES, PLACES, strict=True)
    )
    facts = Facts(
        title="光纤测温",
        form=form,
        number=3,
        state="accepted",
        sha256="3fa9" * 16,
        side="seller",
        proposed_on=date(2027, 1, 15),
        values=values,
        currency="CNY",
        seller=seller,
        buyer=buyer,
        introduced=True,
        results=(Words("光纤测温装置", "A fibre-optic thermometer"),),
        needs=(Words("高温管道测温", "Measuring hot pipes"),),
        rights=(Right("invention", "ZL202110123456.7", "granted", date(2021, 3, 2)),),
        nda=None,
        signers=tuple(Signatory(each.name, each.role) for each in (seller, buyer)),
    )
    return replace(facts, **changes)


def text_of(paper: Paper) -> str:
    """All words of a paper."""
    lines = [paper.title, paper.subtitle, paper.mark, paper.footer]
    lines += [line for row in paper.opening for line in (row.name, *row.lines)]
    for part in paper.parts:
        lines.append(part.heading)
        lines += [line for item in part.items for line in item.lines]
        lines += [line for row in part.rows for line in (row.name, *row.lines)]
    return "\n".join(lines)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("optional", [False, True])
def test_every_agreed_term_is_said_whatever_was_chosen(
    form: Form, language: str, optional: bool
) -> None:
    for choice in range(5):
        values = agreed(form, choice, optional=optional)
        assert terms.missing(form, values) == []
        text = text_of(compose("contract", facts_of(form, values), language))
        assert "{" not in text
        for term in form.terms:
            if term.type in ("money", "text", "date", "number") and term.code in values:
                told = terms.words(term, values[term.code], language).split("\n")[0]
                assert told in text, f"{term.code}, choice {choice}"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_articles_are_numbered_without_a_gap_and_none_is_empty(form: Form) -> None:
    paper = compose("contract", facts_of(form, agreed(form, 0, optional=False)), "en")
    articles = paper.parts[1:]
    assert [part.heading.split(".")[0] for part in articles] == [
        str(number) for number in range(1, len(articles) + 1)
    ]
    for number, part in enumerate(articles, start=1):
        assert [item.number for item in part.items] == [
            f"{number}.{place}" for place in range(1, len(part.items) + 1)
        ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_have_the_same_articles(form: Form, language: str) -> None:
    facts = facts_of(form, agreed(form, 1, optional=True))
    paper, other = compose("contract", facts, language), compose("contract", facts, "zh")
    assert [len(part.items) for part in paper.parts] == [len(part.items) for part in other.parts]


def test_the_kind_of_a_licence_is_said_in_the_words_of_the_law() -> None:
    found = {}
    for code in ("licence_exclusive", "licence_sole", "licence_nonexclusive"):
        form = forms.get(code)
        paper = compose("contract", facts_of(form, agreed(form, 0, optional=False)), "en")
        found[code] = text_of(paper)
    assert "not even the licensor" in found["licence_exclusive"]
    assert "a sole licence" in found["licence_sole"]
    assert "exclusive licence" not in found["licence_sole"]
    assert "non-exclusive licence" in found["licence_nonexclusive"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("proposed", "Draft: this version has not been accepted"),
        ("replaced", "Superseded by a later version"),
        ("declined", "was not accepted and binds nobody"),
        ("withdrawn", "was not accepted and binds nobody"),
        ("accepted", "it is made when all signers have signed"),
    ],
)
def test_a_paper_says_first_how_its_version_stands(state: str, said: str) -> None:
    form = forms.get("service")
    values = agreed(form, 0, optional=False)
    assert said in compose("contract", facts_of(form, values, state=state), "en").mark


def test_the_confidentiality_agreement_of_the_introduction_is_named_with_its_hash() -> None:
    form = forms.get("service")
    values = agreed(form, 0, optional=False)
    without = text_of(compose("contract", facts_of(form, values), "zh"))
    nda = (date(2026, 12, 1), "ab12" * 16)
    text = text_of(compose("contract", facts_of(form, values, nda=nda), "zh"))
    assert "ab12" * 16 not in without
    assert "双方于 2026年12月1日经平台确认的保密协议" in text
    assert "ab12" * 16 in text


def test_braces_that_somebody_typed_stay_as_they_are() -> None:
    form = forms.get("service")
    values = {**agreed(form, 0, optional=False), "subject": "测量 {up_front} 与 {0}"}
    paper = compose("contract", facts_of(form, values, title="{form}"), "zh")
    assert "测量 {up_front} 与 {0}" in text_of(paper)
    assert paper.subtitle == "{form}"


def test_sums_in_another_currency_are_not_written_in_yuan() -> None:
    form = forms.get("service")
    fee = {"minor": 5_000_00, "currency": "USD"}
    values = {**agreed(form, 0, optional=False), "payment_mode": "single", "up_front": fee}
    text = text_of(compose("contract", facts_of(form, values), "zh"))
    assert "5,000.00 美元" in text
    assert "大写" not in text
