"""From what people write to codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.errors import NotFound
from tenon.taxonomy import catalogue, naming
from tenon.taxonomy.catalogue import Term

terms = st.sampled_from([t for scheme in catalogue.SCHEMES for t in catalogue.terms(scheme)])
languages = st.sampled_from(["zh", "en"])
schemes = st.sampled_from(catalogue.SCHEMES)


def _alone(term: Term, language: str) -> bool:
    key = naming.normalise(term.label(language))
    same = [
        each
        for each in catalogue.terms(term.scheme)
        if key in {naming.normalise(each.label_zh), naming.normalise(each.label_en)}
    ]
    return len(same) == 1


@given(terms, languages)
def test_resolve_takes_back_every_label_that_is_unique(term: Term, language: str) -> None:
    found = naming.candidates(term.scheme, term.label(language))
    if not _alone(term, language):
        peers = [catalogue.get(term.scheme, code) for code in found]
        assert {each.label(language) for each in peers} == {term.label(language)}
    elif found:
        assert found == (term.code,)
    else:  # a district whose bare name is also borne where the files do not reach
        assert (term.scheme, term.level, term.code[:2]) in {
            ("region", 2, province) for province in ("11", "12", "31", "50")
        }


@given(terms, languages)
def test_resolve_takes_back_every_path_label(term: Term, language: str) -> None:
    written = catalogue.path_label(term.scheme, term.code, language)
    assert naming.resolve(term.scheme, written) == term.code


@given(terms)
def test_resolve_takes_back_every_code(term: Term) -> None:
    assert naming.resolve(term.scheme, f" {term.code.lower()} ") == term.code


@given(terms, languages)
def test_resolve_minds_neither_case_nor_spaces_nor_width(term: Term, language: str) -> None:
    plain = catalogue.path_label(term.scheme, term.code, language)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in plain)
    assert naming.resolve(term.scheme, f"  {wide.upper()}\n") == term.code


@given(schemes, st.text(max_size=40))
def test_candidates_of_any_text_are_known_codes_in_order(scheme: str, text: str) -> None:
    found = naming.candidates(scheme, text)
    places = [catalogue.get(scheme, code).position for code in found]
    assert places == sorted(set(places))


# One traditional character, 薴, has a simplified form that is itself traditional for another.
@given(st.text(st.characters(exclude_characters="薴", exclude_categories=["Cs"]), max_size=60))
def test_normalise_is_idempotent(text: str) -> None:
    once = naming.normalise(text)
    assert naming.normalise(once) == once


@pytest.mark.parametrize(
    ("scheme", "written", "code"),
    [
        ("region", "湖北省", "420000"),
        ("region", "湖北", "420000"),
        ("region", "Hubei Province", "420000"),
        ("region", "武汉市", "420100"),
        ("region", "武漢", "420100"),
        ("region", "Wuhan", "420100"),
        ("region", "wuhan city", "420100"),
        ("region", "洪山区", "420111"),
        ("region", "洪山", "420111"),
        ("region", "Hongshan", "420111"),
        ("region", "湖北 武汉 洪山", "420111"),
        ("region", "湖北省武汉市洪山区", "420111"),
        ("region", "武汉洪山", "420111"),
        ("region", "Hubei / Wuhan / Hongshan District", "420111"),
        ("region", "Suzhou, Anhui", "341300"),
        ("region", "安徽宿州", "341300"),
        ("region", "北京朝阳区", "110105"),
        ("region", "恩施", "422800"),
        ("region", "恩施州", "422800"),
        ("region", "恩施市", "422801"),
        ("region", "吉林", "220000"),
        ("region", "吉林市", "220200"),
        ("region", "内蒙古", "150000"),
        ("region", "新疆", "650000"),
        ("region", "伊犁", "654000"),
        ("region", "Xian", "610100"),
        ("region", "Luliang", "141100"),
        ("region", "42", "420000"),
        ("region", "4201", "420100"),
        ("region", "420111003000", "420111"),
        ("region", "320508", "320500"),
        ("region", "429000", "420000"),
        ("hitech", "电子信息", "1"),
        ("hitech", "電子信息技術", "1"),
        ("hitech", "一、电子信息", "1"),
        ("hitech", "（一）软件", "1.1"),
        ("hitech", "1.2.3", "1.2"),
        ("ipc", "g02b 6/00", "G02"),
        ("ipc", "G02B6/10", "G02"),
        ("ipc", "OPTICS", "G02"),
        ("gbt4754", "C3913", "39"),
        ("gbt4754", "3913", "39"),
        ("gbt4754", "c", "C"),
        ("gbt4754", "农、林、牧、渔服务业", "05"),
        ("trl", "TRL 6", "6"),
        ("trl", "trl-6", "6"),
        ("trl", "技术成熟度：6级", "6"),
        ("country", "usa", "US"),
        ("country", "台湾", "TW"),
        ("country", "Hong Kong", "HK"),
        ("country", "Turkiye", "TR"),
        ("country", "Cote d’Ivoire", "CI"),
        ("country", "Trinidad & Tobago", "TT"),
    ],
)
def test_resolve_understands_what_people_write(scheme: str, written: str, code: str) -> None:
    assert naming.resolve(scheme, written) == code


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("region", ""),
        ("region", "亚特兰蒂斯"),
        ("region", "Suzhou"),
        ("region", "朝阳区"),
        ("region", "990000"),
        ("region", "武汉市朝阳区"),
        ("region", "Wuhan, Anhui"),
        ("gbt4754", "O79"),  # the letter of the edition of 2011, where 79 was something else
        ("gbt4754", "98"),
        ("ipc", "G99Z extra"),
        ("trl", "0"),
        ("trl", "10"),
        ("hitech", "9"),
        ("country", "x" * 10_000),
    ],
)
def test_resolve_does_not_guess(scheme: str, written: str) -> None:
    assert naming.resolve(scheme, written) is None


def test_candidates_tell_an_ambiguous_name_from_an_unknown_one() -> None:
    assert naming.candidates("region", "Suzhou") == ("320500", "341300")
    assert naming.candidates("region", "Atlantis") == ()


def test_resolve_refuses_an_unknown_scheme() -> None:
    with pytest.raises(NotFound):
        naming.resolve("colour", "红")
