"""Features, score, bands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.documents import Document, Facets
from matching.ranking import (
    WEIGHTS_FILE,
    band_of,
    features_of,
    load_weights,
    rank,
    search_scores,
)
from matching.results import Band, RequirementCheck, Verdict

WEIGHTS = load_weights()


def features(
    need: Facets,
    result: Facets,
    checks: tuple[RequirementCheck, ...] = (),
    today: int | None = None,
) -> dict[str, float]:
    return features_of(
        Document(1, "need", "zh", "需求", "", need),
        Document(2, "achievement", "zh", "成果", "", result),
        checks,
        today,
    )


def test_searches_are_scored_together_as_one_by_one() -> None:
    relevances = np.array([0.0, 0.2, 0.5, 0.97, 1.0], dtype=np.float32)
    shares = np.array([1.0, 0.0, 0.3, 0.5, 0.0], dtype=np.float32)
    alone = [
        rank(one, {"words": (1 + share) / 2}, WEIGHTS)
        for one, share in zip(relevances.tolist(), shares.tolist(), strict=True)
    ]
    assert search_scores(relevances, shares, WEIGHTS).tolist() == pytest.approx(alone)


def test_what_nobody_states_is_no_feature() -> None:
    assert features(Facets(), Facets()) == {}


def test_fields_count_by_the_share_of_the_smaller_list() -> None:
    need = Facets(fields=("hitech:1", "hitech:4"))

    assert features(need, Facets(fields=("hitech:4",)))["fields"] == 1.0
    assert features(need, Facets(fields=("hitech:2",)))["fields"] == 0.0


def test_fields_of_different_schemes_say_nothing() -> None:
    assert features(Facets(fields=("hitech:1",)), Facets(fields=("ipc:G02",))) == {}


@pytest.mark.parametrize(("readiness", "value"), [(9, 1.0), (6, 1.0), (5, 0.75), (1, 0.0)])
def test_readiness_falls_with_each_level_missing(readiness: int, value: float) -> None:
    need, result = Facets(readiness_sought=6), Facets(readiness=readiness)
    if readiness == 1:
        need = Facets(readiness_sought=5)

    assert features(need, result)["readiness"] == value


def test_region_near_by_is_a_plus_and_far_away_no_minus() -> None:
    wuhan = Facets(region=("420111", "420100", "420000"))

    assert features(wuhan, wuhan)["region"] == 1.0
    assert features(wuhan, Facets(region=("420106", "420100", "420000")))["region"] == 0.75
    assert features(wuhan, Facets(region=("110000",)))["region"] == 0.5


def test_deal_forms_must_share_one() -> None:
    need = Facets(deal_forms=("assignment", "consulting"))

    assert features(need, Facets(deal_forms=("consulting",)))["deal_forms"] == 1.0
    assert features(need, Facets(deal_forms=("licence_sole",)))["deal_forms"] == 0.0


def test_price_is_held_against_the_budget_in_one_currency() -> None:
    need = Facets(budget_high=100_00, currency="CNY")

    assert features(need, Facets(price_low=50_00, currency="CNY"))["price"] == 1.0
    assert features(need, Facets(price_low=200_00, currency="CNY"))["price"] == 0.5
    assert "price" not in features(need, Facets(price_low=50_00, currency="USD"))


def test_wishes_weigh_half_and_silence_nothing() -> None:
    def check(verdict: Verdict, *, wish: bool = False) -> RequirementCheck:
        return RequirementCheck("x", wish, verdict)

    both = (check(Verdict.MET), check(Verdict.NOT_MET, wish=True))
    silent = (check(Verdict.NOT_STATED), check(Verdict.NOT_COMPARABLE))

    assert features(Facets(), Facets(), both)["requirements"] == pytest.approx(2 / 3)
    assert features(Facets(), Facets(), silent) == {}


def test_freshness_halves_in_two_years() -> None:
    assert features(Facets(), Facets(published=1000), today=1730)["freshness"] == 0.5


names = st.sampled_from(sorted(WEIGHTS.features))


@given(st.floats(0, 1), st.dictionaries(names, st.floats(0, 1)), names)
def test_a_better_feature_never_lowers_the_score(
    relevance: float, given_features: dict[str, float], name: str
) -> None:
    worse, better = given_features | {name: 0.0}, given_features | {name: 1.0}

    assert 0 <= rank(relevance, worse, WEIGHTS) <= rank(relevance, better, WEIGHTS) <= 1


def test_no_features_leave_the_relevance_as_it_is() -> None:
    assert rank(0.3, {}, WEIGHTS) == pytest.approx(0.3)


def test_bands_fall_with_the_score() -> None:
    bands = [band_of(score, WEIGHTS) for score in WEIGHTS.bands.values()]

    assert bands == list(Band)
    assert band_of(0.0, WEIGHTS) is None


def test_a_weights_file_with_a_missing_band_is_refused(tmp_path: Path) -> None:
    raw = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    del raw["bands"]["weak"]
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(raw), encoding="utf-8")

    with pytest.raises(KeyError):
        load_weights(path)
