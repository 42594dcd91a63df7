"""The index's one writer in this process: opened on first use, handed out to one user at a time.

Opening after a large import is dear, so the writer stays open; a watcher closes it when this
process no longer leads (another took the dispatcher's lease), so that the next leader can write.
Must not know what is written.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matching.encoder import Encoder
from matching.writer import IndexWriter

log = logging.getLogger("tenon.matches")

WATCH_SECONDS = 5.0

Leads = Callable[[], bool]


class IndexKeeper:
    """Holds the writer of one index folder.

    Args:
        encoder: gives the encoder that the index is of at the time; asked at every opening.
        folder: the index folder.
        leads: whether this process may keep the writer open; asked every WATCH_SECONDS.
    """

    def __init__(self, encoder: Callable[[], Encoder], folder: Path, leads: Leads) -> None:
        self._encoder = encoder
        self._folder = folder
        self._leads = leads
        self._lock = threading.Lock()
        self._writer: IndexWriter | None = None
        self._watcher: threading.Timer | None = None

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """Yield the writer and commit at the end; after an error it is opened anew next time.

        Raises:
            matching.errors.IndexLocked: another process is writing.
            matching.errors.IndexMissing, matching.errors.IndexNeedsRebuild: build it first.
        """
        with self._lock:
            if self._writer is None:
                self._writer = IndexWriter(self._encoder(), self._folder, create=False)
            try:
                yield self._writer
                self._writer.commit()
            except BaseException:
                self._let_go()
                raise
            self._watch()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Hold the keeper with its writer closed, for a build that wants the folder's lock."""
        with self._lock:
            self._let_go()
            yield

    def close(self) -> None:
        """Close the writer; the next use opens it again."""
        with self.closed():
            pass

    def _let_go(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()

    def _watch(self) -> None:
        """Look again in a while, unless a look is due already."""
        if self._watcher is None:
            self._watcher = threading.Timer(WATCH_SECONDS, self._look)
            self._watcher.daemon = True
            self._watcher.start()

    def _look(self) -> None:
        try:
            leads = self._leads()
        except Exception:
            log.exception("cannot tell whether this process leads; the index is let go")
            leads = False
        with self._lock:
            self._watcher = None
            if leads:
                self._watch()
            else:
                self._let_go()
