"""Charts as data: numbers in words, tiles of the map, what a script draws from."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from tenon.insight.charts import Chart, Series, region_chart, tiles_of, write
from tenon.insight.measures import Scope, Value
from tenon.insight.measures.rolling import roll_up
from tenon.taxonomy.queries import find, terms

_DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (1234567, "count", "1,234,567", "1,234,567"),
        (None, "count", "–", "–"),
        (Decimal("66.666"), "percent", "66.7%", "66.7%"),
        (12, "days", "12 天", "12 d"),
        (123_456_700_000, "money:CNY", "12.35 亿元", "CN¥1,234,567,000"),
        (2_340_000, "money:CNY", "2.34 万元", "CN¥23,400"),
        (2_340_000, "money:USD", "2.34 万 USD", "$23,400"),
        (-2_340_000, "money:CNY", "-2.34 万元", "-CN¥23,400"),
    ],
)
def test_numbers_as_readers_of_each_language_write_them(
    value: Decimal | int | None, unit: str, zh: str, en: str
) -> None:
    assert (write(value, unit, "zh"), write(value, unit, "en")) == (zh, en)


def test_hubei_has_a_tile_for_each_city_and_no_two_in_one_place() -> None:
    tiles = tiles_of("420000")
    below = {each.code for each in terms("region") if each.parent_code == "420000"}
    assert set(tiles) == below
    assert len({each.at for each in tiles.values()}) == len(tiles) == 17
    assert tiles_of("330000") == {}


def test_every_city_rolls_up_to_a_code_that_the_terms_carry() -> None:
    """Xiantao (429004) lies directly below the province, beside its prefectures."""
    scope = Scope(first=_DAY, last=_DAY, region="420000")
    for code in ("420100", "429004", "429021", "422800"):
        [part] = roll_up({code: Value(1)}, "region", scope, nothing=Value())
        assert part.key == code
        assert find("region", code) is not None


def test_a_map_shows_every_city_and_keeps_what_lies_elsewhere_in_the_table() -> None:
    drawn = region_chart(
        key="map",
        title="Needs",
        by="Region",
        below="420000",
        codes=["420100", None],
        labels=["Wuhan", "Not stated"],
        series=[Series(name="Needs", values=[5, 2], links=["/list", None])],
        language="en",
    )
    assert drawn.kind == "map"
    assert len(drawn.labels) == 18
    data = json.loads(drawn.json("en"))
    assert data["places"][0] == list(tiles_of("420000")["420100"].at)
    assert data["places"][1] == [-1, -1]
    assert data["series"][0]["values"][:3] == [5, 2, 0]
    assert data["links"][:2] == ["/list", None]


def test_regions_that_are_not_laid_out_are_bars() -> None:
    drawn = region_chart(
        key="map", title="t", by="b", below="330000", codes=["330100"], labels=["杭州市"],
        series=[Series(name="n", values=[5])], language="zh",
    )  # fmt: skip
    assert (drawn.kind, list(drawn.labels)) == ("bar", ["杭州市"])


def test_bars_on_paper_are_shares_of_the_longest() -> None:
    drawn = Chart(
        key="k", kind="bar", title="t", by="b", labels=["a", "b", "c"],
        series=[
            Series(name="hidden", values=[100, 100, 100], drawn=False),
            Series(name="n", values=[10, 5, None]),
        ],
    )  # fmt: skip
    assert drawn.bars() == [1.0, 0.5, 0.0]
    assert not drawn.empty
