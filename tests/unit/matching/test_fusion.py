"""Each side weighs as much as it knows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from matching.fusion import Evidence, fuse, relevance, standardise, weigh
from matching.ranking import load_weights

WEIGHTS = load_weights().fusion
Floats = NDArray[np.float32]


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float32)


BACKGROUND = floats(*np.random.default_rng(1).normal(0.1, 0.1, 500))
SILENT = np.zeros(100, dtype=np.float32)


def order(cosines: Floats, scores: Floats, *, known: float, best: float = 20.0) -> list[int]:
    evidence = weigh(
        cosines, BACKGROUND, scores, SILENT,
        known=known, rendered=0.0, best=best, documents=1000, weights=WEIGHTS,
    )  # fmt: skip
    return [int(place) for place in np.argsort(-fuse(evidence, WEIGHTS))]


def test_words_that_know_nothing_have_no_say() -> None:
    assert order(floats(0.2, 0.5, 0.4), floats(9, 0, 3), known=0.0) == [1, 2, 0]


def test_words_that_know_the_query_decide_between_equals() -> None:
    assert order(floats(0.4, 0.4, 0.4), floats(2, 9, 5), known=1.0) == [1, 2, 0]


def test_words_count_the_less_the_less_they_know() -> None:
    cosines, scores = floats(0.5, 0.3), floats(0, 8)

    assert order(cosines, scores, known=1.0) == [1, 0]
    assert order(cosines, scores, known=0.05) == [0, 1]


def test_an_encoder_that_knows_no_word_has_no_say() -> None:
    assert order(floats(0, 0, 0), floats(1, 5, 3), known=1.0) == [1, 2, 0]


def test_standardised_cosines_are_deviations() -> None:
    found = standardise(floats(0.3), floats(0.0, 0.2))

    assert np.allclose(found, [2.0], atol=1e-5)


def test_a_language_of_few_documents_is_not_trusted() -> None:
    def trust(documents: int) -> float:
        return weigh(
            floats(0.4), BACKGROUND, floats(5), SILENT,
            known=1.0, rendered=0.0, best=20.0, documents=documents, weights=WEIGHTS,
        ).trust  # fmt: skip

    assert trust(1) < 0.1 < 0.9 < trust(1000)


@given(
    st.lists(st.tuples(st.floats(-3, 9, width=32), st.floats(0, 20, width=32)), min_size=2),
    st.floats(0, 1),
)
def test_relevance_orders_as_the_fused_signal_does(
    pairs: list[tuple[float, float]], trust: float
) -> None:
    dense, lexical = (floats(*column) for column in zip(*pairs, strict=True))
    evidence = Evidence(dense, lexical, trust)
    signal, value = fuse(evidence, WEIGHTS), relevance(evidence, WEIGHTS)

    assert np.all((value >= 0) & (value <= 1))
    ordered = value[np.argsort(signal, kind="stable")]
    assert np.all(np.diff(ordered) >= 0)
