"""The weights that run: a file that every process follows, as it follows the index's pointer.

Whoever decides which version runs writes the file (whole or not at all, by rename) or removes
it; an engine asks before each answer, which costs a look at the file's stamp. A file that is
damaged, or was learned for other shipped weights, counts as none: the shipped weights run.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Final

from matching.ranking import Learned, RankingWeights, load_weights, with_learned

log = logging.getLogger("matching.learning")

FILE_NAME: Final = "running.json"

_Stamp = tuple[int, int, int] | None


class RunningWeights:
    """Gives the weights that run now. Safe to share between threads.

    Args:
        file: where they are written to; need not exist.
        shipped: what runs while nothing learned does; None for those of the library.
    """

    def __init__(self, file: Path, shipped: RankingWeights | None = None) -> None:
        self._file = file
        self._shipped = shipped or load_weights()
        self._lock = threading.Lock()
        self._stamp: _Stamp = None
        self._weights = self._shipped

    def __call__(self) -> RankingWeights:
        """Return the weights that run."""
        if _stamp_of(self._file) != self._stamp:
            with self._lock:
                self._follow()
        return self._weights

    def _follow(self) -> None:
        stamp = _stamp_of(self._file)
        if stamp == self._stamp:
            return
        self._weights = _read(self._file, self._shipped) if stamp else self._shipped
        self._stamp = stamp
        log.info("ranking follows version %d", self._weights.learned)


def write_running(file: Path, learned: Learned | None) -> bool:
    """Let a version run, or with None the shipped weights; returns whether that is news.

    Raises:
        OSError: the folder cannot be written.
    """
    content = None if learned is None else json.dumps(learned.to_record(), sort_keys=True).encode()
    before = file.read_bytes() if file.exists() else None
    if content == before:
        return False
    if content is None:
        file.unlink(missing_ok=True)
        return True
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}.draft")
    with draft.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
    return True


def _stamp_of(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _read(file: Path, shipped: RankingWeights) -> RankingWeights:
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return with_learned(shipped, Learned.from_record(record))
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.error("the learned ranking is not used, the shipped one runs: %r", error)
        return shipped
