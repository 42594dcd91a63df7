"""Which encoding a text file is written in: decided by reading all of it, never by guessing wide.

Accepted: UTF-8 with or without a byte order mark, UTF-16 with one or plainly recognisable, and
GB18030 (with its subsets GBK and GB2312), which Chinese spreadsheets still write. Anything else is
refused with the line at which it stopped being UTF-8, because GB18030 decodes almost any bytes
into rare characters and a file imported that way is worse than one refused.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from functools import cache
from typing import BinaryIO

from ingest.errors import FileError

_CHUNK = 1 << 18
# Real Chinese text has some 97 % of its characters among GB2312's punctuation and 3,755 common
# characters; Latin-1, Big5, Shift JIS and broken UTF-8 read as GB18030 stay far below.
_COMMON_SHARE = 0.7
_WEIGHED = 200_000

Opener = Callable[[], BinaryIO]


def detect(opener: Opener) -> str:
    """Name the encoding of a text.

    Args:
        opener: opens the text (already unpacked) from its beginning, every time it is called.

    Returns:
        ``utf-8``, ``utf-8-sig``, ``utf-16``, ``utf-16-le``, ``utf-16-be`` or ``gb18030``.

    Raises:
        FileError: ``encoding_unknown`` with the line of the first byte that is not UTF-8.
    """
    with opener() as stream:
        head = stream.read(4096)
    if head.startswith(codecs.BOM_UTF8):
        name = "utf-8-sig"
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16"
    else:
        name = _wide(head) or "utf-8"
    bad_line = _first_bad_line(opener, name)
    if bad_line is None:
        return name
    if name == "utf-8" and _first_bad_line(opener, "gb18030") is None and _reads_as_chinese(opener):
        return "gb18030"
    raise FileError("encoding_unknown", line=bad_line, tried=[name, "gb18030"])


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte of a header line is zero."""
    if len(head) < 4 or b"\x00" not in head:
        return None
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return None


def _chunks(opener: Opener) -> Iterator[bytes]:
    with opener() as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _first_bad_line(opener: Opener, name: str) -> int | None:
    """Return the line of the first bytes that are not of this encoding, or None where all are."""
    decoder = codecs.getincrementaldecoder(name)()
    line = 1
    for chunk in _chunks(opener):
        pending = decoder.getstate()[0]
        try:
            line += decoder.decode(chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + (pending + chunk)[: error.start].count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return line
    return None


@cache
def _common() -> frozenset[str]:
    """Punctuation and level-one characters of GB2312."""
    rows = [*range(0xA1, 0xA4), *range(0xB0, 0xD8)]
    pairs = (bytes([row, cell]) for row in rows for cell in range(0xA1, 0xFF))
    return frozenset("".join(pair.decode("gb2312", "ignore") for pair in pairs))


def _reads_as_chinese(opener: Opener) -> bool:
    common, seen, known = _common(), 0, 0
    decoder = codecs.getincrementaldecoder("gb18030")()
    for chunk in _chunks(opener):
        wide = [char for char in decoder.decode(chunk) if char > "\x7f"]
        seen += len(wide)
        known += sum(char in common for char in wide)
        if seen >= _WEIGHED:
            break
    return seen > 0 and known >= seen * _COMMON_SHARE
