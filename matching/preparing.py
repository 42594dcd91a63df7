"""Making documents ready for a build, on all cores: words cut, record written, vector made.

What it is for: a build's time goes into cutting words and encoding, which need the
interpreter; so a large build has processes for it, and a small one does it beside the writing.
What it must not know: index files, where documents come from.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, groupby, islice
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Final

from matching.dense import FloatArray
from matching.documents import Document
from matching.encoder import Encoder, finite
from matching.encoders.static import StaticEncoder
from matching.lexical import CutText, cut

BATCH: Final = 1_000
"""Documents that are prepared at once."""

ALONE: Final = 20_000
"""Up to so many documents are prepared by this process: starting others takes a second."""

_AHEAD: Final = 2
"""Batches that wait for each process, at some 5 MB each."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch of documents that can be written.

    Attributes:
        documents: as they came.
        texts: the cut text of each.
        records: the record of each, JSON in UTF-8.
        vectors: float32 (len(documents), dimensions).
    """

    documents: list[Document]
    texts: list[CutText]
    records: list[bytes]
    vectors: FloatArray


def record_of(document: Document) -> bytes:
    """Return a document as it is kept: one JSON object."""
    record = json.dumps(document.to_record(), ensure_ascii=False, separators=(",", ":"))
    return record.encode("utf-8", "replace")


def encode(encoder: Encoder, documents: list[Document]) -> FloatArray:
    """Return the vectors of documents, float32 (len(documents), dimensions), all finite."""
    return finite(encoder.encode_documents([document.full_text for document in documents]))


def batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Cut a stream into batches that never part the documents of one listing."""
    batch: list[Document] = []
    for _, group in groupby(documents, key=lambda document: document.key):
        batch += group
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def prepared(
    encoder: Encoder, documents: Iterable[Document], *, alone: int = ALONE
) -> Generator[Prepared, None, None]:
    """Yield all documents in order, ready to be written.

    Args:
        encoder: makes the vectors; the built-in kind does so in every process, any other
            in this one.
        documents: those of a listing next to each other.
        alone: after so many other processes are started, as many as there are cores.
    """
    waiting = batches(documents)
    with ThreadPoolExecutor(1, thread_name_prefix="encoding") as encoding:
        for batch in islice(waiting, -(-alone // BATCH)):
            vectors = encoding.submit(encode, encoder, batch)
            texts, records = [cut(each) for each in batch], [record_of(each) for each in batch]
            yield Prepared(batch, texts, records, vectors.result())
    more = next(waiting, None)
    if more is not None:
        yield from _by_processes(encoder, chain([more], waiting))


def _by_processes(
    encoder: Encoder, waiting: Iterator[list[Document]]
) -> Generator[Prepared, None, None]:
    """Keep every process busy with a few batches ahead, whose number bounds the memory."""
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    own = isinstance(encoder, StaticEncoder)
    folder = encoder.folder if isinstance(encoder, StaticEncoder) else None
    # Not forked: this process has threads of its own, whose locks a fork would freeze.
    context = get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (folder,)) as pool:
        running: deque[tuple[list[Document], Future[_Done]]] = deque()
        try:
            for batch in waiting:
                running.append((batch, pool.submit(_prepare, batch)))
                if len(running) > _AHEAD * processes:
                    yield _finished(*running.popleft(), None if own else encoder)
            while running:
                yield _finished(*running.popleft(), None if own else encoder)
        finally:
            for _, future in running:
                future.cancel()


_Done = tuple[list[CutText], list[bytes], FloatArray | None]


def _finished(batch: list[Document], future: Future[_Done], encoder: Encoder | None) -> Prepared:
    vectors = None if encoder is None else encode(encoder, batch)
    texts, records, made = future.result()
    if made is None:
        made = vectors
    if made is None:
        raise RuntimeError("a batch came back without vectors")
    return Prepared(batch, texts, records, made)


_encode_here: list[Callable[[list[Document]], FloatArray]] = []
"""What makes vectors in a process that prepares; empty in all others."""


def _begin(folder: Path | None) -> None:
    """Start a process: end with the parent, leave signals to it, load the encoder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if folder is not None:
        # The processes are the threads; the tokenizer must not start more.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        encoder = StaticEncoder(folder)
        _encode_here.append(lambda batch: encode(encoder, batch))


def _end_with_parent() -> None:
    """Wait for the parent's end: killed, it can tell nobody, and its queues stay open."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _prepare(batch: list[Document]) -> _Done:
    vectors = _encode_here[0](batch) if _encode_here else None
    return [cut(each) for each in batch], [record_of(each) for each in batch], vectors
