"""The read side of matching: from a document or a few words to ranked, explained matches.

One ``MatchEngine`` per process and index folder; it follows the writer by itself (new
builds and what was published a moment ago). It reads only the index folder, never the
database, so it can show nothing but public-tier text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from matching.documents import COUNTERPARTS, Document, Facets, Side, Where
from matching.encoder import Encoder
from matching.ranking import RankingWeights, band_of, features_of, load_weights, rank
from matching.reasons import Explainer
from matching.requirements import Requirement, check_all, find_requirements, parse_all
from matching.results import Band, IndexState, Match, Reason, RequirementCheck
from matching.retrieval import Candidate, Query, Retriever, best_by_key
from matching.sentences import sentences
from matching.snapshot import Snapshot, SnapshotKeeper
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


class MatchEngine:
    """Finds counterparts of a document and answers searches. Safe to share between threads.

    Args:
        encoder: must be the one the index was built with.
        folder: the index folder that ``matching.writer.IndexWriter`` fills.
        weights: of the ranking; None for those that come with the library.

    Every call raises IndexMissing if nothing was built yet and IndexNeedsRebuild if the
    index is damaged or of another encoder.
    """

    def __init__(
        self, encoder: Encoder, folder: Path, weights: RankingWeights | None = None
    ) -> None:
        self._encoder = encoder
        self._keeper = SnapshotKeeper(folder, encoder.id)
        self._weights = weights or load_weights()
        self._retriever = Retriever(encoder, self._weights.fusion)
        self._explainer = Explainer(encoder)

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

    def match_many(
        self, documents: Sequence[Document], k: int = 10, where: Where | None = None
    ) -> list[list[Match]]:
        """Match many documents, without reasons, over one state of the index."""
        snapshot = self._keeper.get()
        queries = self._retriever.queries([document.full_text for document in documents])
        return [
            self._match(snapshot, [document], [query], k, where, reasons=False)
            for document, query in zip(documents, queries, strict=True)
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
        scored = {one: self._search_score(one) for one in found}
        floor = self._weights.bands[Band.WEAK]
        kept = [one for one in found if one.share > 0 or scored[one] >= floor]
        kept.sort(key=lambda one: (-scored[one], one.key))
        judged = [
            _Judged(
                candidate=group[0],
                document=snapshot.document(group[0].row),
                score=scored[group[0]],
                band=band_of(scored[group[0]], self._weights) or Band.WEAK,
                features={},
                checks=(),
            )
            for group in list(best_by_key(kept).values())[:k]
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
        found = self._retriever.candidates(self._keeper.get(), query, k, where or Where())
        scored = {one: self._search_score(one) for one in found}
        floor = self._weights.bands[Band.WEAK]
        few = len(query.words.weights) <= FEW_WORDS
        kept = [one for one in found if scored[one] >= floor or (few and one.share > 0)]
        kept.sort(key=lambda one: (-scored[one], one.key))
        groups = list(best_by_key(kept).items())[:k]
        return [(key, scored[group[0]]) for key, group in groups]

    def _search_score(self, candidate: Candidate) -> float:
        """Let a document that holds the very words of a short query come first."""
        return rank(candidate.relevance, {"words": (1 + candidate.share) / 2}, self._weights)

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
        vector = self._encoder.encode_documents([document.full_text])
        if not np.any(vector):
            return []
        ((rows, cosines),) = snapshot.nearest(vector, 4 * k, snapshot.mask(where))
        found: dict[int, Match] = {}
        for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True):
            near = snapshot.document(row)
            if cosine >= self._weights.duplicate and near.key not in found:
                found[near.key] = Match(
                    near.key, near.side, cosine, cosine, Band.STRONG, (near.language,)
                )
        return list(found.values())[:k]

    def state(self) -> IndexState:
        """Return what the index holds now."""
        return self._keeper.get().state()

    def _match(
        self,
        snapshot: Snapshot,
        versions: list[Document],
        queries: list[Query],
        k: int,
        where: Where | None,
        *,
        reasons: bool,
    ) -> list[Match]:
        where = _counterparts(versions[0], where)
        found: list[Candidate] = []
        for query in queries:
            found += self._retriever.candidates(snapshot, query, k, where)
        found.sort(key=lambda one: (-one.relevance, one.key))
        groups = list(best_by_key(found).values())[: max(RERANKED, 3 * k)]
        asked = parse_all(versions[0].facets.requirements)
        judged = [self._judge(snapshot, versions, group[0], asked, where.today) for group in groups]
        judged = [one for one in judged if one.band is not None]
        judged.sort(key=lambda one: (-one.score, one.candidate.key))
        return self._finish(versions, judged[:k], found, reasons=reasons)

    def _judge(
        self,
        snapshot: Snapshot,
        versions: list[Document],
        candidate: Candidate,
        asked: Sequence[Requirement],
        today: int | None,
    ) -> _Judged:
        document = snapshot.document(candidate.row)
        query = versions[_version_for(versions, document)]
        if document.side == "need":
            checks = check_all(parse_all(document.facets.requirements), query.full_text)
        else:
            checks = check_all(asked, document.full_text)
        features = features_of(query, document, checks, today)
        score = rank(candidate.relevance, features, self._weights)
        return _Judged(candidate, document, score, band_of(score, self._weights), features, checks)

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
            )
            for one, own in zip(judged, why, strict=True)
        ]

    def _explain(self, versions: list[Document], judged: list[_Judged]) -> list[tuple[Reason, ...]]:
        """Return the reasons of each candidate, all texts encoded in one batch."""
        splits = self._explainer.split([*versions, *(one.document for one in judged)])
        asked, found = splits[: len(versions)], splits[len(versions) :]
        return [
            tuple(self._explainer.explain(asked[_version_for(versions, one.document)], candidate))
            for one, candidate in zip(judged, found, strict=True)
        ]


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


def _version_for(versions: Sequence[Document], candidate: Document) -> int:
    """Return the place of the version in the candidate's language, else of the first."""
    same = (i for i, version in enumerate(versions) if version.language == candidate.language)
    return next(same, 0)
