"""A build: an index written from nothing beside what there is, and the move of readers to it.

What it is for: readers see the old build until the alias points at the new one.
What it must not know: changes that come one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from matching.documents import Document
from matching.encoder import Encoder
from matching.errors import IndexMissing
from matching.milvus.connection import (
    SCHEMA,
    Build,
    Meta,
    MilvusUnavailable,
    Place,
    builds_of,
    create,
    current_build,
)
from matching.milvus.rows import Ready, lengths_of, ready_of
from matching.milvus.steps import add_counts, totals, write, write_meta
from matching.milvus.weights import Lengths
from matching.protocols import Progress

SAMPLE: Final = 4_000
"""So many documents of a build give the mean lengths."""


def built(
    client: Any,
    place: Place,
    encoder: Encoder,
    documents: Iterator[Document],
    progress: Progress | None,
) -> Build:
    """Write a build beside the others, point the alias at it; the one before stays."""
    before = builds_of(client, place.name)
    number = int(before[-1].documents.rsplit("_g", 1)[1]) + 1 if before else 1
    build = Build(f"{place.name}_g{number:06d}")
    try:
        create(client, build, encoder.dimensions, place.dense_index)
        meta = _filled(client, build, encoder, documents, progress)
        write_meta(client, build, replace(meta, **totals(client, build)))
        client.flush(build.documents)
    except BaseException:
        _drop(client, build)
        raise
    try:
        old = current_build(client, place)
        client.alter_alias(build.documents, place.name)
    except IndexMissing:
        old = build
        client.create_alias(build.documents, place.name)
    except MilvusUnavailable:
        _drop(client, build)
        raise
    for one in before:
        if one != old:
            _drop(client, one)
    return build


def _filled(
    client: Any,
    build: Build,
    encoder: Encoder,
    documents: Iterator[Document],
    progress: Progress | None,
) -> Meta:
    """Write all documents and words of a build; its first documents give the mean lengths."""
    meta = Meta(SCHEMA, encoder.id, encoder.dimensions, Lengths(0.0, 0.0, 0.0))
    counts: Counter[tuple[int, str]] = Counter()
    early: list[Ready] | None = []
    done = 0
    for batch in ready_of(encoder, documents):
        ready = batch
        if early is not None:
            early += batch
            if len(early) < SAMPLE:
                continue
            ready, early = early, None
            meta = replace(meta, lengths=lengths_of(ready))
        counts.update(write(client, build, ready, meta.lengths))
        done += len(ready)
        if progress is not None:
            progress(done)
    if early:
        meta = replace(meta, lengths=lengths_of(early))
        counts.update(write(client, build, early, meta.lengths))
        if progress is not None:
            progress(len(early))
    add_counts(client, build, counts)
    return meta


def _drop(client: Any, build: Build) -> None:
    for name in build.all:
        client.drop_collection(name)
