"""The judged set that ships: whole, bilingual, and able to tell weights apart."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from matching.encoder import load_encoder
from matching.learning.judged import JudgedSet, load_judged, loses
from matching.ranking import load_weights

SHIPPED = load_weights()


@cache
def judged() -> JudgedSet:
    return load_judged(load_encoder())


def test_the_set_is_large_enough_and_bilingual() -> None:
    assert len(judged()) >= 200
    figures = judged().ndcg(SHIPPED)
    assert set(figures) == {"all", "zh", "en"}
    assert all(0.5 < value < 1 for value in figures.values())
    assert judged().ndcg(SHIPPED) == figures


def test_features_matter_on_it() -> None:
    """Weights that ignore what listings state lose, and so do weights that listen to it alone."""
    before = judged().ndcg(SHIPPED)
    deaf = replace(SHIPPED, features=dict.fromkeys(SHIPPED.features, 0.0))
    assert loses(before, judged().ndcg(deaf))
    rules = {name: 10 * weight for name, weight in SHIPPED.features.items()}
    assert loses(before, judged().ndcg(replace(SHIPPED, features=rules)))
    assert not loses(before, before)


def test_what_falls_below_the_floor_is_lost() -> None:
    lifted = replace(SHIPPED, intercept=SHIPPED.intercept - 20)
    assert judged().ndcg(lifted)["all"] == 0.0
