"""The table of renderings: a word as indexed, and the words of the other language that say it.

What it is for: letting a Chinese query find English words and the other way round, without
loading anything: the sorted lines are mapped, shared between processes, and searched in place.
What it must not know: how the table was made, indexes, encoders.
"""

from __future__ import annotations

import mmap
from functools import lru_cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("words.tsv")

Renderings = tuple[tuple[str, float], ...]
"""Words of the other language with shares that sum to 1, the likeliest first."""


class RenderingTable:
    """Looks words up in a file of lines ``word TAB rendering SPACE parts ...``, sorted by bytes.

    Parts are whole numbers; what counts is their ratio.

    Raises:
        OSError, ValueError: the file is not there, or empty.
    """

    def __init__(self, path: Path = TABLE) -> None:
        with path.open("rb") as file:
            self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def of(self, word: str) -> Renderings:
        """Return the renderings of a word in the form of the index; empty if it has none."""
        wanted = word.encode("utf-8") + b"\t"
        low, high = 0, len(self._lines)
        while low < high:
            start = self._lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = self._end(start)
            line = self._lines[start:end]
            if line.startswith(wanted):
                return _parse(line[len(wanted) :].decode("utf-8"))
            if line < wanted:
                low = end + 1
            else:
                high = start
        return ()

    def _end(self, start: int) -> int:
        """Return where the line that begins at ``start`` ends."""
        end = self._lines.find(b"\n", start)
        return len(self._lines) if end < 0 else end


def _parse(text: str) -> Renderings:
    parts = text.split(" ")
    weights = [int(part) for part in parts[1::2]]
    total = sum(weights)
    return tuple((word, part / total) for word, part in zip(parts[::2], weights, strict=True))


@lru_cache(maxsize=65536)
def renderings_of(word: str) -> Renderings:
    """Return the renderings of a word by the table in use, which is the library's own."""
    return _in_use().of(word)


def use_table(path: Path = TABLE) -> None:
    """Take another table from now on; for development sets that the library's own has seen."""
    _in_use.cache_clear()
    renderings_of.cache_clear()
    _chosen[0] = path
    _in_use()


_chosen: Final = [TABLE]


@lru_cache(maxsize=1)
def _in_use() -> RenderingTable:
    return RenderingTable(_chosen[0])
