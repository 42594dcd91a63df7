"""Words: BM25 by tantivy over text that was cut before, with the same filters as elsewhere.

Each language has fields of its own, so that how rare a word is, and whether it is known at
all, is asked of the language a candidate is written in. The schema keeps no text. Ids are
serials, shared with the other indexes; what a serial stands for is not known here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import numpy as np
import tantivy
from tantivy import FieldType, Occur, Query

from matching.asking import Asked, LexicalQuery, Size, weigh_words
from matching.columns import NEVER, NONE, IntArray, facet_tokens, wanted_tokens
from matching.dense import FloatArray
from matching.documents import LANGUAGES, Document, Language, Where
from matching.errors import asking
from matching.text import bigrams, words

log = logging.getLogger("matching")

TITLE_COUNT: Final = 3
"""A word of the title counts as if it were said so often; titles are few words and chosen."""

RUN_BOOST: Final = 0.3

FREQUENCIES_KEPT: Final = 50_000
"""So many words' numbers of documents are remembered, at some 200 bytes each."""

QUERIES_KEPT: Final = 32
"""So many weighed queries are remembered: each is asked twice, for the best and for the rest."""

_HEAP: Final = 64_000_000
BUILD_HEAP: Final = 256_000_000
"""For a build: some 60,000 documents a segment, before segments are merged."""

_BODY: Final[dict[Language, str]] = {language: f"body_{language}" for language in LANGUAGES}
_NUMBERS: Final = ("organisation", "published", "expires", "readiness")


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("serial", indexed=True, fast=True)
    builder.add_integer_field("key", indexed=True, fast=False)
    for name in _NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    for body in _BODY.values():
        builder.add_text_field(body, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("grams", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("tokens", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


SCHEMA: Final = _schema()


@dataclass(frozen=True, slots=True)
class CutText:
    """What the index takes of a document's text, blanks between the parts.

    Attributes:
        words: of title and text.
        grams: neighbouring Chinese characters.
    """

    words: str
    grams: str


def cut(document: Document) -> CutText:
    """Cut a document's text; the dear part of adding it, and needs no index."""
    said = words(document.title) * TITLE_COUNT + words(document.text)
    return CutText(" ".join(said), " ".join(bigrams(document.full_text)))


class LexicalWriter:
    """Adds and removes documents of one index folder. One at a time per folder.

    Args:
        folder: of the words.
        heap: bytes to collect before they are written; more makes fewer, larger segments.
    """

    def __init__(self, folder: Path, heap: int = _HEAP) -> None:
        self._index = tantivy.Index(SCHEMA, str(folder), reuse=True)
        self._writer = self._index.writer(heap, 1)

    def add(self, document: Document, serial: int, text: CutText | None = None) -> None:
        """Add one document; the caller removes what it replaces.

        Args:
            document: to add.
            serial: its id.
            text: the document's, if it is cut already.
        """
        text = cut(document) if text is None else text
        facets = document.facets
        entry = tantivy.Document()
        entry.add_integer("serial", serial)
        entry.add_integer("key", document.key)
        organisation = NONE if facets.organisation is None else facets.organisation
        entry.add_integer("organisation", organisation)
        entry.add_integer("published", facets.published)
        entry.add_integer("expires", NEVER if facets.expires is None else facets.expires)
        entry.add_integer("readiness", NONE if facets.readiness is None else facets.readiness)
        entry.add_text(_BODY[document.language], text.words)
        entry.add_text("grams", text.grams)
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
        """Commit, let merges finish, and let go of the folder, the last whatever happens."""
        try:
            self._writer.commit()
        finally:
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
class LexicalHits:
    """Hits in one language, best first.

    Attributes:
        serials: ids, int64.
        scores: BM25 sums, float32.
        known: share of the query's weight (idf) on words that the language has as they stand,
            0 to 1.
        rendered: share on words that it has in its own words only, 0 to 1.
        best: the score that a document with every known word of the query would have.
        masses: what each word of the query tells in this language.
    """

    serials: IntArray
    scores: FloatArray
    known: float
    rendered: float
    best: float
    masses: Mapping[str, float]


_Given = ParamSpec("_Given")
_Told = TypeVar("_Told")


def _telling_damage(
    ask: Callable[Concatenate[LexicalReader, _Given], _Told],
) -> Callable[Concatenate[LexicalReader, _Given], _Told]:
    """Let a question that damaged files cannot answer end as IndexNeedsRebuild."""

    @wraps(ask)
    def told(self: LexicalReader, /, *given: _Given.args, **named: _Given.kwargs) -> _Told:
        with asking(self.folder.parent.parent, self.folder.name):
            return ask(self, *given, **named)

    return told


class LexicalReader:
    """Searches one index folder; ``reload`` shows what the writer committed since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = tantivy.Index.open(str(folder))
        self._index.config_reader("manual")
        self._stamp = self._meta_stamp()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._asked: dict[tuple[int, Language], tuple[LexicalQuery, Asked]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}

    def reload(self) -> None:
        """Follow the writer, if it committed since the last look (one small file is read).

        Where the writer has moved on and cleaned up, what was open stays open.
        """
        try:
            stamp = self._meta_stamp()
            if stamp == self._stamp:
                return
            self._index.reload()
        except (OSError, ValueError) as error:
            log.info("the words of %s cannot be followed: %s", self.folder, error)
            return
        self._searcher = self._index.searcher()
        self._asked, self._frequencies = {}, {}
        self._stamp = stamp

    def _meta_stamp(self) -> bytes:
        """Return the list of segments as it stands: its time and inode may come back."""
        return (self.folder / "meta.json").read_bytes()

    @_telling_damage
    def search(
        self,
        query: LexicalQuery,
        language: Language,
        k: int,
        where: Where | None,
        among: Sequence[int] | None = None,
    ) -> LexicalHits:
        """Search the documents of one language.

        Args:
            query: the cut text.
            language: which documents.
            k: how many at most.
            where: the filter; its ``languages`` are not looked at. None for no filter at all,
                not even the language: quickest by far, since the engine may then skip what
                cannot come among the k best; a few Chinese words stand in English documents.
            among: score only these serials.
        """
        searcher = self._searcher
        asked = self._weigh(searcher, query, language)
        clauses = [_clause(_BODY[language], *word) for word in asked.words]
        clauses += [_clause("grams", *pair) for pair in asked.grams]
        if language == "zh":
            clauses += [_run_clause(run) for run in query.runs]
        if not clauses:
            return NOTHING
        any_of = Query.boolean_query([(Occur.Should, clause) for clause in clauses])
        filters = [] if where is None else _filters(where, language)
        if among is not None:
            filters.append((Occur.Must, _any_serial(among)))
        silent = [(occur, Query.const_score_query(part, 0.0)) for occur, part in filters]
        whole = Query.boolean_query([(Occur.Must, any_of), *silent]) if silent else any_of
        hits = searcher.search(whole, k, count=False).hits
        if not hits:
            return replace(
                NOTHING,
                known=asked.known,
                rendered=asked.rendered,
                best=asked.best,
                masses=asked.masses,
            )
        serials = searcher.fast_field_values("serial", [address for _, address in hits])
        return LexicalHits(
            np.array(serials, dtype=np.int64),
            np.array([score for score, _ in hits], dtype=np.float32),
            asked.known,
            asked.rendered,
            asked.best,
            asked.masses,
        )

    @_telling_damage
    def masses(self, query: LexicalQuery, language: Language) -> Mapping[str, float]:
        """Return what each word of the query tells among the documents of a language."""
        return self._weigh(self._searcher, query, language).masses

    def _weigh(self, searcher: tantivy.Searcher, query: LexicalQuery, language: Language) -> Asked:
        """Choose what the documents of one language are asked; remembered for the next look."""
        known = self._asked
        kept = known.get((id(query), language))
        if kept is not None and kept[0] is query:
            return kept[1]
        body = _BODY[language]
        asked = weigh_words(
            query,
            language,
            Size(max(searcher.doc_freq("tokens", f"language:{language}"), 1), searcher.num_docs),
            word_frequency=lambda word: self._frequency(searcher, body, word),
            gram_frequency=lambda pair: self._frequency(searcher, "grams", pair),
        )
        if len(known) >= QUERIES_KEPT:
            known.clear()
        known[id(query), language] = query, asked
        return asked

    def _frequency(self, searcher: tantivy.Searcher, field: str, word: str) -> int:
        """Return in how many documents a word stands; each of many segments must be asked."""
        found = self._frequencies.get((field, word))
        if found is None:
            if len(self._frequencies) >= FREQUENCIES_KEPT:
                self._frequencies.clear()
            found = self._frequencies[field, word] = int(searcher.doc_freq(field, word))
        return found


NOTHING: Final = LexicalHits(
    serials=np.empty(0, dtype=np.int64),
    scores=np.empty(0, dtype=np.float32),
    known=0.0,
    rendered=0.0,
    best=0.0,
    masses={},
)


def _clause(field: str, word: str, factor: float) -> Any:
    return Query.boost_query(Query.term_query(SCHEMA, field, word, "freq"), factor)


def _run_clause(run: str) -> Any:
    """Ask for all neighbouring pairs of a run at once."""
    pairs = {run[i : i + 2] for i in range(len(run) - 1)}
    all_of = [
        (Occur.Must, Query.term_query(SCHEMA, "grams", pair, "basic")) for pair in sorted(pairs)
    ]
    return Query.boost_query(Query.boolean_query(all_of), RUN_BOOST)


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


def _any_serial(serials: Sequence[int]) -> Any:
    """Ask for serials one by one: each has one document, and a set would be sought as a whole."""
    terms = [(Occur.Should, Query.term_query(SCHEMA, "serial", one)) for one in serials]
    return Query.boolean_query(terms)


def _range(field: str, low: int, high: int) -> Any:
    return Query.range_query(SCHEMA, field, FieldType.Integer, low, high)
