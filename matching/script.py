"""Chinese script: one form for what was written in traditional or simplified characters.

What it is for: making 雷射切割機 and 雷射切割机 the same characters before anything is cut,
indexed or encoded, on both the writing and the asking side.
What it must not know: words, dictionaries of meaning, encoders, indexes.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import opencc


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    """OpenCC's traditional-to-simplified characters as a table for ``str.translate``.

    Converting through OpenCC's phrase matcher costs 1.6 µs a character, which would be most of
    the cost of encoding. Characters alone are enough here: both sides of every comparison take
    the same table, so the rare phrase that keeps its old character (乾坤) still meets itself.
    """
    path = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    table: dict[int, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        source, _, targets = line.partition("\t")
        target = targets.split(" ")[0]
        if len(source) == 1 and target != source:
            table[ord(source)] = target
    return table


def simplify(text: str) -> str:
    """Give ``text`` with traditional Chinese characters replaced by simplified ones.

    The length never changes, so positions in the result are positions in ``text``.
    Text that is simplified already, or not Chinese at all, comes back as it is.
    """
    return text if text.isascii() else text.translate(_table())
