"""How much words and meaning each count: pure functions from scores to one relevance.

A fixed mixture of the two fails: what helps where query and document share a language ruins
queries across languages, where the words say nothing. So each side speaks in units of its
own uncertainty and is weighed by how much it knows for this query, in the language of the
candidate:

* dense: the cosine's distance from what any text of that language has with this query, in
  standard deviations;
* lexical: the BM25 sum's distance from what any text of that language has, in deviations
  too (never less than a share of the root of what a document with every known word would
  score, since a few rare words make nearly every text score nothing), times the share of the
  query's weight on words that this language's documents have at all.

Knows numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.dense import FloatArray

ENOUGH_DOCUMENTS: Final = 30
"""Of so many documents of a language one half-knows which words are rare in it."""

CROWD: Final = 20
"""The signal of the candidate of this rank is what others have too."""

LEAST_CROWD: Final = 2.4
"""The same where the index is small, so that the best of a few strangers does not stand out."""

_LEAST_DEVIATION: Final = 1e-3


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Constants of the fusion; data, see ``ranking_weights.json``.

    Attributes:
        lexical: how much a unit of lexical evidence counts beside one deviation of cosine.
        floor: least deviation of BM25 sums, as a share of the root of the best sum.
        trust: power of the share of the query that is known as it stands; above 1, half-known
            queries count less than half.
        rendered: how much words count that are known by translation only.
        rendered_trust: power of their share.
        standing: how much standing out from the other candidates counts beside the signal.
        intercept, slope: of the logistic curve from evidence to relevance.
        trust_slope: how much flatter the curve is where the words are trusted, since then
            chance alone gives a stronger signal.
        trust_shift: how far it lies to the right there.
    """

    lexical: float
    floor: float
    trust: float
    rendered: float
    rendered_trust: float
    standing: float
    intercept: float
    slope: float
    trust_slope: float
    trust_shift: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What both sides say of candidates of one language for one query; arrays of length n.

    Attributes:
        dense: deviations of cosine above the background.
        lexical: deviations of BM25 above the background, times the trust.
        trust: 0 to 1, one number for the language: how much the words know.
    """

    dense: FloatArray
    lexical: FloatArray
    trust: float


def standardise(cosines: FloatArray, background: FloatArray) -> FloatArray:
    """Express cosines, shape (n,), in deviations above the mean of the background, (m,)."""
    deviation = max(float(background.std()), _LEAST_DEVIATION)
    found: FloatArray = (cosines - background.mean()) / np.float32(deviation)
    return found


def weigh(
    cosines: FloatArray,
    background: FloatArray,
    scores: FloatArray,
    lexical_background: FloatArray,
    *,
    known: float,
    rendered: float,
    best: float,
    documents: int,
    weights: FusionWeights,
) -> Evidence:
    """Bring both sides' raw scores of candidates of one language into evidence.

    Args:
        cosines: of the candidates, shape (n,).
        scores: BM25 sums of the candidates, shape (n,).
        background: cosines of the query with texts that stand for any text of that
            language, shape (m,), m > 0.
        lexical_background: BM25 sums of such documents, shape (b,).
        known: share of the query's weight on words known in that language, 0 to 1.
        rendered: share on words known in that language by translations only, 0 to 1.
        best: BM25 sum of a document with every known word of the query.
        documents: how many that language has in the index.
        weights: the constants.
    """
    knowledge = known**weights.trust + weights.rendered * rendered**weights.rendered_trust
    trust = knowledge * documents / (documents + ENOUGH_DOCUMENTS)
    dense = standardise(cosines, background)
    if not np.any(cosines):  # the encoder knows no word of the query: it has no say
        dense = np.zeros_like(dense)
    if best <= 0 or not len(lexical_background):
        return Evidence(dense, np.zeros_like(scores), trust)
    floor = weights.floor**2 * best
    deviation = np.sqrt(float(lexical_background.var()) + floor)
    lexical = (scores - lexical_background.mean()) * np.float32(trust / deviation)
    return Evidence(dense, lexical.astype(np.float32), trust)


def fuse(evidence: Evidence, weights: FusionWeights) -> FloatArray:
    """Return the fused signal of each candidate; orders candidates of one language."""
    found: FloatArray = evidence.dense + np.float32(weights.lexical) * evidence.lexical
    return found


def relevance(evidence: Evidence, weights: FusionWeights) -> FloatArray:
    """Return each candidate's calibrated relevance, 0 to 1, comparable across languages.

    Within one language it orders exactly as ``fuse`` does. Between languages it is what
    stands out that counts: of many thousand documents some lie near any query by chance,
    but then twenty others lie nearly as near.
    """
    signal = fuse(evidence, weights)
    crowd = float(np.sort(signal)[-CROWD]) if len(signal) >= CROWD else LEAST_CROWD
    raised = signal + weights.standing * (signal - max(crowd, LEAST_CROWD))
    logit = (
        weights.intercept
        + weights.slope * raised / (1 + weights.trust_slope * evidence.trust)
        - weights.trust_shift * evidence.trust
    )
    found: FloatArray = (1.0 / (1.0 + np.exp(-logit))).astype(np.float32)
    return found
