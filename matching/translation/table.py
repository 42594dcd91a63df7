"""The table of renderings: a word as indexed, and the words of the other language that say it.

What it is for: letting a Chinese query find English words and the other way round, without
taking the lines apart: they are sorted, and searched as they stand (5.5 MB, unpacked in 0.1 s).
What it must not know: how the table was made, indexes, encoders.
"""

from __future__ import annotations

import lzma
from functools import lru_cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("words.tsv.xz")

Renderings = tuple[tuple[str, float], ...]
"""Words of the other language with shares that sum to 1, the likeliest first."""


class RenderingTable:
    """Looks words up in lines ``word TAB rendering SPACE parts ...``, sorted by bytes.

    Parts are whole numbers; what counts is their ratio.

    Args:
        path: of the lines, packed by xz.

    Raises:
        OSError, lzma.LZMAError: the file is not there, or not packed.
    """

    def __init__(self, path: Path = TABLE) -> None:
        self._lines = lzma.decompress(path.read_bytes())

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
