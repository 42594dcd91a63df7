"""What a commit and a build do to the collections, step by step.

What it is for: writing rows in an order in which whatever is found can also be read, deleting
them the other way round, and keeping up in how many documents each word stands.
What it must not know: when a commit is due, what was left half done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from matching.documents import LANGUAGES
from matching.milvus.connection import META_ROW, MOST_PARTS, Build, Meta, rows_by_id
from matching.milvus.rows import Ready, counted, document_row, text_rows
from matching.milvus.weights import Lengths

AT_ONCE: Final = 500
"""Rows of one request: some 5 MB, where Milvus takes 64."""

SPANS: Final = 50
"""Ranges of one expression."""


def write(
    client: Any, build: Build, ready: Sequence[Ready], lengths: Lengths
) -> Counter[tuple[int, str]]:
    """Write texts and documents; return in how many of them each word stands, by language."""
    counts: Counter[tuple[int, str]] = Counter()
    for start in range(0, len(ready), AT_ONCE):
        part = ready[start : start + AT_ONCE]
        texts = [row for one in part for row in text_rows(one)]
        for begin in range(0, len(texts), AT_ONCE):
            client.upsert(build.texts, texts[begin : begin + AT_ONCE])
        rows = [document_row(one, lengths) for one in part]
        client.upsert(build.documents, rows)
        counts.update(counted(rows))
    return counts


def rows_of(client: Any, build: Build, keys: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Return what there is under these keys: row -> words and language."""
    found: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(keys), AT_ONCE):
        part = sorted(keys[start : start + AT_ONCE])
        rows = client.query(
            build.documents, filter=f"key in {part}", output_fields=["id", "words", "language"]
        )
        found.update({int(row["id"]): row for row in rows})
    return found


def delete(client: Any, build: Build, rows: Sequence[int]) -> None:
    """Delete documents, then their texts."""
    for start in range(0, len(rows), AT_ONCE):
        client.delete(build.documents, ids=list(rows[start : start + AT_ONCE]))
    delete_texts(client, build, dict.fromkeys(rows, 0))


def delete_texts(client: Any, build: Build, kept: Mapping[int, int]) -> None:
    """Delete all parts of the rows' texts but the first few; row -> how many."""
    spans = [
        f"(id >= {row * MOST_PARTS + parts} and id < {(row + 1) * MOST_PARTS})"
        for row, parts in sorted(kept.items())
    ]
    for start in range(0, len(spans), SPANS):
        client.delete(build.texts, filter=" or ".join(spans[start : start + SPANS]))


def add_counts(client: Any, build: Build, counts: Counter[tuple[int, str]]) -> None:
    """Change the words' rows by these differences."""
    wanted = sorted({one for (one, _), change in counts.items() if change})
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        known = rows_by_id(client, build.words, part, ["zh", "en"])
        rows = [_word_row(one, known.get(one, {}), counts) for one in part]
        client.upsert(build.words, rows)


def _word_row(
    one: int, known: Mapping[str, Any], counts: Mapping[tuple[int, str], int]
) -> dict[str, Any]:
    numbers: dict[str, int] = {
        language: max(int(known.get(language, 0)) + counts.get((one, language), 0), 0)
        for language in LANGUAGES
    }
    return {"id": one, **numbers, "note": "", "vector": [0.0, 0.0]}


def recount(client: Any, build: Build) -> None:
    """Count the words anew: a commit that was cut short may have left them wrong."""
    counts: Counter[tuple[int, str]] = Counter()
    for row in all_rows(client, build.documents, ["words", "language"]):
        counts.update(counted([row]))
    for row in all_rows(client, build.words, ["zh", "en"]):
        if int(row["id"]) != META_ROW:
            for language in LANGUAGES:
                counts[int(row["id"]), language] -= int(row[language])
    add_counts(client, build, counts)


def all_rows(client: Any, collection: str, fields: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield all rows of a collection."""
    # Milvus promises an order, and so that none is left out, to its iterator alone.
    rows = client.query_iterator(
        collection, filter=f"id >= {META_ROW}", output_fields=["id", *fields], batch_size=AT_ONCE
    )
    try:
        while batch := rows.next():
            yield from batch
    finally:
        rows.close()


def totals(client: Any, build: Build) -> dict[str, Any]:
    """Return the numbers of documents by language and of listings."""
    counts = {
        language: _count(client, build, f"language == {number}")
        for number, language in enumerate(LANGUAGES)
    }
    documents = {language: count for language, count in counts.items() if count}
    return {"documents": documents, "listings": _count(client, build, "place == 0")}


def _count(client: Any, build: Build, wanted: str) -> int:
    (row,) = client.query(build.documents, filter=wanted, output_fields=["count(*)"])
    return int(row["count(*)"])


def write_meta(client: Any, build: Build, meta: Meta) -> None:
    """Write what a build says of itself."""
    row = {"id": META_ROW, "zh": 0, "en": 0, "note": meta.to_note(), "vector": [0.0, 0.0]}
    client.upsert(build.words, [row])
