"""Two versions of a listing side by side, with what changed word by word, in Chinese too.

Works on plain texts; knows no database, no codes and no page.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import rjieba

_RUN = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``changed`` where the other side lacks it."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a listing on both sides.

    Attributes:
        part: what it is, in words.
        before, after: the pieces; joined they are the whole text of that side.
    """

    part: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not any(piece.changed for piece in (*self.before, *self.after))


def tokens(text: str) -> list[str]:
    """Cut a text into words, spaces and signs; joined they are the text again."""
    found: list[str] = []
    for run in _RUN.findall(text):
        found += rjieba.cut(run) if _HAN.match(run) else [run]
    return found


def differences(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return both texts in pieces; neighbours of one kind are joined."""
    left, right = tokens(before), tokens(after)
    matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
    old: list[Piece] = []
    new: list[Piece] = []
    for kind, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        changed = kind != "equal"
        for side, words in ((old, left[a_start:a_end]), (new, right[b_start:b_end])):
            if words:
                side.append(Piece("".join(words), changed))
    return tuple(old), tuple(new)


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> list[Row]:
    """Return the parts of two versions, part -> text, in order; parts empty on both sides go."""
    rows = []
    for part in dict.fromkeys([*before, *after]):
        left, right = before.get(part, ""), after.get(part, "")
        if left or right:
            rows.append(Row(part, *differences(left, right)))
    return rows
