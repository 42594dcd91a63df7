"""Sentences of Chinese and English technical text, as verbatim substrings.

What is shown as a reason must stand in the text letter for letter, so nothing is
normalised here: a sentence is a slice of its text.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 320
"""Characters after which an unbroken English text is cut at a clause or a blank."""

LONGEST_CHINESE: Final = 140
"""The same for Chinese, which says in one character what English says in two or three."""

_CJK: Final = "\u3400-\u9fff"
_STOP = re.compile(
    rf"""
    [。！？!?…]+[”’」』）)"']*            # Chinese stops and those of both languages
    | (?<=[{_CJK}])\.(?!\d)               # a Latin full stop used as a Chinese one
    | (?<=[^\s\d])\.(?=[{_CJK}])          # the same after a unit or an acronym
    | (?<=[^\sA-Z])\.["')\]]*(?=\s+["'(\[]*[A-Z0-9{_CJK}])   # an English full stop
    | (?<=[A-Z][A-Z])\.["')\]]*(?=\s+["'(\[]*[A-Z{_CJK}])    # ... after an acronym
    | [；;](?=\s|[{_CJK}]|$)
    | [\r\n]\s*                           # blanks before it are stripped with the sentence
    """,
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|et al|cf|vs|ca|approx|resp|fig|figs|eq|eqs|ref|refs|no|nos|dr|prof"
    r"|mr|mrs|ms|st|inc|ltd|co|corp|dept|vol|sec|ph\.d|u\.s|u\.k))$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[，,；;：:、]\s*|\s[-–—]\s|\s+")
_CONTENT = re.compile(rf"[A-Za-z{_CJK}]")


def sentences(text: str) -> list[str]:
    """Cut a text into sentences, each a verbatim, stripped substring of it.

    Fragments without two letters or characters are left out; texts without punctuation
    are cut at clauses or blanks so that no sentence grows beyond reading.
    """
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(text):
        if stop.group().startswith(".") and _ABBREVIATION.search(text, start, stop.start()):
            continue
        _take(text, start, stop.end(), found)
        start = stop.end()
    _take(text, start, len(text), found)
    return found


def _take(text: str, start: int, end: int, found: list[str]) -> None:
    """Append the stripped slice to ``found``, cut further where it is too long to read."""
    piece = text[start:end].strip()
    longest = LONGEST_CHINESE if len(re.findall(f"[{_CJK}]", piece)) > len(piece) / 4 else LONGEST
    while len(piece) > longest:
        cut = _break_before(piece, longest)
        head, piece = piece[:cut].strip(), piece[cut:].strip()
        if len(_CONTENT.findall(head)) >= 2:
            found.append(head)
    if len(_CONTENT.findall(piece)) >= 2:
        found.append(piece)


def _break_before(piece: str, longest: int) -> int:
    """Return where to cut: the last clause in the window, else its last blank, else its end."""
    blank = clause = 0
    for place in _CLAUSE.finditer(piece, longest // 3, longest):
        if place.group().isspace():
            blank = place.end()
        else:
            clause = place.end()
    return clause or blank or longest
