"""Clauses as data, and the small arts of a Chinese contract: capitals and numbered articles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.deals import forms
from tenon.deals.forms.schema import GROUPS, Form
from tenon.deals.papers import clauses
from tenon.deals.papers.capitals import capitals
from tenon.deals.papers.composing import _numeral

FORMS = forms.all_forms()
GIVEN = {"seller", "buyer", "nda_date", "nda_hash"}
"""What clauses may name besides terms."""
ASKED = {"form", "works", "technology", "licence_kind"}
"""What conditions of clauses may ask besides terms."""


@pytest.mark.parametrize(
    ("fen", "written"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (12, "壹角贰分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1_000_00, "壹仟元整"),
        (1_001_00, "壹仟零壹元整"),
        (1_010_00, "壹仟零壹拾元整"),
        (10_000_00, "壹万元整"),
        (10_001_00, "壹万零壹元整"),
        (50_000_000, "伍拾万元整"),
        (100_500_00, "壹拾万零伍佰元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (120_000_000_00, "壹亿贰仟万元整"),
        (12_345_678, "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        (1_000_000_000_000_00, "壹万亿元整"),
    ],
)
def test_sums_are_written_in_capitals(fen: int, written: str) -> None:
    assert capitals(fen) == written


_VALUES = {each: number for number, each in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACES = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(written: str) -> int:
    """Return the fen that capitals say, read character by character."""
    yuan, _, rest = written.partition("元") if "元" in written else ("", "", written)
    total = part = digit = 0
    for each in yuan.replace("万亿", "兆"):
        if each in _VALUES:
            digit = _VALUES[each]
        elif each in _PLACES:
            part, digit = part + digit * _PLACES[each], 0
        else:
            total += (part + digit) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[each]
            part = digit = 0
    fen = (total + part + digit) * 100
    for each, worth in (("角", 10), ("分", 1)):
        if each in rest:
            fen += _VALUES[rest[rest.index(each) - 1]] * worth
    return fen


@given(st.integers(0, 10**18 - 1))
def test_capitals_say_the_sum_and_never_two_noughts_in_a_row(fen: int) -> None:
    written = capitals(fen)
    assert read_back(written) == fen
    assert "零零" not in written
    assert written.endswith("整" if fen % 10 == 0 else "分")


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_sums_beyond_the_characters_are_refused(fen: int) -> None:
    with pytest.raises(ValueError, match="capitals"):
        capitals(fen)


@pytest.mark.parametrize(
    ("number", "written"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (23, "二十三")]
)
def test_articles_are_numbered_as_chinese_contracts_do(number: int, written: str) -> None:
    assert _numeral(number) == written


def used(form: Form) -> list[clauses.Paragraph]:
    """All paragraphs that a form's contract may hold."""
    return [each for part in clauses.sections(form.clauses) for each in part.paragraphs]


def test_what_a_clause_names_is_a_term_of_a_form_that_uses_it() -> None:
    known: dict[clauses.Paragraph, set[str]] = {}
    for form in FORMS:
        codes = {each.code for each in form.terms}
        for paragraph in used(form):
            known.setdefault(paragraph, set()).update(codes)
    for paragraph, codes in known.items():
        assert paragraph.names() <= codes | GIVEN, paragraph.text.en
        assert set(paragraph.says) <= codes | ASKED, paragraph.text.en
        for condition in (paragraph.when, *paragraph.unless):
            if condition is not None:
                assert set(condition.names()) <= codes | ASKED, paragraph.text.en


def test_conditions_of_clauses_ask_for_choices_that_exist() -> None:
    for form in FORMS:
        for paragraph in used(form):
            for condition in (paragraph.when, *paragraph.unless):
                for each in () if condition is None else (condition, *condition.also):
                    term = form.term(each.term)
                    if term is not None and term.type == "choice":
                        offered = {c for f in FORMS if (t := f.term(each.term)) for c in t.choices}
                        assert set(each.among) <= offered, paragraph.text.en


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_both_languages_of_a_clause_name_the_same_terms(form: Form) -> None:
    for paragraph in used(form):
        zh = set(clauses.PLACE.findall(paragraph.text.zh)) - {"seller", "buyer"}
        assert zh == set(clauses.PLACE.findall(paragraph.text.en)) - {"seller", "buyer"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_every_choice_is_said_by_a_clause_or_stands_as_a_line(form: Form) -> None:
    """A heading has one article to which terms that no clause says are added."""
    homes = [group for part in clauses.sections(form.clauses) for group in part.groups]
    assert len(homes) == len(set(homes))
    assert set(homes) <= set(GROUPS)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.code)
def test_a_contract_has_what_every_contract_needs(form: Form) -> None:
    found = [each.code for each in clauses.sections(form.clauses)]
    for wanted in ("definitions", "subject", "price", "confidentiality", "breach", "disputes"):
        assert wanted in found
    assert found[-1] == "final"
