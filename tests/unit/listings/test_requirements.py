"""Requirements as understood, in the figures of the author."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tenon.listings.content import RequirementEntry
from tenon.listings.requirements import KEPT_AS_TEXT, Meaning, entries_of, lines_of, understand
from tenon.listings.views.display import figure


@pytest.mark.parametrize(
    ("text", "meaning", "written"),
    [
        ("耐温≥200℃", Meaning("at_least", "耐温", Decimal(200), None, "℃"), "200 ℃"),
        ("测温误差≤±1℃", Meaning("at_most", "测温误差", None, Decimal(1), "℃"), "1 ℃"),
        ("30-50 μm", Meaning("between", None, Decimal(30), Decimal(50), "μm"), "30–50 μm"),
        (
            "-40℃到85℃",
            Meaning("between", None, Decimal(-40), Decimal(85), "℃"),
            "-40–85 ℃",
        ),
        ("重量约3 kg", Meaning("around", "重量", Decimal(3), Decimal(3), "kg"), "3 kg"),
        ("功率≤2.5kW", Meaning("at_most", "功率", None, Decimal("2.5"), "kW"), "2.5 kW"),
    ],
)
def test_understand_gives_the_figures_as_written(text: str, meaning: Meaning, written: str) -> None:
    assert understand(text) == meaning
    assert figure(understand(text)) == written


@pytest.mark.parametrize("text", ["对人眼安全", "", "损耗低于0.0000000001 nm"])
def test_understand_keeps_as_text_what_has_no_figure_that_fits(text: str) -> None:
    assert understand(text) == KEPT_AS_TEXT


def test_lines_and_entries_are_each_others_reverse() -> None:
    entries = entries_of("耐温≥200℃\n\n ？ 价格低 \n?轻")
    assert entries == (
        RequirementEntry("耐温≥200℃"),
        RequirementEntry("价格低", "wish"),
        RequirementEntry("轻", "wish"),
    )
    assert entries_of(lines_of(entries)) == entries
