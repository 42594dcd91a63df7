"""The read side of matching: from a document or a few words to ranked, explained matches.

One ``MatchEngine`` per process and index folder; it follows the writer by itself (new
builds and what was published a moment ago). It reads only the index folder, never the
database, so it can show nothing but public-tier text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from matching.coverage import Coverage, QueryWords, words_encoder
from matching.documents import COUNTERPARTS, Document, Facets, Language, Side, Where
from matching.encoder import Encoder, finite
from matching.musts import Read, bundle_of
from matching.protocols import Keeper, View
from matching.ranking import (
    RankingWeights,
    band_of,
    cap_band,
    features_of,
    load_weights,
    rank,
    search_scores,
)
from matching.reasons import Explainer
from matching.requirements import Requirement, check_all, find_requirements, parse_all
from matching.results import Answer, Band, IndexState, Match, Reason, RequirementCheck
from matching.retrieval import Candidate, Query, Retriever, best_by_key
from matching.sentences import sentences
from matching.snapshot import SnapshotKeeper
from matching.text import detect_language

RERANKED: Final = 30
"""So many of the most relevant, or three times what is asked for, are read and ranked."""

LONGEST_TITLE: Final = 80

FEW_WORDS: Final = 8
"""Up to so many words a search keeps whatever shares one of them."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A candidate after its text was read."""

    candidate: Candidate
    document: Document
    score: float
    band: Band | None
    features: dict[str, float]
    checks: tuple[RequirementCheck, ...]
    ranking: int = 0


class MatchEngine:
    """Finds counterparts of a document and answers searches. Safe to share between threads.

    Args:
        encoder: must be the one the index was built with.
        folder: the index folder that ``matching.writer.IndexWriter`` fills, or whatever gives
            views of another index (``matching.protocols``).
        weights: of the ranking, or who gives those that run when an answer is begun; None for
            those that come with the library.

    Every call raises IndexMissing if nothing was built yet and IndexNeedsRebuild if the
    index is damaged or of another encoder.
    """

    def __init__(
        self,
        encoder: Encoder,
        folder: Path | Keeper,
        weights: RankingWeights | Callable[[], RankingWeights] | None = None,
    ) -> None:
        self._encoder = encoder
        self._keeper: Keeper = (
            SnapshotKeeper(folder, encoder.id, holding=True) if isinstance(folder, Path) else folder
        )
        given = weights or load_weights()
        self._running = given if callable(given) else lambda: given
        self._retriever = Retriever(encoder, self._running().fusion)
        self._explainer = Explainer(encoder)
        # Single words are asked of the shipped table: a large model would take seconds.
        self._coverage = Coverage(words_encoder(encoder))

    def match(
        self,
        document: Document | Sequence[Document],
        k: int = 10,
        where: Where | None = None,
        *,
        reasons: bool = True,
    ) -> list[Match]:
        """Find the best counterparts of one listing (given in one or more languages).

        The sides default to the counterparts of the document's side; the document's own
        key and its own organisation never come out. What falls below the floor is left
        out, so an empty list means that nothing here fits.
        """
        versions = [document] if isinstance(document, Document) else list(document)
        queries = self._retriever.queries([version.full_text for version in versions])
        return self._match(self._keeper.get(), versions, queries, k, where, reasons=reasons)

    def answer(
        self, document: Document | Sequence[Document], k: int = 10, where: Where | None = None
    ) -> Answer:
        """Find what ``match`` finds, and for a need the results that together cover more of it.

        The bundle is made of the results that were read, so it may name some beyond the best k.
        """
        versions = [document] if isinstance(document, Document) else list(document)
        queries = self._retriever.queries([version.full_text for version in versions])
        judged, found = self._ranked(self._keeper.get(), versions, queries, k, where)
        read = [Read(one.document, one.score, one.band, one.checks) for one in judged]
        need = versions[0].side == "need"
        bundle = bundle_of(versions[0], read, self._explainer) if need else None
        return Answer(tuple(self._finish(versions, judged[:k], found, reasons=True)), bundle)

    def match_many(
        self,
        asked: Sequence[Document | Sequence[Document]],
        k: int = 10,
        where: Where | None = None,
    ) -> list[list[Match]]:
        """Match many listings of one side, without reasons, over one state of the index.

        The vectors of all are looked up together, by all of FAISS's threads; the words one by
        one. What comes out is what ``match`` gives for each listing alone.

        Raises:
            ValueError: listings of more than one side.
        """
        listings = [[one] if isinstance(one, Document) else list(one) for one in asked]
        if len({versions[0].side for versions in listings}) > 1:
            raise ValueError("listings of one side at a time")
        snapshot = self._keeper.get()
        flat = [version for versions in listings for version in versions]
        wheres = [_counterparts(versions[0], where) for versions in listings for _ in versions]
        queries = self._retriever.queries([version.full_text for version in flat])
        found = iter(self._retriever.looked_up(snapshot, queries, k, wheres))
        return [
            self._match(
                snapshot, versions, [next(found) for _ in versions], k, where, reasons=False
            )
            for versions in listings
        ]

    def search(
        self, text: str, k: int = 20, where: Where | None = None, *, reasons: bool = False
    ) -> list[Match]:
        """Search by words and meaning; two-character words, either script, any side.

        What shares a word with the text is kept however low its band; the band WEAK stands
        for everything below the floor.
        """
        if not text.strip():
            return []
        snapshot = self._keeper.get()
        asked = Document(0, "need", detect_language(text), "", text)
        (query,) = self._retriever.queries([text])
        found = self._retriever.candidates(snapshot, query, k, where or Where())
        weights = self._running()
        scored = {one: search_score(one, weights) for one in found}
        floor = weights.bands[Band.WEAK]
        kept = [one for one in found if one.share > 0 or scored[one] >= floor]
        kept.sort(key=lambda one: (-scored[one], one.key))
        best = [group[0] for group in list(best_by_key(kept).values())[:k]]
        documents = snapshot.documents([one.row for one in best])
        judged = [
            _Judged(
                candidate=one,
                document=documents[one.row],
                score=scored[one],
                band=band_of(scored[one], weights) or Band.WEAK,
                features={},
                checks=(),
            )
            for one in best
            if one.row in documents
        ]
        return self._finish([asked], judged, kept, reasons=reasons)

    def find(
        self, text: str, k: int = 1_000, where: Where | None = None
    ) -> list[tuple[int, float]]:
        """Return what ``search`` would, as (key, score), best first, without reading texts.

        For lists with filters and counts. Of a text of many words only what reaches the floor
        is kept, since some word of it stands in almost any document.
        """
        if not text.strip():
            return []
        (query,) = self._retriever.queries([text])
        asked = self._keeper.get(), query, k, where or Where()
        keys, relevances, shares = self._retriever.measured(*asked)
        weights = self._running()
        scores = search_scores(relevances, shares, weights)
        kept = scores >= weights.bands[Band.WEAK]
        if len(query.words.weights) <= FEW_WORDS:
            kept |= shares > 0
        keys, scores = keys[kept], scores[kept]
        best = np.lexsort((keys, -scores))
        _, firsts = np.unique(keys[best], return_index=True)
        best = best[np.sort(firsts)[:k]]
        return list(zip(keys[best].tolist(), scores[best].tolist(), strict=True))

    def draft(self, text: str, side: Side) -> Document:
        """Make a document (key 0) of pasted text: language, title and requirements found.

        The first line, or the first sentence where the first line is long, is the title;
        nothing is lost: the text keeps what the title had to shorten.
        """
        stripped = text.strip()
        first, _, rest = stripped.partition("\n")
        title, body = first.strip(), rest.strip()
        if len(title) > LONGEST_TITLE or not body:
            opening = sentences(stripped)[:1] or [stripped]
            title, body = opening[0][:LONGEST_TITLE], stripped
        asked = find_requirements(stripped) if side == "need" else ()
        return Document(0, side, detect_language(stripped), title, body, Facets(requirements=asked))

    def similar(self, document: Document, k: int = 3, where: Where | None = None) -> list[Match]:
        """Find near-duplicates of the same side (very high similarity only)."""
        snapshot = self._keeper.get()
        where = where or Where()
        where = replace(where, sides=(document.side,), keys_not=where.keys_not | {document.key})
        vector = finite(self._encoder.encode_documents([document.full_text]))
        if not np.any(vector):
            return []
        ((rows, cosines),) = snapshot.nearest(vector, 4 * k, snapshot.mask(where))
        least = self._running().duplicate
        found: dict[int, Match] = {}
        close = rows[cosines >= least].tolist()
        documents = snapshot.documents(close)
        for row, cosine in zip(close, cosines.tolist(), strict=False):
            near = documents.get(row)
            if near is not None and near.key not in found:
                found[near.key] = Match(
                    near.key, near.side, cosine, cosine, Band.STRONG, (near.language,)
                )
        return list(found.values())[:k]

    @property
    def weights(self) -> RankingWeights:
        """The ranking's weights that run now."""
        return self._running()

    @property
    def encoder(self) -> Encoder:
        """The encoder that the index was built with."""
        return self._encoder

    @property
    def retriever(self) -> Retriever:
        """What asks both indexes."""
        return self._retriever

    def view(self) -> View:
        """Return the index's newest state."""
        return self._keeper.get()

    def state(self) -> IndexState:
        """Return what the index holds now."""
        return self._keeper.get().state()

    def _match(
        self,
        snapshot: View,
        versions: list[Document],
        queries: list[Query],
        k: int,
        where: Where | None,
        *,
        reasons: bool,
    ) -> list[Match]:
        judged, found = self._ranked(snapshot, versions, queries, k, where)
        return self._finish(versions, judged[:k], found, reasons=reasons)

    def _sobered(
        self,
        snapshot: View,
        versions: list[Document],
        queries: list[Query],
        judged: list[_Judged],
    ) -> list[_Judged]:
        """Lower the band of what speaks of too little of the query, however near it seems.

        One rare word in common, or one strong subject, makes a high score between strangers.
        """
        weights = self._running()
        bands = [one.band for one in judged]
        asking: dict[tuple[int, Language], list[int]] = {}
        for place, one in enumerate(judged):
            if one.band in weights.coverage:
                version = version_for(versions, one.document)
                asking.setdefault((version, one.candidate.language), []).append(place)
        for (version, language), places in asking.items():
            shares = self._coverage.shares(
                QueryWords.of(versions[version].full_text),
                snapshot.masses(queries[version].words, language),
                [judged[place].document for place in places],
            )
            for place, share in zip(places, shares.tolist(), strict=True):
                bands[place] = cap_band(bands[place], share, weights)
        return [replace(one, band=band) for one, band in zip(judged, bands, strict=True)]

    def _ranked(
        self,
        snapshot: View,
        versions: list[Document],
        queries: list[Query],
        k: int,
        where: Where | None,
    ) -> tuple[list[_Judged], list[Candidate]]:
        """Return what was read and fits, best first, and all that was found."""
        where = _counterparts(versions[0], where)
        found: list[Candidate] = []
        for query in queries:
            found += self._retriever.candidates(snapshot, query, k, where)
        found.sort(key=lambda one: (-one.relevance, one.key))
        best = [group[0] for group in best_by_key(found).values()][: max(RERANKED, 3 * k)]
        documents = snapshot.documents([one.row for one in best])
        asked = parse_all(versions[0].facets.requirements)
        weights = self._running()
        judged = [
            self._judge(documents[one.row], versions, one, asked, where.today, weights)
            for one in best
            if one.row in documents
        ]
        judged = [one for one in judged if one.band is not None]
        judged.sort(key=lambda one: (-one.score, one.candidate.key))
        return [*self._sobered(snapshot, versions, queries, judged[:k]), *judged[k:]], found

    def _judge(
        self,
        document: Document,
        versions: list[Document],
        candidate: Candidate,
        asked: Sequence[Requirement],
        today: int | None,
        weights: RankingWeights,
    ) -> _Judged:
        query = versions[version_for(versions, document)]
        if document.side == "need":
            checks = check_all(parse_all(document.facets.requirements), query.full_text)
        else:
            checks = check_all(asked, document.full_text)
        features = features_of(query, document, checks, today)
        score = rank(candidate.relevance, features, weights)
        band = band_of(score, weights)
        return _Judged(candidate, document, score, band, features, checks, weights.learned)

    def _finish(
        self,
        versions: list[Document],
        judged: list[_Judged],
        found: list[Candidate],
        *,
        reasons: bool,
    ) -> list[Match]:
        groups = best_by_key(found)
        why = self._explain(versions, judged) if reasons else [()] * len(judged)
        return [
            Match(
                key=one.candidate.key,
                side=one.document.side,
                score=one.score,
                relevance=one.candidate.relevance,
                band=one.band or Band.WEAK,
                languages=tuple(dict.fromkeys(c.language for c in groups[one.candidate.key])),
                reasons=own,
                requirements=one.checks,
                features=one.features,
                ranking=one.ranking,
            )
            for one, own in zip(judged, why, strict=True)
        ]

    def _explain(self, versions: list[Document], judged: list[_Judged]) -> list[tuple[Reason, ...]]:
        """Return the reasons of each candidate, all texts encoded in one batch."""
        splits = self._explainer.split([*versions, *(one.document for one in judged)])
        asked, found = splits[: len(versions)], splits[len(versions) :]
        return [
            tuple(self._explainer.explain(asked[version_for(versions, one.document)], candidate))
            for one, candidate in zip(judged, found, strict=True)
        ]


def search_score(candidate: Candidate, weights: RankingWeights) -> float:
    """Let a document that holds the very words of a short query come first."""
    return rank(candidate.relevance, {"words": (1 + candidate.share) / 2}, weights)


def _counterparts(document: Document, where: Where | None) -> Where:
    """Complete a filter: counterparts only, never the listing itself or its own house."""
    where = where or Where()
    own = document.facets.organisation
    return replace(
        where,
        sides=where.sides if where.sides is not None else COUNTERPARTS[document.side],
        organisation_not=where.organisation_not if own is None else (*where.organisation_not, own),
        keys_not=where.keys_not | {document.key},
    )


def version_for(versions: Sequence[Document], candidate: Document) -> int:
    """Return the place of the version in the candidate's language, else of the first."""
    same = (i for i, version in enumerate(versions) if version.language == candidate.language)
    return next(same, 0)
