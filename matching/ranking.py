"""From relevance to an order that the field can accept: features, weights, bands.

Pure functions over numbers and facets. The weights are data in a versioned file; features
move a relevance a little up or down, in log-odds, and what nobody stated moves nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from matching.documents import Document, Facets
from matching.fusion import FusionWeights
from matching.results import Band, RequirementCheck, Verdict

WEIGHTS_FILE: Final = Path(__file__).with_name("ranking_weights.json")

FRESH_DAYS: Final = 730
"""After so many days half of a listing's freshness is gone."""

LEARNT: Final = (
    "fields",
    "readiness",
    "requirements",
    "region",
    "deal_forms",
    "price",
    "freshness",
)
"""Features whose weights are learned from use; ``words`` is of searches, which nobody judges."""

LARGEST: Final = 20.0
"""No learned weight or shift lies beyond this; what does is no version of ours."""

_SURELY_NOT: Final = 1e-6
"""No relevance is nearer to 0 or 1 than this."""

_CREDIT: Final[dict[Verdict, float]] = {
    Verdict.MET: 1.0,
    Verdict.PARTLY: 0.5,
    Verdict.NOT_MET: 0.0,
}


@dataclass(frozen=True, slots=True)
class RankingWeights:
    """The ranking's data.

    Attributes:
        version: of the file.
        fusion: constants of the fusion and of its calibration.
        features: log-odds that a feature at 1 adds and at 0 takes away.
        bands: lowest relevance of each band, best first; below the last nothing is shown.
        duplicate: cosine from which two documents of one side are called near-duplicates.
        coverage: least share of the query's telling words that a match of a band answers; of
            bands that ask for none there is nothing.
        slope, intercept: of the relevance's log-odds; 1 and 0 unless learned.
        learned: number of the version learned from use; 0 for the weights as shipped.
        base: digest of the shipped fusion and features, to which a learned version belongs.
    """

    version: int
    fusion: FusionWeights
    features: Mapping[str, float]
    bands: Mapping[Band, float]
    duplicate: float
    coverage: Mapping[Band, float] = field(default_factory=dict)
    slope: float = 1.0
    intercept: float = 0.0
    learned: int = 0
    base: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning from use changes of the weights; see ``matching/learning``.

    Attributes:
        number: of the version, from 1.
        base: ``RankingWeights.base`` of the weights that it was learned for.
        slope, intercept: of the relevance's log-odds.
        features: weight of every feature of LEARNT.
    """

    number: int
    base: str
    slope: float
    intercept: float
    features: Mapping[str, float]

    def to_record(self) -> dict[str, Any]:
        """Return it as a mapping ready for JSON, which gives back the same floats."""
        return {
            "number": self.number,
            "base": self.base,
            "slope": self.slope,
            "intercept": self.intercept,
            "features": dict(self.features),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Make it from ``to_record``'s form.

        Raises:
            KeyError, TypeError, ValueError: it is none, or holds what no learning gives.
        """
        features = {name: float(record["features"][name]) for name in LEARNT}
        found = cls(
            number=int(record["number"]),
            base=str(record["base"]),
            slope=float(record["slope"]),
            intercept=float(record["intercept"]),
            features=features,
        )
        numbers = (found.slope, found.intercept, *features.values())
        if found.number < 1 or found.slope <= 0 or any(not abs(n) <= LARGEST for n in numbers):
            raise ValueError("these are no learned weights")
        return found


@lru_cache(maxsize=4)
def load_weights(path: Path = WEIGHTS_FILE) -> RankingWeights:
    """Read a weights file.

    Raises:
        OSError, ValueError, KeyError, TypeError: it is not a weights file.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    relevance = raw.get("relevance", {})
    told = json.dumps([raw["fusion"], raw["features"], relevance], sort_keys=True)
    return RankingWeights(
        version=int(raw["version"]),
        fusion=FusionWeights(**raw["fusion"]),
        features={str(name): float(weight) for name, weight in raw["features"].items()},
        bands={band: float(raw["bands"][band.value]) for band in Band},
        duplicate=float(raw["duplicate"]),
        coverage={Band(name): float(least) for name, least in raw.get("coverage", {}).items()},
        slope=float(relevance.get("slope", 1.0)),
        intercept=float(relevance.get("intercept", 0.0)),
        base=hashlib.sha256(told.encode()).hexdigest()[:16],
    )


def with_learned(shipped: RankingWeights, learned: Learned) -> RankingWeights:
    """Return the shipped weights with what was learned for them.

    Searches keep their order, since the weight of their words grows with the slope.

    Raises:
        ValueError: it was learned for other weights than these.
    """
    if learned.base != shipped.base:
        raise ValueError(f"learned for {learned.base}, and these weights are {shipped.base}")
    others = {
        name: weight * learned.slope / shipped.slope
        for name, weight in shipped.features.items()
        if name not in learned.features
    }
    return replace(
        shipped,
        features={**others, **learned.features},
        slope=learned.slope,
        intercept=learned.intercept,
        learned=learned.number,
    )


def rank(relevance: float, features: Mapping[str, float], weights: RankingWeights) -> float:
    """Return the score, 0 to 1, of a candidate of this relevance with these features.

    Args:
        relevance: calibrated, 0 to 1.
        features: by name, each 0 (speaks against) to 1 (speaks for); 0.5 is neutral, and a
            feature that is not stated is left out.
        weights: the ranking's data.
    """
    logit = weights.intercept + weights.slope * log_odds(relevance)
    for name, value in features.items():
        logit += weights.features.get(name, 0.0) * (2 * value - 1)
    return 1 / (1 + math.exp(-logit))


def search_scores(
    relevances: npt.NDArray[np.float32], shares: npt.NDArray[np.float32], weights: RankingWeights
) -> npt.NDArray[np.float64]:
    """Return the scores of many candidates of a search, (n,): as ``rank`` with the words alone.

    Args:
        relevances: calibrated, 0 to 1, (n,).
        shares: of the search's weight that each one's words have, 0 to 1, (n,).
        weights: the ranking's data.
    """
    clipped = np.clip(relevances.astype(np.float64), _SURELY_NOT, 1 - _SURELY_NOT)
    logit = weights.intercept + weights.slope * np.log(clipped / (1 - clipped))
    logit += weights.features.get("words", 0.0) * shares.astype(np.float64)
    found: npt.NDArray[np.float64] = 1 / (1 + np.exp(-logit))
    return found


def log_odds(relevance: float) -> float:
    """Return the log-odds of a relevance, 0 to 1; never beyond those of one in a million."""
    clipped = min(max(relevance, _SURELY_NOT), 1 - _SURELY_NOT)
    return math.log(clipped / (1 - clipped))


def band_of(score: float, weights: RankingWeights) -> Band | None:
    """Return the band of a score; None below the floor: it does not fit."""
    for band in Band:
        if score >= weights.bands[band]:
            return band
    return None


def cap_band(band: Band | None, coverage: float, weights: RankingWeights) -> Band | None:
    """Return the best band, from this one down, that a match of so much coverage may have.

    Args:
        band: of the score alone; None stays None.
        coverage: share of the query's telling words that the document answers, 0 to 1.
        weights: the ranking's data.
    """
    if band is None:
        return None
    lower = list(Band)[list(Band).index(band) :]
    return next((one for one in lower if coverage >= weights.coverage.get(one, 0.0)), Band.WEAK)


def features_of(
    query: Document,
    candidate: Document,
    checks: Sequence[RequirementCheck],
    today: int | None,
) -> dict[str, float]:
    """Return what the field cares about besides the words; only what both sides state.

    Args:
        query: the document asked with, need or result.
        candidate: the document found.
        checks: the need's requirements against the result.
        today: epoch day for freshness; None leaves it out.
    """
    need, result = _need_first(query, candidate)
    found = {
        "fields": _fields(query.facets, candidate.facets),
        "readiness": _readiness(need, result),
        "requirements": _requirements(checks),
        "region": _region(query.facets, candidate.facets),
        "deal_forms": _deal_forms(query.facets, candidate.facets),
        "price": _price(need, result),
        "freshness": _freshness(candidate.facets, today),
    }
    return {name: value for name, value in found.items() if value is not None}


def _need_first(query: Document, candidate: Document) -> tuple[Facets, Facets]:
    if query.side == "need":
        return query.facets, candidate.facets
    return candidate.facets, query.facets


def _fields(one: Facets, other: Facets) -> float | None:
    """Share of the smaller list of fields and industries that the other has too.

    Codes of different schemes say nothing of each other, so only shared schemes count.
    """
    a = set(one.fields) | {f"industry:{code}" for code in one.industries}
    b = set(other.fields) | {f"industry:{code}" for code in other.industries}
    schemes = {code.split(":")[0] for code in a} & {code.split(":")[0] for code in b}
    a = {code for code in a if code.split(":")[0] in schemes}
    b = {code for code in b if code.split(":")[0] in schemes}
    if not a or not b:
        return None
    return len(a & b) / min(len(a), len(b))


def _readiness(need: Facets, result: Facets) -> float | None:
    if need.readiness_sought is None or result.readiness is None:
        return None
    return max(0.0, 1 - max(0, need.readiness_sought - result.readiness) / 4)


def _requirements(checks: Sequence[RequirementCheck]) -> float | None:
    """Mean over what could be compared; a wish weighs half of a must."""
    weighed = [
        (0.5 if check.wish else 1.0, _CREDIT[check.verdict])
        for check in checks
        if check.verdict in _CREDIT
    ]
    total = sum(weight for weight, _ in weighed)
    return sum(weight * credit for weight, credit in weighed) / total if total else None


def _region(one: Facets, other: Facets) -> float | None:
    """1 in the same smallest region, falling by a quarter a level; distance is no fault."""
    if not one.region or not other.region:
        return None
    for level, code in enumerate(one.region):
        if code in other.region:
            return max(0.5, 1 - 0.25 * max(level, other.region.index(code)))
    return 0.5


def _deal_forms(one: Facets, other: Facets) -> float | None:
    if not one.deal_forms or not other.deal_forms:
        return None
    return 1.0 if set(one.deal_forms) & set(other.deal_forms) else 0.0


def _price(need: Facets, result: Facets) -> float | None:
    """1 where the budget covers the lowest price, else the share that it covers."""
    budget = need.budget_high if need.budget_high is not None else need.budget_low
    price = result.price_low if result.price_low is not None else result.price_high
    if budget is None or price is None or need.currency != result.currency:
        return None
    return 1.0 if price <= budget else max(0.0, budget / price)


def _freshness(candidate: Facets, today: int | None) -> float | None:
    if today is None or not candidate.published:
        return None
    age = max(0, today - candidate.published)
    return float(0.5 ** (age / FRESH_DAYS))
