"""Fitting: towards what people say, held to the shipped weights, within bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.learning.examination import Examination
from matching.learning.examples import Page, Shown, signals, split_by_time
from matching.learning.fitting import fit
from matching.ranking import LEARNT, rank, with_learned
from tests.unit.matching.learning.simulated import AS_SHIPPED, OTHER_WISHES, SHIPPED, World

EXAMINED = Examination()

SHOWN = st.builds(
    Shown,
    relevance=st.floats(0, 1),
    features=st.dictionaries(st.sampled_from(LEARNT), st.floats(0, 1)),
    position=st.integers(1, 10),
    gain=st.sampled_from([0.0, 0.0, 1.0, -0.5, 8.0]),
)
PAGES = st.lists(
    st.builds(
        Page,
        asker=st.integers(1, 5),
        day=st.integers(0, 30),
        shown=st.lists(SHOWN, min_size=1, max_size=10).map(tuple),
    ),
    max_size=12,
)


def test_with_no_words_the_shipped_weights_come_out() -> None:
    learned = fit([], EXAMINED, SHIPPED, 1)
    weights = with_learned(SHIPPED, learned)
    assert (weights.slope, weights.intercept) == (SHIPPED.slope, SHIPPED.intercept)
    assert weights.features == SHIPPED.features


def test_a_feature_that_people_follow_gains_weight_and_others_hardly_move() -> None:
    world = World(5, AS_SHIPPED | {"price": 2.0}).run(1_500)
    learned = fit(world.pages, EXAMINED, SHIPPED, 1)
    before = {name: SHIPPED.features[name] / SHIPPED.slope for name in LEARNT}
    after = {name: learned.features[name] / learned.slope for name in LEARNT}
    assert after["price"] > 4 * before["price"]
    others = [abs(after[name] - before[name]) for name in LEARNT if name != "price"]
    assert max(others) < 0.5 * (after["price"] - before["price"])


def test_what_is_declined_sinks() -> None:
    good, bad = {"price": 1.0}, {"price": 0.0}
    pages = [
        Page(number, 0, (Shown(0.3, good, 1), Shown(0.3, bad, 2, -1.0), Shown(0.3, good, 3)))
        for number in range(100)
    ]
    assert _price(pages, EXAMINED) > 2 * SHIPPED.features["price"]


def test_position_bias_is_undone() -> None:
    """Two things equally wanted: the upper is spoken of four times as often, by standing there."""
    upper, lower = {"price": 1.0}, {"price": 0.0}
    shown = [(1, 400), (4, 100)]
    pages = []
    for place, (position, words) in enumerate(shown):
        for number in range(words):
            two = [Shown(0.3, upper, 1), Shown(0.3, lower, 4)]
            two[place] = Shown(0.3, two[place].features, position, 1.0)
            pages.append(Page(number, 0, tuple(two)))
    naive, fair = _price(pages, Examination(eta=0.0)), _price(pages, Examination(eta=1.0))
    assert naive > 2.5 * SHIPPED.features["price"]
    assert fair < SHIPPED.features["price"]


def _price(pages: list[Page], examination: Examination) -> float:
    """The weight of the price as a share of the relevance's: scores keep their spread."""
    learned = fit(pages, examination, SHIPPED, 1)
    return learned.features["price"] / learned.slope


def test_scores_keep_their_mean_and_spread() -> None:
    world = World(7, OTHER_WISHES).run(600)
    weights = with_learned(SHIPPED, fit(world.pages, EXAMINED, SHIPPED, 1))
    shown = [one for page in world.pages for one in page.shown]
    odds = [
        [np.log(score / (1 - score)) for score in (rank(o.relevance, o.features, w) for o in shown)]
        for w in (SHIPPED, weights)
    ]
    assert np.mean(odds[1]) == pytest.approx(np.mean(odds[0]), abs=1e-6)
    assert np.std(odds[1]) == pytest.approx(np.std(odds[0]), abs=1e-6)


HARDLY_DIFFERENT = Page(
    asker=1,
    day=0,
    shown=(
        Shown(relevance=0.0, features={}, position=1, gain=1.0),
        Shown(
            relevance=0.5,
            features={"fields": 0.0, "readiness": 0.0, "requirements": 0.0},
            position=1,
            gain=0.0,
        ),
    ),
)


@settings(deadline=None)
@example([HARDLY_DIFFERENT], 0.0)
@given(PAGES, st.floats(0, 3))
def test_whatever_is_said_weights_stay_usable(pages: list[Page], eta: float) -> None:
    learned = fit(pages, Examination(eta=eta), SHIPPED, 3)
    assert learned == type(learned).from_record(learned.to_record())
    assert learned.slope > 0
    assert all(weight >= 0 for weight in learned.features.values())


@given(PAGES, st.floats(0.05, 0.95))
def test_the_later_part_holds_its_share_of_words(pages: list[Page], share: float) -> None:
    early, late = split_by_time(pages, share)
    assert sorted(map(id, early + late)) == sorted(map(id, pages))
    assert all(one.day < other.day for one in early for other in late)
    assert sum(page.words for page in late) >= share * sum(page.words for page in pages)


def test_a_feature_that_is_not_stated_says_nothing() -> None:
    assert signals(Shown(0.5, {}, 1)) == [0.0] * (1 + len(LEARNT))
    assert signals(Shown(0.5, {"price": 0.0}, 1))[1 + LEARNT.index("price")] == -1.0
