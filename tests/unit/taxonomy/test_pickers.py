"""Choices for select elements and search by words."""

import pytest

from tenon.taxonomy import catalogue, pickers


def _found(words: str, *schemes: str, limit: int = 20) -> list[tuple[str, str]]:
    terms = pickers.search(words, schemes or catalogue.SCHEMES, limit=limit)
    return [(each.scheme, each.code) for each in terms]


def test_flat_scheme_is_one_group_without_a_heading() -> None:
    [group] = pickers.as_choices("trl", "en")
    assert group.label == ""
    assert group.choices[0] == ("1", "Basic principles")
    assert len(group.choices) == 9


def test_groups_are_headed_by_the_topmost_terms_and_begin_with_them() -> None:
    groups = pickers.as_choices("hitech", "zh", 2)
    assert [group.label for group in groups][:2] == ["电子信息", "生物与新医药"]
    assert groups[2].choices == [("3", "航空航天"), ("3.1", "航空技术"), ("3.2", "航天技术")]


def test_depth_limits_the_levels() -> None:
    [provinces] = pickers.as_choices("region", "en", 1)
    assert len(provinces.choices) == 34
    hubei = dict(pickers.as_choices("region", "en", 2))["Hubei"]
    assert len(hubei) == 18


def test_deeper_choices_say_what_they_lie_in() -> None:
    assert dict(pickers.flat_choices("region", "zh"))["420111"] == "武汉市 洪山区"
    assert dict(pickers.flat_choices("region", "en"))["420111"] == "Hongshan District, Wuhan"


def test_choices_can_carry_their_codes() -> None:
    assert dict(pickers.flat_choices("ipc", "en", with_code=True))["G02"] == "G02 Optics"


@pytest.mark.parametrize("scheme", catalogue.SCHEMES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_choices_offer_every_term_once(scheme: str, language: str) -> None:
    offered = [code for code, _ in pickers.flat_choices(scheme, language)]
    assert sorted(offered) == sorted(each.code for each in catalogue.terms(scheme))


def test_countries_read_by_their_english_names_in_english_with_china_first() -> None:
    names = [name for _, name in pickers.flat_choices("country", "en")]
    assert names[:6] == [
        "China",
        "Hong Kong, China",
        "Macao, China",
        "Taiwan, China",
        "Afghanistan",
        "Åland Islands",
    ]
    assert names[-1] == "Zimbabwe"


def test_search_puts_an_exact_name_first() -> None:
    assert _found("光学")[0] == ("ipc", "G02")
    assert _found("wuhan")[0] == ("region", "420100")


def test_search_finds_two_characters_inside_a_name() -> None:
    assert ("gbt4754", "36") in _found("汽车")
    assert ("hitech", "8.7") in _found("汽车")


def test_search_finds_simplified_names_by_traditional_characters() -> None:
    assert _found("武漢", "region") == [("region", "420100")]


def test_search_wants_all_words_in_any_order() -> None:
    assert _found("vehicle rail", "hitech") == [("hitech", "8.7")]
    assert _found("vehicle rail bread", "hitech") == []


def test_search_reads_the_full_wording_after_the_names() -> None:
    assert _found("holography", "ipc") == [("ipc", "G03")]
    assert _found("hunting", "ipc") == [("ipc", "A01")]  # only in the note


def test_search_prefers_higher_levels_among_equals() -> None:
    assert _found("制造", "gbt4754")[0] == ("gbt4754", "C")


def test_search_keeps_to_the_schemes_and_the_limit() -> None:
    found = _found("技术", "hitech", limit=3)
    assert len(found) == 3
    assert {scheme for scheme, _ in found} == {"hitech"}


@pytest.mark.parametrize("words", ["", "  ", "，。"])
def test_search_for_nothing_finds_nothing(words: str) -> None:
    assert _found(words) == []
