"""Kept questions against new listings: gauged once, held against each, looked at closely.

What it is for: the steps by which thousands of kept questions are told apart from the few that
a new listing may answer. Each step is dearer and sharper than the one before; what is left is
asked of the engine in full, which has the last word.
What it must not know: where questions are kept, whose they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.documents import Document, Language, Where
from matching.encoder import finite
from matching.engine import FEW_WORDS, MatchEngine, search_score, version_for
from matching.fusion import fuse
from matching.ranking import features_of
from matching.requirements import check_all, parse_all
from matching.results import Band
from matching.reverse import Gauged, Nearness, Questions, gauge, near


def gauge_texts(
    engine: MatchEngine, texts: Sequence[str], where: Where | None = None, *, few: bool = False
) -> list[Gauged]:
    """Take the figures of questions that are kept.

    Args:
        engine: on the index.
        texts: as ``match`` (a document's full text) or ``find`` would be asked.
        where: the filter of the asking.
        few: whether sharing a word is enough where there are but FEW_WORDS, as in ``find``.
    """
    snapshot = engine.view()
    return [
        gauge(
            query.vector,
            query.words,
            engine.retriever.pools(snapshot, query, 1, where or Where()),
            engine.weights,
            few=few and len(query.words.weights) <= FEW_WORDS,
        )
        for query in engine.retriever.queries(texts)
    ]


def hold_against(
    engine: MatchEngine, questions: Questions, document: Document, band: Band = Band.POSSIBLE
) -> Nearness:
    """Hold a listing in one language against many gauged questions.

    Searches go by the floor, as in ``find``, others by the band.
    """
    weights = engine.weights
    (vector,) = finite(engine.encoder.encode_documents([document.full_text]))
    least, floor = weights.bands[band], weights.bands[Band.WEAK]
    return near(questions, document, vector, weights, least=least, floor=floor)


def bonus_of(
    engine: MatchEngine, asked: Sequence[Document], document: Document, today: int | None
) -> float:
    """Return the log-odds that facets and requirements add to a document's fit, as ranked."""
    query = asked[version_for(asked, document)]
    if document.side == "need":
        checks = check_all(parse_all(document.facets.requirements), query.full_text)
    else:
        checks = check_all(parse_all(asked[0].facets.requirements), document.full_text)
    weights = engine.weights.features
    features = features_of(query, document, checks, today)
    return sum(weights.get(name, 0.0) * (2 * value - 1) for name, value in features.items())


def exact_signal(engine: MatchEngine, text: str, key: int, language: Language) -> float | None:
    """Return what words and meaning together say of one listing for a text; None if it is gone.

    In the units of ``Nearness.signal``, and without the listings beside it.
    """
    (query,) = engine.retriever.queries([text])
    where = Where(keys=frozenset({key}), languages=(language,))
    fusion = engine.weights.fusion
    for pool in engine.retriever.pools(engine.view(), query, 1, where):
        return float(np.max(fuse(pool.evidence(fusion), fusion)))
    return None


def surely_found(
    engine: MatchEngine, text: str, key: int, languages: Sequence[Language] | None = None
) -> bool | None:
    """Return whether ``find`` has a listing for a text; None where the others decide.

    The listing alone is looked at: among others it never stands out more. ``languages`` are those
    that it is written in, where they are known: others need not be asked.
    """
    (query,) = engine.retriever.queries([text])
    spoken = None if languages is None else tuple(languages)
    where, weights = Where(keys=frozenset({key}), languages=spoken), engine.weights
    alone = engine.retriever.candidates(engine.view(), query, 1, where)
    few = len(query.words.weights) <= FEW_WORDS
    if few and any(one.share > 0 for one in alone):
        return True
    floor = weights.bands[Band.WEAK]
    return None if any(search_score(one, weights) >= floor for one in alone) else False
