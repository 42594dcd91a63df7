"""The import format: which columns each kind of record has, and what may stand in them.

Data, not behaviour: :mod:`ingest.rows` reads rows by it, :mod:`ingest.templates` writes it out.
Every column has its name (the key in JSON Lines and in English headers), its Chinese name, and a
sentence in each language for the person who fills the template in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.errors import FileError
from ingest.format.achievements import ACHIEVEMENTS
from ingest.format.column import Column, folded
from ingest.format.needs import NEEDS
from ingest.format.organisations import ORGANISATIONS
from ingest.format.people import PEOPLE
from ingest.records import KINDS, Kind

__all__ = ["FORMATS", "Column", "HeaderMatch", "column_name", "guess_kind", "match_header"]

FORMATS: dict[Kind, tuple[Column, ...]] = {
    "organisations": ORGANISATIONS,
    "people": PEOPLE,
    "achievements": ACHIEVEMENTS,
    "needs": NEEDS,
}

_LOOKUP: dict[Kind, dict[str, str]] = {
    kind: {
        folded(word): column.name
        for column in columns
        for word in (column.name, column.zh, *column.aliases)
    }
    for kind, columns in FORMATS.items()
}
# What no other kind has, so that a header alone tells the kind. The order is that of asking.
_TELLING: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("needs", frozenset({"title", "background"})),
    ("achievements", frozenset({"title", "summary"})),
    ("organisations", frozenset({"kind"})),
    ("people", frozenset({"external_id"})),
)


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """How a file's column names answer to the format's.

    Attributes:
        columns: raw name -> the format's name.
        unknown: raw names that the format does not have; their cells are not read.
    """

    columns: dict[str, str]
    unknown: tuple[str, ...]


def column_name(kind: Kind, raw: str) -> str | None:
    """Return the format's name of a column, whatever the header's case, spaces and language."""
    return _LOOKUP[kind].get(folded(raw))


def match_header(kind: Kind, header: Iterable[str], *, complete: bool = True) -> HeaderMatch:
    """Match a file's column names to the format's.

    Args:
        kind: which format.
        header: names as written.
        complete: whether a required column must be there (in JSON Lines each row says for itself).

    Raises:
        FileError: ``duplicate_header`` or ``missing_columns``, each naming all of them.
    """
    columns: dict[str, str] = {}
    unknown: list[str] = []
    twice: list[str] = []
    for raw in header:
        name = column_name(kind, raw)
        if raw in columns or (name is not None and name in columns.values()):
            twice.append(raw)
        elif name is not None:
            columns[raw] = name
        elif raw:
            unknown.append(raw)
    if twice:
        raise FileError("duplicate_header", line=1, columns=twice)
    missing = [c.name for c in FORMATS[kind] if c.required and c.name not in columns.values()]
    if complete and missing:
        raise FileError("missing_columns", line=1, columns=missing)
    return HeaderMatch(columns, tuple(unknown))


def guess_kind(header: Iterable[str]) -> Kind | None:
    """Which of the four kinds a header is of; None if it is none of them.

    A kind is meant where the header has what tells it from the others, even if a required column
    is missing: the reader then says which.
    """
    raw = list(header)
    for kind, telling in _TELLING:
        names = {column_name(kind, name) for name in raw}
        if telling <= names and (kind != "people" or names & {"name_zh", "name_en"}):
            return kind
    return None


def _check() -> None:
    """Refuse to be imported with a format in which one header would mean two columns."""
    for kind in KINDS:
        words = [
            folded(word)
            for column in FORMATS[kind]
            for word in {folded(w) for w in (column.name, column.zh, *column.aliases)}
        ]
        if len(words) != len(set(words)):
            raise ValueError(f"two columns of {kind} share a name")


_check()
