"""Requirements against statements, in both languages."""

from __future__ import annotations

import math

import pytest

from matching.cues import Comparison
from matching.requirements import check_all, find_requirements, parse_all, parse_requirement
from matching.results import Verdict

MET, PARTLY, NOT_MET = Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET
NOT_STATED, NOT_COMPARABLE = Verdict.NOT_STATED, Verdict.NOT_COMPARABLE


@pytest.mark.parametrize(
    ("text", "quantity", "comparison", "low", "high"),
    [
        ("耐温≥200℃", "heat_resistance", Comparison.AT_LEAST, 473.15, math.inf),
        ("耐温200℃以上", "heat_resistance", Comparison.AT_LEAST, 473.15, math.inf),
        ("成本低于30元/kg", "price", Comparison.AT_MOST, -math.inf, 30),
        ("处理成本控制在每吨800元以内", "price", Comparison.AT_MOST, -math.inf, 0.8),
        ("寿命10^6次以上", "life", Comparison.AT_LEAST, 1e6, math.inf),
        ("粒径30-50 μm", "size", Comparison.RANGE, 30e-6, 50e-6),
        ("单价不超过3~5万元", "price", Comparison.AT_MOST, -math.inf, 5e4),
        ("准确率至少 95 %", "accuracy", Comparison.AT_LEAST, 0.95, math.inf),
        ("at least 95 % correct", "accuracy", Comparison.AT_LEAST, 0.95, math.inf),
        ("accuracy no less than 95 %", "accuracy", Comparison.AT_LEAST, 0.95, math.inf),
        ("cost no more than 20 USD", "price", Comparison.AT_MOST, -math.inf, 20),
        ("定位精度±2 cm", "precision", Comparison.AT_MOST, -math.inf, 0.02),
        ("反应温度低于一百度", "process_temperature", Comparison.AT_MOST, -math.inf, 373.15),
        ("准确率95%", "accuracy", Comparison.AT_LEAST, 0.95, math.inf),
        ("定位误差0.01 mm", "precision", Comparison.AT_MOST, -math.inf, 1e-5),
    ],
)
def test_requirement_is_read(
    text: str, quantity: str, comparison: Comparison, low: float, high: float
) -> None:
    found = parse_requirement(text)

    assert (found.quantity, found.comparison) == (quantity, comparison)
    assert math.isclose(found.low, low, rel_tol=1e-9)
    assert math.isclose(found.high, high, rel_tol=1e-9)


def test_a_question_mark_makes_a_wish() -> None:
    wish, must = parse_all(["？耐温≥200℃", "耐温≥200℃"])

    assert (wish.wish, wish.text, must.wish) == (True, "耐温≥200℃", False)


def test_text_without_a_figure_is_not_measurable() -> None:
    assert not parse_requirement("可提供样机").measurable


@pytest.mark.parametrize(
    ("requirement", "text", "verdict", "found"),
    [
        ("耐温≥200℃", "该涂层耐温达230℃，粒径为20 μm。", MET, "230℃"),
        ("耐温≥200℃", "The coating withstands temperatures up to 180 °C.", NOT_MET, "180 °C"),
        ("耐温≥200℃", "The coating withstands 500 °F for long.", MET, "500 °F"),
        ("耐温≥200℃", "样品在 250 ℃ 下烧结2 h。", NOT_STATED, None),
        ("耐温≥200℃", "粒径为250 μm，寿命300次。", NOT_STATED, None),
        ("成本低于30元/kg", "原料成本约为25元/公斤。", MET, "25元/公斤"),
        ("成本低于30元/kg", "材料成本为2.8万元/吨。", MET, "2.8万元/吨"),
        ("成本低于30元/kg", "每公斤成本35元。", NOT_MET, "35元"),
        ("成本低于30元/kg", "本品成本为每台200元。", NOT_COMPARABLE, None),
        ("成本低于30元/kg", "传统工艺成本为20元/kg。", NOT_STATED, None),
        ("寿命10^6次以上", "疲劳寿命达到200万次。", MET, "200万次"),
        ("粒径30-50 μm", "平均粒径为0.04毫米。", MET, "0.04毫米"),
        ("粒径30-50 μm", "粒径为40~80 μm。", PARTLY, "40~80 μm"),
        ("准确率至少95%", "The accuracy is 97.3% on 5,000 images.", MET, "97.3%"),
        ("at least 95 % correct", "识别准确率达到93.5%。", NOT_MET, "93.5%"),
        ("去除率90%以上", "COD的去除率可达到85%~92%。", PARTLY, "85%~92%"),
        ("工作温度-40~85℃", "operating temperature range of -40 to 125 °C", MET, None),
        ("工作温度-40~85℃", "工作温度为0~60℃。", PARTLY, "0~60℃"),
        ("响应时间小于10 ms", "系统响应时间为 0.5 s。", NOT_MET, "0.5 s"),
        ("可提供样机", "已有样机3台。", NOT_COMPARABLE, None),
        ("Response time below 1 min", "系统的响应时间为30秒。", MET, "30秒"),
    ],
)
def test_requirement_is_compared(
    requirement: str, text: str, verdict: Verdict, found: str | None
) -> None:
    (checked,) = check_all(parse_all([requirement]), text)

    assert checked.verdict == verdict
    if found is not None:
        assert checked.found == found
    if checked.sentence is not None:
        assert checked.sentence in text


def test_of_several_statements_the_best_of_the_nearest_decides() -> None:
    text = "第一代产品耐温达180℃。第二代产品耐温达240℃。"
    (checked,) = check_all(parse_all(["耐温≥200℃"]), text)

    assert (checked.verdict, checked.sentence) == (MET, "第二代产品耐温达240℃。")


def test_a_quantity_beyond_the_table_is_matched_by_its_words() -> None:
    (checked,) = check_all(parse_all(["回弹幅度≥30 mm"]), "材料的回弹幅度达到35 mm，粒径为2 mm。")

    assert (checked.verdict, checked.found) == (MET, "35 mm")


def test_requirements_are_found_in_running_text() -> None:
    text = "我们治理镉超标，要求去除率不低于95%，处理成本控制在每吨0.8元以内；已有设备3台。"

    assert find_requirements(text) == ("要求去除率不低于95%", "处理成本控制在每吨0.8元以内")


def test_two_requirements_of_one_clause_are_parted() -> None:
    text = "Operating temperature at least 85 °C and a service life of at least 10 years."

    assert find_requirements(text)[-1] == "a service life of at least 10 years"
