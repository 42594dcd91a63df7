"""Comparing two sets of weights on words that neither was fitted to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.learning.comparing import compare, standing
from matching.learning.examination import Examination
from matching.learning.examples import Page, Shown
from tests.unit.matching.learning.simulated import AS_SHIPPED, OTHER_WISHES, SHIPPED, World

EXAMINED = Examination()
FLAT = replace(SHIPPED, features=dict.fromkeys(SHIPPED.features, 0.0))


def test_praise_on_top_and_blame_at_the_bottom_is_the_best_there_is() -> None:
    page = Page(1, 0, (Shown(0.9, {}, 1, 1.0), Shown(0.5, {}, 2), Shown(0.1, {}, 3)))
    assert standing([page], SHIPPED, EXAMINED) == pytest.approx(standing([page], FLAT, EXAMINED))
    assert standing([page], SHIPPED, EXAMINED).gain == 1.0
    assert standing([page], SHIPPED, EXAMINED).in_order == 1.0
    declined = replace(page, shown=(*page.shown[:2], Shown(0.1, {}, 3, -1.0)))
    assert standing([declined], SHIPPED, EXAMINED).in_order == 1.0
    worst = replace(page, shown=(Shown(0.9, {}, 1, -1.0), *page.shown[1:]))
    assert standing([worst], SHIPPED, EXAMINED).in_order == 0.0
    assert standing([worst], SHIPPED, EXAMINED).gain == -1.0


def test_what_scores_alike_shares_the_middle_rank() -> None:
    page = Page(1, 0, (Shown(0.5, {}, 1, 1.0), Shown(0.5, {}, 2), Shown(0.5, {}, 3)))
    assert standing([page], SHIPPED, EXAMINED).in_order == 0.5


def test_the_truth_beats_the_shipped_weights_and_the_interval_says_so() -> None:
    world = World(11, OTHER_WISHES).run(500)
    truth = replace(SHIPPED, features={**SHIPPED.features, **_features(OTHER_WISHES)})
    found = compare(world.pages, SHIPPED, truth, EXAMINED)
    assert found.difference == pytest.approx(found.after.in_order - found.before.in_order)
    assert found.better
    assert 0 < found.low < found.difference < found.high
    assert found.after.in_order > found.before.in_order + 0.05
    back = compare(world.pages, truth, SHIPPED, EXAMINED)
    assert back.difference == pytest.approx(-found.difference)


def test_the_same_weights_differ_by_nothing() -> None:
    world = World(12, AS_SHIPPED).run(60)
    found = compare(world.pages, SHIPPED, SHIPPED, EXAMINED)
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)


def test_one_busy_asker_proves_nothing() -> None:
    """Words of one listing are one observation, however many: the interval cannot exclude 0."""
    good, bad = {"price": 1.0}, {"price": 0.0}
    busy = [Page(1, day, (Shown(0.3, bad, 1), Shown(0.29, good, 2, 1.0))) for day in range(200)]
    other = [Page(2, day, (Shown(0.3, good, 1), Shown(0.29, bad, 2, 1.0))) for day in range(20)]
    heavier = replace(SHIPPED, features={**SHIPPED.features, "price": 2.0})
    found = compare(busy + other, FLAT, heavier, EXAMINED)
    assert found.difference > 0.1
    assert found.low <= 0
    assert not found.better


def _features(wishes: dict[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in wishes.items() if name != "relevance"}
