"""What the read side needs of an index, whatever keeps it: the files here, or another engine.

What it is for: ``Retriever`` and ``MatchEngine`` run over anything that fulfils ``View``; whoever
owns the database feeds anything that fulfils ``Writer``. The index files do (matching.snapshot,
matching.writer), and collections in Milvus (matching.milvus).
What it must not know: files, connections, ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from matching.asking import LexicalQuery
from matching.columns import BoolArray, IntArray
from matching.dense import FloatArray
from matching.documents import Document, Language, Where
from matching.lexical import LexicalHits
from matching.results import IndexState

Progress = Callable[[int], None]


class View(Protocol):
    """One state of an index, or the nearest thing to it that the engine behind has.

    Rows are numbers by which a view knows its documents, serials those by which its words do;
    neither means anything to another view.
    """

    @property
    def documents_by_language(self) -> Mapping[Language, int]:
        """Number of documents of each language that has any."""
        ...

    @property
    def background(self) -> Mapping[Language, FloatArray]:
        """Vectors, (m, d), of documents that stand for any text of a language."""
        ...

    @property
    def background_serials(self) -> Mapping[Language, IntArray]:
        """Serials of documents that stand for any text of a language."""
        ...

    def mask(self, where: Where) -> Any:
        """Return a filter in the form that ``nearest`` takes."""
        ...

    def includes(self, rows: IntArray, where: Where) -> BoolArray:
        """Return which rows a filter does not exclude by organisation or key."""
        ...

    def nearest(
        self, queries: FloatArray, k: int, masks: Any
    ) -> Sequence[tuple[IntArray, FloatArray]]:
        """Return for each query, (q, d), the rows and cosines of its k nearest, nearest first."""
        ...

    def worded(self, query: LexicalQuery, language: Language, k: int, where: Where) -> LexicalHits:
        """Return the k best documents of one language by words, of those that are admitted."""
        ...

    def scored(self, query: LexicalQuery, language: Language, among: Sequence[int]) -> LexicalHits:
        """Score these serials by words, without a filter; those without a word are left out."""
        ...

    def masses(self, query: LexicalQuery, language: Language) -> Mapping[str, float]:
        """Return what each word of a query tells in a language."""
        ...

    def rows_of_serials(self, serials: IntArray) -> IntArray:
        """Return the row of each serial, -1 where it is gone."""
        ...

    def column(self, name: str, rows: IntArray) -> IntArray:
        """Return one number of every row: key, serial, version, organisation."""
        ...

    def cosines(self, query: FloatArray, rows: IntArray) -> FloatArray:
        """Return the exact cosines of one query, shape (d,), with the given rows."""
        ...

    def documents(self, rows: Sequence[int]) -> Mapping[int, Document]:
        """Read documents by row, at once; what has gone meanwhile is left out."""
        ...

    def state(self) -> IndexState:
        """Return the figures of status pages."""
        ...


class Keeper(Protocol):
    """Gives the newest view; safe to share between threads."""

    def get(self) -> View:
        """Return the newest view.

        Raises:
            matching.errors.IndexMissing, matching.errors.IndexNeedsRebuild: none can be read.
        """
        ...


class Writer(Protocol):
    """Takes in what the owner of the database brings."""

    def add(self, documents: Iterable[Document]) -> int:
        """Add or replace documents, those of a listing next to each other; return how many."""
        ...

    def remove(self, keys: Iterable[int]) -> int:
        """Remove listings in all their languages; return how many keys were given."""
        ...

    def commit(self) -> None:
        """Make everything since the last commit durable and findable."""
        ...

    def replace_all(
        self, documents: Iterable[Document], *, progress: Progress | None = None
    ) -> IndexState:
        """Build anew beside what there is, and move readers over at the end."""
        ...

    def versions(self) -> Mapping[int, int]:
        """Return key -> search version of every listing."""
        ...

    def state(self) -> IndexState:
        """Return what the index holds."""
        ...

    def close(self) -> None:
        """Commit and let go; harmless when repeated."""
        ...
