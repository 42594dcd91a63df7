"""The public page: nobody can be told apart by it, and it says what it counts."""

from __future__ import annotations

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.insight.public.cells import LEAST, Heap, publish, total
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_need
from tests.factories.network import make_station


def heaps(sizes: list[tuple[int, int]]) -> dict[str | None, Heap]:
    """Cells of so many things by so many houses, no house in two of them."""
    found: dict[str | None, Heap] = {}
    for at, (number, houses) in enumerate(sizes):
        heap = found.setdefault(f"c{at}", Heap.of(1))
        for each in range(houses):
            heap.add(number if each == 0 else 1, [at * 100 + each])
    return found


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 6)), min_size=1, max_size=8))
def test_no_small_cell_is_told_nor_can_be_worked_out(sizes: list[tuple[int, int]]) -> None:
    """A held-back cell stands beside another, or the total is held back too."""
    made = heaps(sizes)
    cells = publish(made)
    for cell in cells:
        assert cell.held_back or not made[cell.key].small
    hidden = [each for each in cells if each.held_back]
    if len(hidden) == 1:
        assert total(made, cells).held_back
    assert sum(each.number for each in made.values()) >= sum(each.number or 0 for each in cells)


def test_a_cell_of_two_sides_wants_enough_on_each() -> None:
    heap = Heap.of(2)
    for buyer in range(5):
        heap.add(1, (1, 100 + buyer), {"CNY": 500})
    assert heap.small
    [cell] = publish({"licence": heap})
    assert (cell.number, dict(cell.sums)) == (None, {})


def test_the_page_and_its_download_hold_small_cells_back(app: Flask, committed: Session) -> None:
    """Three firms of Wuhan are counted; two of Yichang and one of Xiantao are not told."""
    make_station(committed, level="centre", region="420000")
    for region, firms in (("420100", 3), ("420500", 2), ("429004", 1)):
        for _each in range(firms):
            house = make_organisation(committed, kind="enterprise", region=region)
            make_need(committed, organisation=house, state="published")
    committed.commit()
    client = app.test_client()
    page = client.get("/statistics", headers={"Accept-Language": "en"}).text
    assert page.count("fewer than 3") >= 2
    assert "How this is counted" in page
    body = client.get("/statistics/statistics.json").get_json()
    table = body["listings"]["need.region"]
    told = {each["key"]: each["number"] for each in table["cells"]}
    assert told == {"420100": 3, "420500": None, "429004": None}
    assert table["all"]["number"] == 6
    assert body["smallest_cell_organisations"] == LEAST
    chinese = client.get("/statistics", headers={"Accept-Language": "zh-CN"}).text
    assert "少于 3 家" in chinese


def test_what_is_kept_for_the_day_stays(app: Flask, committed: Session) -> None:
    client = app.test_client()
    before = client.get("/statistics/statistics.json").get_json()
    make_need(committed, state="published")
    committed.commit()
    assert client.get("/statistics/statistics.json").get_json() == before
