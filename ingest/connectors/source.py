"""What a connector is, and what several of them need. Knows no particular source."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.cells import scrub
from ingest.errors import Rejected, RowError
from ingest.format.column import TITLE
from ingest.records import AchievementRecord, Kind, NeedRecord, OrganisationRecord, Record
from ingest.tables import Row, Table

_LONGEST_ADDRESS = 500
_ADDRESS = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@]+(?:[/?#]\S*)?")

Listing = AchievementRecord | NeedRecord


@dataclass(frozen=True, slots=True)
class Connector:
    """Reads one public source.

    Attributes:
        name: what it is called on a command line.
        kind: what it yields besides organisations.
        source: recorded in every record.
        columns: column names by which its file is recognised; no two sources share them all.
        of_row: one row to its listing and, where it names one, its organisation.
    """

    name: str
    kind: Kind
    source: str
    columns: frozenset[str]
    of_row: Callable[[Row], tuple[OrganisationRecord | None, Listing]]

    def read(self, table: Table) -> Iterator[Record | Rejected]:
        """Return records of a table, an organisation before the first listing that names it."""
        known: set[str] = set()
        first_lines: dict[str, int] = {}
        for row in table.read():
            missing = sorted(self.columns - row.cells.keys()) if not row.errors else []
            errors = [*row.errors, *(RowError(row.line, name, "required") for name in missing)]
            if errors:
                yield Rejected(row.line, tuple(errors))
                continue
            organisation, listing = self.of_row(row)
            first = first_lines.setdefault(listing.external_id, row.line)
            if first != row.line:
                facts = {"first_line": first}
                twice = RowError(
                    row.line, "external_id", "duplicate_in_file", listing.external_id, facts
                )
                yield Rejected(row.line, (twice,))
                continue
            if organisation is not None and organisation.external_id not in known:
                known.add(organisation.external_id)
                yield organisation
            yield listing


def text_in(row: Row, name: str) -> str:
    """Return a cell as repaired text; ``NA`` and an absent cell are ``""``."""
    raw = row.cells.get(name)
    text = scrub(raw) if isinstance(raw, str) else ""
    return "" if text == "NA" else text


@lru_cache(maxsize=512)
def names_in(raw: str) -> tuple[str, ...]:
    """Names written as a Python list (``"['A', 'B']"``), as two of the sources do; or one name."""
    try:
        value = ast.literal_eval(raw)
    except (ValueError, SyntaxError):
        value = [raw]
    return tuple(scrub(name) for name in value if isinstance(name, str) and name.strip())


@lru_cache(maxsize=8192)
def key_of(name: str) -> str:
    """Return a stable key for an organisation known by name; case and punctuation do not count."""
    return re.sub(r"\W+", "-", name.casefold()).strip("-")[:100]


def title_from(title: str, text: str) -> str:
    """Return the title, or the text's first words where there is none; at most 300 characters."""
    title = title or _first_words(text)
    return title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…"


def _first_words(text: str, most: int = 120) -> str:
    sentence = re.split(r"(?<=[.!?。！？])\s|\n", text, maxsplit=1)[0]
    if len(sentence) <= most:
        return sentence
    return sentence[:most].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def web_address(text: str) -> str:
    """Return the text if it is an address of the web (``www.`` gets its scheme), else ``""``."""
    if text.startswith("www."):
        text = "https://" + text
    return text if _ADDRESS.fullmatch(text) and len(text) <= _LONGEST_ADDRESS else ""
