"""Text in cells: tidying what comes in, neutralising what goes out.

Knows characters, not columns. A cell is never evaluated: ``=1+1`` is five characters of text.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Sequence
from html.entities import html5
from typing import TextIO

# NUL cannot be stored by PostgreSQL and half a surrogate pair cannot be encoded at all: such a
# cell is refused, since dropping them would change what somebody meant without telling.
_BAD = re.compile("[\x00\ud800-\udfff]")
# Invisible and meaningless in a text: controls (but tab and line feed), soft hyphen, zero-width
# space, marks of direction, byte order mark. The zero-width joiners stay: some scripts need them.
_INVISIBLE = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029\x85]")
_TRIGGER = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_QUOTED_TRIGGER = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKING_TAG = re.compile(
    r"\s*</?(?:p|br|div|li|ul|ol|tr|h[1-6])(?:\s[^<>]*)?/?>\s*", re.IGNORECASE
)
_INLINE_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|sub|sup|font|a|small|tt)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_MENDED = re.compile("[\x80-\x9f\ue000-\uf8ff]")
_BLANKS = re.compile(r"[ \t\u3000]{2,}")
_BLANK_LINES = re.compile(r"\s*\n\s*")

# Bytes 0x80-0x9f of Windows-1252 that were once read as Latin-1 (curly quotes, dashes, bullets).
_WINDOWS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
# Private-use places in which word processors keep the glyphs of the Symbol font.
_SYMBOL = {
    0xF020: " ", 0xF02B: "+", 0xF02D: "-", 0xF03C: "<", 0xF03D: "=", 0xF03E: ">",
    0xF044: "Δ", 0xF061: "α", 0xF062: "β", 0xF064: "δ", 0xF065: "ε", 0xF067: "γ",
    0xF06C: "λ", 0xF06D: "μ", 0xF070: "π", 0xF073: "σ", 0xF074: "τ", 0xF077: "ω",
    0xF07E: "~", 0xF0A7: "•", 0xF0B0: "°", 0xF0B1: "±", 0xF0B3: "≥", 0xF0A3: "≤",
    0xF0B4: "×", 0xF0B7: "•", 0xF0E0: "→", 0xF0D4: "™",
}  # fmt: skip
_REPAIRS = {**_WINDOWS, **_SYMBOL}


def bad_character_at(text: str) -> int | None:
    """Where NUL or half a surrogate pair stands, from 1; None where there is none."""
    if text.isprintable():
        return None
    found = _BAD.search(text)
    return None if found is None else found.start() + 1


def tidy(text: str) -> str:
    """Strip the text, use one kind of line end, and drop characters that nobody can see."""
    if text.isprintable():
        return text.strip()
    return _INVISIBLE.sub("", _LINE_END.sub("\n", text)).strip()


def scrub(text: str) -> str:
    """Repair a text from a public source without adding to it.

    HTML entities and tags are resolved, Windows-1252 and Symbol characters put back, other
    private-use characters dropped, runs of blanks made one.
    """
    if text.isprintable() and "&" not in text and "<" not in text and "  " not in text:
        return text.strip()
    if "&" in text:
        text = _ENTITY.sub(_resolved, text)
    if "<" in text:
        text = _INLINE_TAG.sub("", _BREAKING_TAG.sub("\n", text))
    if not text.isprintable():
        text = _MENDED.sub(lambda found: _REPAIRS.get(ord(found.group()), ""), _BAD.sub("", text))
        text = _BLANK_LINES.sub("\n", tidy(text))
    if "  " in text or "\u3000" in text:
        text = _BLANKS.sub(" ", text)
    return text.strip()


def _resolved(found: re.Match[str]) -> str:
    """Return the character of an entity; a name that HTML does not know stays as written."""
    entity = found.group()
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def neutralise(text: str) -> str:
    """Make a cell safe to open in a spreadsheet: one that begins a formula gets an apostrophe.

    :func:`restore` undoes it exactly, whatever the text.
    """
    return "'" + text if _TRIGGER.match(text) else text


def restore(text: str) -> str:
    """Undo :func:`neutralise`."""
    return text[1:] if _QUOTED_TRIGGER.match(text) else text


def write_csv(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV whose cells no spreadsheet will evaluate; ``None`` becomes an empty cell.

    Args:
        stream: opened with ``newline=""``; a byte order mark is the caller's choice of encoding.
        header: names of the columns.
        rows: as many values each as the header has.

    Returns:
        How many rows were written, the header not counted.
    """
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow(["" if cell is None else neutralise(str(cell)) for cell in row])
        count += 1
    return count
