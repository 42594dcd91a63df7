"""Labels, parents and children, without a database."""

import pytest

from tenon.errors import NotFound
from tenon.taxonomy import catalogue


def test_label_is_given_in_the_language_asked_for() -> None:
    assert catalogue.label("region", "420100", "zh") == "武汉市"
    assert catalogue.label("region", "420100", "zh_Hans") == "武汉市"
    assert catalogue.label("region", "420100", "en") == "Wuhan"


def test_label_can_carry_its_code() -> None:
    assert catalogue.label("ipc", "G02", "en", with_code=True) == "G02 Optics"


@pytest.mark.parametrize("nothing", [None, ""])
def test_label_of_nothing_is_empty(nothing: str | None) -> None:
    assert catalogue.label("region", nothing, "zh") == ""
    assert catalogue.path_label("region", nothing, "zh") == ""
    assert catalogue.note("region", nothing, "zh") == ""


def test_label_of_an_unknown_code_says_so_instead_of_showing_it_bare() -> None:
    assert catalogue.label("ipc", "Z99", "zh") == "未收录的代码（Z99）"
    assert catalogue.label("ipc", "Z99", "en") == "Unlisted code (Z99)"
    assert catalogue.path_label("ipc", "Z99", "en") == "Unlisted code (Z99)"


@pytest.mark.parametrize(
    ("scheme", "code", "above"),
    [
        ("region", "420111", ["420100", "420000"]),
        ("region", "429004", ["420000"]),
        ("region", "420000", []),
        ("ipc", "A01", ["A"]),
        ("gbt4754", "01", ["A"]),
        ("hitech", "1.1", ["1"]),
    ],
)
def test_ancestors_come_nearest_first(scheme: str, code: str, above: list[str]) -> None:
    assert [each.code for each in catalogue.ancestors(scheme, code)] == above
    assert catalogue.lineage_codes(scheme, code) == (code, *above)


def test_ancestors_of_an_unknown_code_are_refused() -> None:
    with pytest.raises(NotFound) as caught:
        catalogue.ancestors("region", "999999")
    assert caught.value.facts == {"scheme": "region", "code": "999999"}


def test_unknown_scheme_is_refused() -> None:
    with pytest.raises(NotFound) as caught:
        catalogue.terms("colour")
    assert caught.value.code == "unknown_scheme"


def test_descendants_hold_the_term_and_everything_below_it_once() -> None:
    codes = catalogue.descendant_codes("region", "420000")
    assert codes[:3] == ("420000", "420100", "420102")
    assert len(codes) == len(set(codes)) == 117
    assert catalogue.descendant_codes("region", "420111") == ("420111",)


def test_children_of_a_leaf_are_none() -> None:
    assert catalogue.children("trl", "9") == ()


def test_path_label_reads_as_an_address_in_each_language() -> None:
    assert catalogue.path_label("region", "420111", "zh") == "湖北省武汉市洪山区"
    assert catalogue.path_label("region", "420111", "en") == "Hongshan District, Wuhan, Hubei"
    assert catalogue.path_label("ipc", "G02", "zh") == "物理 › 光学"
    assert catalogue.path_label("hitech", "1", "en") == "Electronic information"


def test_note_falls_back_to_the_label_where_the_label_says_it_all() -> None:
    assert catalogue.note("ipc", "G02", "en") == "Optics"
    assert catalogue.note("trl", "1", "zh").startswith("已观察到基本原理")
