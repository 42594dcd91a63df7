"""Words: BM25 by tantivy over text that was cut before, with the same filters as elsewhere.

Each language has fields of its own, so that how rare a word is, and whether it is known at
all, is asked of the language a candidate is written in. The schema keeps no text. Ids are
serials, shared with the other indexes; what a serial stands for is not known here.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import tantivy
from tantivy import FieldType, Occur, Query

from matching.columns import NEVER, NONE, IntArray, facet_tokens, wanted_tokens
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.text import bigrams, chinese_runs, words

TITLE_BOOST: Final = 1.5
"""A word of the title counts this much more; titles are few words and chosen."""

LONGEST_QUERY: Final = 96
"""Of a long text only this many words are asked: those that tell most (idf times tf)."""

GRAM_BOOST: Final = 0.3
SHORT_QUERY: Final = 12
"""Up to this many Chinese characters a query also asks for neighbouring characters."""

_HEAP: Final = 64_000_000
_FIELDS: Final[dict[Language, tuple[str, str]]] = {
    language: (f"title_{language}", f"body_{language}") for language in LANGUAGES
}
_NUMBERS: Final = ("organisation", "published", "expires", "readiness")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("serial", indexed=True, fast=True)
    builder.add_integer_field("key", indexed=True, fast=False)
    for name in _NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for title, body in _FIELDS.values():
        builder.add_text_field(title, tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field(body, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("grams", tokenizer_name="whitespace", index_option="basic")
    builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


SCHEMA: Final = _schema()


class LexicalWriter:
    """Adds and removes documents of one index folder. One at a time per folder."""

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index(SCHEMA, str(folder), reuse=True)
        self._writer = self._index.writer(_HEAP, 1)

    def add(self, document: Document, serial: int) -> None:
        """Add one document; the caller removes what it replaces."""
        title, body = _FIELDS[document.language]
        facets = document.facets
        entry = tantivy.Document()
        entry.add_integer("serial", serial)
        entry.add_integer("key", document.key)
        organisation = NONE if facets.organisation is None else facets.organisation
        entry.add_integer("organisation", organisation)
        entry.add_integer("published", facets.published)
        entry.add_integer("expires", NEVER if facets.expires is None else facets.expires)
        entry.add_integer("readiness", NONE if facets.readiness is None else facets.readiness)
        title_words = words(document.title)
        entry.add_text(title, " ".join(title_words))
        entry.add_text(body, " ".join(title_words + words(document.text)))
        entry.add_text("grams", " ".join(set(bigrams(document.full_text))))
        tokens = [f"side:{document.side}", f"language:{document.language}"]
        entry.add_text("tokens", " ".join([*tokens, *facet_tokens(document)]))
        self._writer.add_document(entry)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove all documents of these listings."""
        for key in keys:
            self._writer.delete_documents_by_term("key", key)

    def commit(self) -> None:
        """Make all changes durable and visible to readers that reload."""
        self._writer.commit()

    def rollback(self) -> None:
        """Forget all changes since the last commit."""
        self._writer.rollback()

    def close(self) -> None:
        """Commit, let merges finish, and let go of the folder."""
        self._writer.commit()
        self._writer.wait_merging_threads()


def copy_index(source: Path, target: Path) -> None:
    """Make ``target`` a working copy of a closed index; files are linked where possible.

    The segment files never change once written, so a hard link is as good as a copy; the
    lists of segments do change and are copied.
    """
    for path in source.iterdir():
        if path.suffix == ".lock":
            continue
        if path.suffix == ".json":
            (target / path.name).write_bytes(path.read_bytes())
            continue
        try:
            os.link(path, target / path.name)
        except OSError:
            (target / path.name).write_bytes(path.read_bytes())


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A text as the lexical index asks it.

    Attributes:
        weights: how often each word counts, saturated.
        runs: runs of Chinese characters of a short query, for the safety net; else empty.
    """

    weights: dict[str, float]
    runs: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> LexicalQuery:
        """Cut a text and weigh its words: a word said n times counts 1 + ln n."""
        counts = Counter(words(text))
        runs = chinese_runs(text)
        short = sum(map(len, runs)) <= SHORT_QUERY
        return cls(
            weights={word: 1.0 + math.log(count) for word, count in counts.items()},
            runs=tuple(run for run in runs if len(run) > 1) if short else (),
        )


@dataclass(frozen=True, slots=True)
class LexicalHits:
    """Hits in one language, best first.

    Attributes:
        serials: ids, int64.
        scores: BM25 sums, float32.
        known: share of the query's weight (idf) on words that the language has, 0 to 1.
        best: the score that a document with every known word of the query would have.
    """

    serials: IntArray
    scores: FloatArray
    known: float
    best: float


class LexicalReader:
    """Searches one index folder; ``reload`` shows what the writer committed since."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = tantivy.Index.open(str(folder))
        self._index.config_reader("manual")
        self._stamp = self._meta_stamp()
        self._index.reload()
        self._searcher = self._index.searcher()

    def reload(self) -> None:
        """Follow the writer, if it committed since the last look (one stat)."""
        stamp = self._meta_stamp()
        if stamp != self._stamp:
            self._index.reload()
            self._searcher = self._index.searcher()
            self._stamp = stamp

    def _meta_stamp(self) -> tuple[int, int]:
        status = (self._folder / "meta.json").stat()
        return status.st_ino, status.st_mtime_ns

    def search(
        self,
        query: LexicalQuery,
        language: Language,
        k: int,
        where: Where,
        among: Sequence[int] | None = None,
    ) -> LexicalHits:
        """Search the documents of one language.

        Args:
            query: the cut text.
            language: which documents.
            k: how many at most.
            where: the filter; its ``languages`` are not looked at.
            among: score only these serials.
        """
        searcher = self._searcher
        weighed, known, best = self._weigh(searcher, query, language)
        clauses = _word_clauses(weighed, language)
        if language == "zh":
            clauses += [_run_clause(run) for run in query.runs]
        if not clauses:
            return NOTHING
        asked = Query.boolean_query([(Occur.Should, clause) for clause in clauses])
        filters = _filters(where, language)
        if among is not None:
            filters.append((Occur.Must, Query.term_set_query(SCHEMA, "serial", list(among))))
        silent = [(occur, Query.const_score_query(part, 0.0)) for occur, part in filters]
        whole = Query.boolean_query([(Occur.Must, asked), *silent])
        hits = searcher.search(whole, k, count=False).hits
        if not hits:
            return LexicalHits(NOTHING.serials, NOTHING.scores, known, best)
        serials = searcher.fast_field_values("serial", [address for _, address in hits])
        return LexicalHits(
            np.array(serials, dtype=np.int64),
            np.array([score for score, _ in hits], dtype=np.float32),
            known,
            best,
        )

    def _weigh(
        self, searcher: tantivy.Searcher, query: LexicalQuery, language: Language
    ) -> tuple[list[tuple[str, float]], float, float]:
        """Return the words to ask with weights, the known share, and the full score."""
        _, body = _FIELDS[language]
        documents = max(searcher.doc_freq("tokens", f"language:{language}"), 1)
        unknown = math.log(1 + (documents + 0.5) / 0.5)
        total = weight_known = 0.0
        weighed: list[tuple[float, str, float]] = []
        for word, weight in query.weights.items():
            found = searcher.doc_freq(body, word)
            idf = math.log(1 + (documents - found + 0.5) / (found + 0.5)) if found else unknown
            total += idf * weight
            if found:
                weight_known += idf * weight
                weighed.append((idf * weight, word, weight))
        weighed.sort(key=lambda part: (-part[0], part[1]))
        asked = weighed[:LONGEST_QUERY]
        best = sum(part[0] for part in asked)
        return [(word, w) for _, word, w in asked], weight_known / total if total else 0.0, best


NOTHING: Final = LexicalHits(
    np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32), known=0.0, best=0.0
)


def _word_clauses(weighed: list[tuple[str, float]], language: Language) -> list[Any]:
    title, body = _FIELDS[language]
    clauses = []
    for word, weight in weighed:
        clauses.append(Query.boost_query(Query.term_query(SCHEMA, body, word, "freq"), weight))
        clauses.append(
            Query.boost_query(
                Query.term_query(SCHEMA, title, word, "freq"), weight * (TITLE_BOOST - 1)
            )
        )
    return clauses


def _run_clause(run: str) -> Any:
    """Ask for all neighbouring pairs of a run at once."""
    pairs = {run[i : i + 2] for i in range(len(run) - 1)}
    all_of = [
        (Occur.Must, Query.term_query(SCHEMA, "grams", pair, "basic")) for pair in sorted(pairs)
    ]
    return Query.boost_query(Query.boolean_query(all_of), GRAM_BOOST)


def _filters(where: Where, language: Language) -> list[tuple[Occur, Any]]:
    """Turn the filter into clauses that must (or must not) hold."""
    groups = [[f"language:{language}"], *wanted_tokens(where)]
    if where.sides is not None:
        groups.append([f"side:{side}" for side in where.sides])
    must = [(Occur.Must, _any_token(group)) for group in groups]
    if where.organisations is not None:
        must.append((Occur.Must, _any_number("organisation", where.organisations)))
    if where.keys is not None:
        must.append((Occur.Must, _any_number("key", where.keys)))
    if where.organisation_not:
        must.append((Occur.MustNot, _any_number("organisation", where.organisation_not)))
    if where.keys_not:
        must.append((Occur.MustNot, _any_number("key", where.keys_not)))
    if where.readiness is not None:
        low, high = where.readiness
        must.append((Occur.Must, _range("readiness", max(low, 0), high)))
    if where.published_since is not None:
        must.append((Occur.Must, _range("published", where.published_since, NEVER)))
    if where.today is not None:
        must.append((Occur.Must, _range("expires", where.today, NEVER)))
    return must


def _any_token(tokens: Sequence[str]) -> Any:
    if len(tokens) == 1:
        return Query.term_query(SCHEMA, "tokens", tokens[0], "basic")
    return Query.term_set_query(SCHEMA, "tokens", list(tokens))


def _any_number(field: str, values: Iterable[int]) -> Any:
    return Query.term_set_query(SCHEMA, field, sorted(values))


def _range(field: str, low: int, high: int) -> Any:
    return Query.range_query(SCHEMA, field, FieldType.Integer, low, high)
