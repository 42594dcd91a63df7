"""The whole of learning on made-up sites: it finds what users want, and nothing in noise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.learning.examples import Page
from matching.learning.judged import JudgedSet, loses
from matching.learning.trial import LEAST_WORDS, Trial, attempt
from matching.ranking import RankingWeights, with_learned
from tests.unit.matching.learning.simulated import (
    AS_SHIPPED,
    OTHER_WISHES,
    SHIPPED,
    World,
    no_judged,
)


class Judged(JudgedSet):
    """A judged set on which learned weights do so much better or worse than others."""

    def __init__(self, difference: float) -> None:
        super().__init__([])
        self._difference = difference

    def ndcg(self, weights: RankingWeights) -> dict[str, float]:
        return {"all": 0.7, "zh": 0.7 + (self._difference if weights.learned else 0.0)}


def learn(world: World, difference: float = 0.0, running: RankingWeights = SHIPPED) -> Trial:
    return attempt(
        world.pages,
        world.tallies(),
        running=running,
        shipped=SHIPPED,
        number=1,
        judged=lambda: Judged(difference),
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_learning_finds_what_users_want(seed: int) -> None:
    world = World(seed, OTHER_WISHES, eta=0.8).run(900)
    trial = learn(world)
    assert trial.verdict == "better"
    assert trial.learned is not None
    assert trial.comparison is not None
    assert trial.comparison.words >= 0.2 * trial.words
    ratio = {name: weight / trial.learned.slope for name, weight in trial.learned.features.items()}
    assert min(ratio["price"], ratio["readiness"]) > 1.0 > max(ratio["fields"], ratio["region"])
    shipped = world.true_utility(SHIPPED)
    learned = world.true_utility(with_learned(SHIPPED, trial.learned))
    best = world.true_utility(
        replace(
            SHIPPED,
            features={
                **SHIPPED.features,
                **{name: weight for name, weight in OTHER_WISHES.items() if name != "relevance"},
            },
        )
    )
    assert learned > shipped + 0.8 * (best - shipped)


def test_a_second_round_on_the_learned_weights_keeps_what_was_won() -> None:
    """Users now see pages in the learned order; what runs is not replaced for nothing."""
    first = World(4, OTHER_WISHES).run(900)
    trial = learn(first)
    assert trial.learned is not None
    running = with_learned(SHIPPED, trial.learned)
    second = World(5, OTHER_WISHES)
    for number in range(900):
        second.visit(number % 70, number // 9, running)
    again = learn(second, running=running)
    assert again.learned is not None
    utility = second.true_utility(with_learned(SHIPPED, again.learned))
    assert utility > second.true_utility(SHIPPED) + 0.5
    assert again.verdict == "not_better" or utility > second.true_utility(running) - 0.02


@pytest.mark.parametrize("wishes", [None, AS_SHIPPED], ids=["noise", "as shipped"])
def test_in_noise_nothing_is_found(wishes: dict[str, float] | None) -> None:
    """Of ten sites without anything to learn at most one is fooled, as the interval promises."""
    fooled = [
        seed for seed in range(10) if learn(World(seed, wishes).run(450)).verdict != "not_better"
    ]
    assert len(fooled) <= 1


def test_what_loses_on_the_judged_set_is_not_kept() -> None:
    world = World(1, OTHER_WISHES).run(900)
    assert learn(world, -0.02).verdict == "loses_judged"
    trial = learn(world, +0.02)
    assert trial.verdict == "better"
    assert trial.judged["zh"] == pytest.approx((0.7, 0.72))


def test_small_losses_in_a_row_do_not_add_up() -> None:
    """A version that runs and lost little is no excuse to lose as little again."""

    class Sliding(JudgedSet):
        def ndcg(self, weights: RankingWeights) -> dict[str, float]:
            return {"all": {0: 0.700, 8: 0.696, 9: 0.692}[weights.learned]}

    world = World(1, OTHER_WISHES).run(900)
    trial = attempt(
        world.pages,
        world.tallies(),
        running=replace(SHIPPED, learned=8),
        shipped=SHIPPED,
        number=9,
        judged=lambda: Sliding([]),
    )
    assert not loses({"all": 0.696}, {"all": 0.692})
    assert trial.verdict == "loses_judged"


def test_few_words_are_too_few_and_nothing_is_fitted() -> None:
    world = World(1, OTHER_WISHES).run(900)
    few: list[Page] = []
    while sum(page.words for page in few) < LEAST_WORDS - 5:
        few.append(world.pages[len(few)])
    trial = attempt(few, [], running=SHIPPED, shipped=SHIPPED, number=1, judged=no_judged)
    assert (trial.verdict, trial.learned, trial.better) == ("too_few", None, False)
    lone = [replace(page, asker=1) for page in world.pages]
    trial = attempt(lone, [], running=SHIPPED, shipped=SHIPPED, number=1, judged=no_judged)
    assert trial.verdict == "too_few"
    assert attempt([], [], running=SHIPPED, shipped=SHIPPED, number=1, judged=no_judged).words == 0
