"""The data files are complete in both languages and agree with what is known of each scheme."""

import re
from collections import Counter

import pytest

from tenon.taxonomy import catalogue

ALL_TERMS = [term for scheme in catalogue.SCHEMES for term in catalogue.terms(scheme)]


def _codes(scheme: str, level: int | None = None) -> list[str]:
    return [each.code for each in catalogue.terms(scheme) if level in (None, each.level)]


@pytest.mark.parametrize(
    ("scheme", "per_level"),
    [
        ("ipc", [8, 132]),
        ("hitech", [8, 52]),
        ("gbt4754", [20, 97]),
        ("country", [249]),
        ("trl", [9]),
    ],
)
def test_scheme_has_the_known_number_of_terms_on_each_level(
    scheme: str, per_level: list[int]
) -> None:
    counted = Counter(each.level for each in catalogue.terms(scheme))
    assert [counted[level] for level in sorted(counted)] == per_level


def test_no_label_is_empty_and_notes_come_in_both_languages_or_neither() -> None:
    assert [t.code for t in ALL_TERMS if not t.label_zh.strip() or not t.label_en.strip()] == []
    assert [t.code for t in ALL_TERMS if bool(t.note_zh) != bool(t.note_en)] == []


def test_no_wording_has_stray_spaces() -> None:
    wordings = [
        text
        for t in ALL_TERMS
        for text in (t.label_zh, t.label_en, t.note_zh, t.note_en, *t.aliases)
    ]
    assert [text for text in wordings if text != text.strip() or "  " in text] == []


def test_chinese_labels_are_chinese_and_english_labels_are_not() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    assert [t.code for t in ALL_TERMS if not han.search(t.label_zh)] == []
    assert [t.code for t in ALL_TERMS if han.search(t.label_en + t.note_en)] == []


def test_english_labels_begin_with_a_capital_and_do_not_shout() -> None:
    def shouts(label: str) -> bool:
        return any(len(word) > 2 and word.isupper() for word in re.findall(r"[A-Za-z]+", label))

    assert [t.label_en for t in ALL_TERMS if not t.label_en[0].isupper()] == []
    assert [t.label_en for t in ALL_TERMS if shouts(t.label_en)] == []


@pytest.mark.parametrize("scheme", ["ipc", "hitech", "gbt4754", "trl"])
def test_english_labels_are_in_sentence_case(scheme: str) -> None:
    proper = {"Chinese", "Communist", "Party", "China", "IT"}
    capitals = {
        word
        for term in catalogue.terms(scheme)
        for word in re.findall(r"\b[A-Z]\w*", term.label_en[1:])
    }
    assert capitals - proper == set()


@pytest.mark.parametrize("scheme", catalogue.SCHEMES)
def test_labels_are_short_enough_for_a_list_and_for_the_table(scheme: str) -> None:
    assert max(len(t.label_zh) for t in catalogue.terms(scheme)) <= 24
    assert max(len(t.label_en) for t in catalogue.terms(scheme)) <= 80


@pytest.mark.parametrize("language", ["zh", "en"])
def test_siblings_have_different_labels(language: str) -> None:
    counted = Counter((t.scheme, t.parent_code, t.label(language)) for t in ALL_TERMS)
    assert [key for key, count in counted.items() if count > 1] == []


def test_aliases_name_one_term_and_never_hide_anothers_label() -> None:
    labels = {(t.scheme, text): t.code for t in ALL_TERMS for text in (t.label_zh, t.label_en)}
    counted = Counter((t.scheme, alias) for t in ALL_TERMS for alias in t.aliases)
    assert [key for key, count in counted.items() if count > 1] == []
    assert [key for key in counted if key in labels] == []


def test_parents_exist_stand_before_their_children_and_never_form_a_ring() -> None:
    for term in ALL_TERMS:
        above = catalogue.ancestors(term.scheme, term.code)
        assert term.code not in {each.code for each in above}
        assert len({each.code for each in above}) == len(above) == term.level - 1
        assert all(each.position < term.position for each in above)


def test_ipc_sections_and_class_codes_are_well_formed() -> None:
    assert _codes("ipc", 1) == list("ABCDEFGH")
    assert [c for c in _codes("ipc", 2) if not re.fullmatch(r"[A-H]\d\d", c)] == []
    assert all(t.code[0] == t.parent_code for t in catalogue.terms("ipc") if t.level == 2)


def test_ipc_has_the_classes_that_the_reference_table_leaves_out() -> None:
    assert {"A21", "B09", "C01", "G06", "H01", "H10"} <= set(_codes("ipc", 2))


def test_hitech_fields_stand_in_the_official_order() -> None:
    assert [t.label_zh for t in catalogue.children("hitech")] == [
        "电子信息",
        "生物与新医药",
        "航空航天",
        "新材料",
        "高技术服务",
        "新能源与节能",
        "资源与环境",
        "先进制造与自动化",
    ]
    assert [len(catalogue.children("hitech", str(n))) for n in range(1, 9)] == [
        8, 7, 2, 6, 8, 4, 8, 9,
    ]  # fmt: skip


def test_industries_run_from_a_to_t_and_from_01_to_97() -> None:
    assert _codes("gbt4754", 1) == list("ABCDEFGHIJKLMNOPQRST")
    assert _codes("gbt4754", 2) == [f"{n:02}" for n in range(1, 98)]


@pytest.mark.parametrize(
    ("code", "label_2017"),
    [
        ("05", "农、林、牧、渔专业及辅助性活动"),
        ("11", "开采专业及辅助性活动"),
        ("25", "石油、煤炭及其他燃料加工业"),
        ("50", "建筑装饰、装修和其他建筑业"),
        ("58", "多式联运和运输代理业"),
        ("59", "装卸搬运和仓储业"),
        ("79", "土地管理业"),
        ("87", "广播、电视、电影和录音制作业"),
        ("96", "基层群众自治组织及其他组织"),
    ],
)
def test_industries_are_worded_as_in_the_edition_of_2017(code: str, label_2017: str) -> None:
    assert catalogue.label("gbt4754", code, "zh") == label_2017


def test_regions_hold_34_provinces_and_every_unit_of_hubei() -> None:
    hubei = catalogue.children("region", "420000")
    below = [c for c in catalogue.descendant_codes("region", "420000") if not c.endswith("00")]
    assert len(_codes("region", 1)) == 34
    assert {"710000", "810000", "820000"} <= set(_codes("region", 1))
    assert len(hubei) == 17
    assert [t.label_zh for t in hubei[-4:]] == ["仙桃市", "潜江市", "天门市", "神农架林区"]
    assert len(below) == 103
    assert len(catalogue.children("region", "420100")) == 13


def test_every_province_of_the_mainland_has_units_below_it() -> None:
    bare = [c for c in _codes("region", 1) if not catalogue.children("region", c)]
    assert bare == ["710000", "810000", "820000"]


def test_region_codes_lie_in_their_province() -> None:
    for term in catalogue.terms("region"):
        assert re.fullmatch(r"[1-8]\d{5}", term.code)
        assert catalogue.lineage_codes("region", term.code)[-1] == f"{term.code[:2]}0000"


@pytest.mark.parametrize(
    ("code", "english"),
    [
        ("610000", "Shaanxi"),
        ("140000", "Shanxi"),
        ("500000", "Chongqing"),
        ("540000", "Xizang"),
        ("610100", "Xi'an"),
        ("341500", "Lu'an"),
        ("341600", "Bozhou"),
        ("430100", "Changsha"),
        ("350200", "Xiamen"),
        ("331000", "Taizhou"),
        ("340300", "Bengbu"),
        ("150100", "Hohhot"),
        ("650100", "Urumqi"),
        ("420104", "Qiaokou District"),
        ("420111", "Hongshan District"),
        ("420114", "Caidian District"),
        ("420116", "Huangpi District"),
        ("420304", "Yunyang District"),
        ("420322", "Yunxi County"),
        ("420505", "Xiaoting District"),
        ("420527", "Zigui County"),
        ("420581", "Yidu"),
        ("421088", "Jianli"),
        ("421125", "Xishui County"),
        ("421126", "Qichun County"),
        ("422800", "Enshi Tujia and Miao Autonomous Prefecture"),
        ("429021", "Shennongjia Forestry District"),
        ("500230", "Fengdu County"),
        ("500115", "Changshou District"),
    ],
)
def test_names_with_special_readings_are_spelt_right(code: str, english: str) -> None:
    assert catalogue.label("region", code, "en") == english


def test_countries_are_worded_as_in_chinas_official_lists() -> None:
    assert [(t.code, t.label_zh, t.label_en) for t in catalogue.terms("country")[:4]] == [
        ("CN", "中国", "China"),
        ("HK", "中国香港", "Hong Kong, China"),
        ("MO", "中国澳门", "Macao, China"),
        ("TW", "中国台湾", "Taiwan, China"),
    ]
    assert [c for c in _codes("country") if not re.fullmatch("[A-Z]{2}", c)] == []


def test_each_readiness_level_has_a_definition_of_one_sentence() -> None:
    assert _codes("trl") == [str(n) for n in range(1, 10)]
    for term in catalogue.terms("trl"):
        assert (term.note_zh.count("。"), term.note_zh[-1]) == (1, "。")
        assert (term.note_en.count("."), term.note_en[-1]) == (1, ".")
