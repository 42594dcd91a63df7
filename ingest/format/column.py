"""One column of the import format. Knows no kinds."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Holds = Literal[
    "text", "word", "codes", "number", "amount", "date", "boolean",
    "email", "url", "keys", "requirements", "ip",
]  # fmt: skip

TITLE = 300
LINE = 200
TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: the key, in JSON Lines and in English headers.
        zh: the Chinese header.
        holds: how a cell is read (see ``ingest.values``).
        about_zh: what to write there, for the template.
        about_en: the same in English.
        example_zh: a cell of the template's example row.
        example_en: the same in English.
        required: whether every row needs it.
        scheme: whose codes, for ``word`` and ``codes``; schemes separated by blanks where several.
        limit: longest text in characters; for lists, of each part.
        low: least number.
        high: greatest number.
        aliases: further headers that are understood.
    """

    name: str
    zh: str
    holds: Holds
    about_zh: str
    about_en: str
    example_zh: str = ""
    example_en: str = ""
    required: bool = False
    scheme: str = ""
    limit: int = LINE
    low: int = 0
    high: int = 0
    aliases: tuple[str, ...] = ()


def folded(header: str) -> str:
    """Return a header without case, blanks, marks of requirement and remarks in brackets."""
    text = unicodedata.normalize("NFKC", header).casefold()
    text = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", text)
    return re.sub(r"[\s_*:/\-]+", "", text)
