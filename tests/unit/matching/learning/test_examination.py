"""How far people look: found where chance moved things, and near the prior where it did not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.learning.examination import (
    LARGEST_ETA,
    LEAST,
    PRIOR_DEVIATION,
    PRIOR_ETA,
    Examination,
    Tally,
    estimate,
)

TALLIES = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 10), st.integers(0, 500), st.floats(0, 1)).map(
        lambda drawn: Tally((drawn[0],), drawn[1], drawn[2], int(drawn[2] * drawn[3]))
    ),
    max_size=30,
)


def test_without_words_the_prior_stands() -> None:
    assert estimate([]) == Examination(PRIOR_ETA, PRIOR_DEVIATION, 0)
    assert estimate([Tally((0, 1), 1, 1_000, 300)]) == Examination(PRIOR_ETA, PRIOR_DEVIATION, 0)


@pytest.mark.parametrize("eta", [0.3, 1.0, 1.7])
def test_eta_is_found_though_better_things_stand_higher(eta: float) -> None:
    """Half of all pages give a place to something new; what stood below it moves down by one."""
    chance = np.random.default_rng(8)
    tallies = [
        Tally((0, rank), position, 20_000, chance.binomial(20_000, 0.3 / rank * position**-eta))
        for rank in range(1, 11)
        for position in (rank, rank + 1)
    ]
    tallies += [
        Tally((1, 11), position, 2_000, chance.binomial(2_000, 0.1 * position**-eta))
        for position in range(2, 11)
    ]
    found = estimate(tallies)
    assert found.words > 1_000
    assert found.eta == pytest.approx(eta, abs=3 * found.deviation)
    assert found.deviation < 0.07


def test_strata_of_different_worth_do_not_mislead() -> None:
    """What ranks first is spoken of ten times as often; within a rank, half as often one lower."""
    tallies = [
        Tally((0, rank), position, 10_000, int(10_000 * worth / position))
        for rank, worth in ((1, 0.5), (2, 0.05), (3, 0.005))
        for position in (rank, rank + 1)
    ]
    assert estimate(tallies).eta == pytest.approx(1.0, abs=0.02)


@given(TALLIES)
def test_the_estimate_is_always_usable(tallies: list[Tally]) -> None:
    found = estimate(tallies)
    assert 0 <= found.eta <= LARGEST_ETA
    assert 0 < found.deviation <= PRIOR_DEVIATION + 1e-12
    shares = [found.at(position) for position in range(1, 200)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 1.0
    assert min(shares) >= LEAST
