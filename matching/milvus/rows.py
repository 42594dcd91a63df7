"""Documents as rows of Milvus' collections: numbers, facets, vectors, words, parts of texts.

What it is for: what is written of a document, made before anything is sent.
What it must not know: connections, when rows are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from matching.columns import NEVER, NONE, facet_tokens
from matching.dense import FloatArray
from matching.documents import LANGUAGES, SIDES, Document
from matching.encoder import Encoder
from matching.lexical import CutText
from matching.milvus.connection import MOST_PARTS, MOST_VERSIONS, PART
from matching.milvus.expressions import token_number
from matching.milvus.reading import LAST, MORE
from matching.milvus.weights import NOWHERE, Lengths, document_weights
from matching.preparing import prepared

_MIX: Final = 0x9E3779B97F4A7C15
_WIDEST: Final = 2**63 // (MOST_VERSIONS * MOST_PARTS)


@dataclass(frozen=True, slots=True)
class Ready:
    """A document with everything that is written of it."""

    row: int
    document: Document
    text: CutText
    record: str
    vector: FloatArray


def ready_of(encoder: Encoder, documents: Iterable[Document]) -> Iterator[list[Ready]]:
    """Cut, encode and number documents, a batch at a time; listings are never parted."""
    with closing(prepared(encoder, documents)) as batches:
        for batch in batches:
            found = []
            place, last = 0, -1
            for document, text, record, vector in zip(
                batch.documents, batch.texts, batch.records, batch.vectors, strict=True
            ):
                place, last = (place + 1 if document.key == last else 0), document.key
                if not 0 <= document.key < _WIDEST or place >= MOST_VERSIONS:
                    raise ValueError(f"document {place} of key {document.key} has no number")
                row = document.key * MOST_VERSIONS + place
                found.append(Ready(row, document, text, record.decode(), vector))
            yield found


def parts_of(one: Ready) -> int:
    """Return in how many parts a document's text is kept."""
    return -(-len(one.record) // PART)


def text_rows(one: Ready) -> Iterator[dict[str, Any]]:
    """Yield the rows of a document's text."""
    pieces = [one.record[at : at + PART] for at in range(0, len(one.record), PART)]
    if len(pieces) > MOST_PARTS:
        raise ValueError(f"the text of key {one.document.key} is too long for Milvus")
    for place, piece in enumerate(pieces):
        mark = LAST if place == len(pieces) - 1 else MORE
        number = one.row * MOST_PARTS + place
        yield {"id": number, "part": mark + piece, "vector": [0.0, 0.0]}


def document_row(one: Ready, lengths: Lengths) -> dict[str, Any]:
    """Return the row of a document, its words weighed by the index's mean lengths."""
    document, facets = one.document, one.document.facets
    return {
        "id": one.row,
        "key": document.key,
        "version": document.version,
        "organisation": NONE if facets.organisation is None else facets.organisation,
        "published": facets.published,
        "expires": NEVER if facets.expires is None else facets.expires,
        "draw": (one.row * _MIX & 2**64 - 1) >> 33,
        "grams": len(one.text.grams.split()),
        "side": SIDES.index(document.side),
        "language": LANGUAGES.index(document.language),
        "readiness": NONE if facets.readiness is None else facets.readiness,
        "place": one.row % MOST_VERSIONS,
        "tokens": sorted({token_number(token) for token in facet_tokens(document)}),
        "vector": one.vector,
        "words": document_weights(document.language, one.text, lengths),
    }


def counted(rows: Iterable[Mapping[str, Any]]) -> Counter[tuple[int, str]]:
    """Count in how many rows each dimension stands, by language."""
    counts: Counter[tuple[int, str]] = Counter()
    for row in rows:
        language = LANGUAGES[int(row["language"])]
        counts.update((int(one), language) for one in row["words"] if int(one) != NOWHERE)
    return counts


def lengths_of(ready: Sequence[Ready]) -> Lengths:
    """Return the mean lengths of some documents."""
    return Lengths.of((one.document.language, one.text) for one in ready)
