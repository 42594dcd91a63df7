"""What filters look at, as columns: one row per indexed document, and postings per facet.

The same filter (``Where``) is answered here for arrays of any size, mapped from files or
growing in memory; ``Where.admits`` is the definition, this is the fast form. Knows nothing
of vectors and words.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from matching.documents import LANGUAGES, SIDES, Document, Where

IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

NONE: Final = -1
"""Stands in number columns for 'not stated'."""

NEVER: Final = 2**31 - 1
"""Stands in ``expires`` for 'no limit'."""

FEW_VALUES: Final = 8
"""Up to so many values it is quicker to compare a column with each than to search them."""

_TYPES: Final[dict[str, str]] = {
    "serial": "<i8",
    "key": "<i8",
    "version": "<i8",
    "organisation": "<i8",
    "offset": "<i8",
    "length": "<i4",
    "published": "<i4",
    "expires": "<i4",
    "readiness": "<i1",
    "side": "<i1",
    "language": "<i1",
}


def facet_tokens(document: Document) -> Iterator[str]:
    """Yield the document's many-valued facets as tokens without blanks (``region:420111``)."""
    facets = document.facets
    if facets.organisation_kind:
        yield f"kind:{facets.organisation_kind}"
    for name, values in (
        ("field", facets.fields),
        ("industry", facets.industries),
        ("region", facets.region),
        ("deal", facets.deal_forms),
    ):
        for value in values:
            yield f"{name}:{value}"


def wanted_tokens(where: Where) -> list[list[str]]:
    """Return the filter's tokens in groups: of each group at least one must be present."""
    groups = (
        ("kind", where.organisation_kinds),
        ("field", where.fields),
        ("industry", where.industries),
        ("region", where.regions),
        ("deal", where.deal_forms),
    )
    return [[f"{name}:{value}" for value in values] for name, values in groups if values]


@dataclass(frozen=True, slots=True)
class Columns:
    """A view of ``count`` rows.

    Attributes:
        count: number of rows.
        values: number columns by name, each of length ``count`` (see ``ColumnsBuilder``).
        postings: ascending rows of each facet token; may hold rows beyond ``count``.
    """

    count: int
    values: dict[str, IntArray]
    postings: Postings

    def mask(self, where: Where) -> BoolArray:
        """Return which rows the filter admits, as booleans of shape (count,)."""
        admitted = np.ones(self.count, dtype=np.bool_)
        if where.sides is not None:
            admitted &= _any_of(self.values["side"], [SIDES.index(s) for s in where.sides])
        if where.languages is not None:
            wanted = [LANGUAGES.index(language) for language in where.languages]
            admitted &= _any_of(self.values["language"], wanted)
        self._mask_organisations(where, admitted)
        self._mask_numbers(where, admitted)
        for group in wanted_tokens(where):
            chosen = np.zeros(self.count, dtype=np.bool_)
            for token in group:
                rows = self.postings.rows(token)
                chosen[rows[: np.searchsorted(rows, self.count)]] = True
            admitted &= chosen
        if where.keys is not None:
            admitted &= _any_of(self.values["key"], where.keys)
        if where.keys_not:
            admitted &= ~_any_of(self.values["key"], where.keys_not)
        return admitted

    def _mask_organisations(self, where: Where, admitted: BoolArray) -> None:
        organisation = self.values["organisation"]
        if where.organisations is not None:
            admitted &= _any_of(organisation, where.organisations)
        if where.organisation_not:
            admitted &= ~_any_of(organisation, where.organisation_not)

    def _mask_numbers(self, where: Where, admitted: BoolArray) -> None:
        if where.readiness is not None:
            low, high = where.readiness
            readiness = self.values["readiness"]
            admitted &= (readiness != NONE) & (readiness >= low) & (readiness <= high)
        if where.published_since is not None:
            admitted &= self.values["published"] >= where.published_since
        if where.today is not None:
            admitted &= self.values["expires"] >= where.today


def _any_of(column: IntArray, wanted: Collection[int]) -> BoolArray:
    """Return where the column holds one of the values; a few are compared one by one."""
    if len(wanted) > FEW_VALUES:
        return np.isin(column, np.fromiter(wanted, np.int64))
    found = np.zeros(len(column), dtype=np.bool_)
    for value in wanted:
        found |= column == value
    return found


class Postings(Protocol):
    """Rows by facet token, whatever they are kept in."""

    def rows(self, token: str) -> IntArray:
        """Return the ascending rows that carry the token; empty if none does."""
        ...

    def tokens(self) -> list[str]:
        """Return every token that some row carries."""
        ...


class _GrowingPostings:
    def __init__(self) -> None:
        self.lists: dict[str, array[int]] = {}

    def rows(self, token: str) -> IntArray:
        return np.array(self.lists.get(token, array("q")), dtype=np.int64)

    def tokens(self) -> list[str]:
        return list(self.lists)


class _MappedPostings:
    def __init__(self, vocabulary: dict[str, int], starts: IntArray, flat: IntArray) -> None:
        self._vocabulary = vocabulary
        self._starts = starts
        self._flat = flat

    def rows(self, token: str) -> IntArray:
        number = self._vocabulary.get(token)
        if number is None:
            return np.empty(0, dtype=np.int64)
        return self._flat[self._starts[number] : self._starts[number + 1]]

    def tokens(self) -> list[str]:
        return list(self._vocabulary)


class ColumnsBuilder:
    """Collects rows one by one; gives views of them and writes them to files.

    The columns are ``serial`` (ascending, the id shared with the other indexes), ``key``,
    ``version``, ``organisation``, ``offset`` and ``length`` (where the document's record
    lies), ``published``, ``expires``, ``readiness``, ``side`` and ``language``.
    """

    def __init__(self) -> None:
        self._lists = {name: array("q") for name in _TYPES}
        self._postings = _GrowingPostings()

    def __len__(self) -> int:
        return len(self._lists["serial"])

    def append(self, document: Document, *, serial: int, offset: int, length: int) -> None:
        """Add one row. Serials must come in ascending order."""
        facets = document.facets
        row = len(self)
        for name, value in (
            ("serial", serial),
            ("key", document.key),
            ("version", document.version),
            ("organisation", NONE if facets.organisation is None else facets.organisation),
            ("offset", offset),
            ("length", length),
            ("published", facets.published),
            ("expires", NEVER if facets.expires is None else facets.expires),
            ("readiness", NONE if facets.readiness is None else facets.readiness),
            ("side", SIDES.index(document.side)),
            ("language", LANGUAGES.index(document.language)),
        ):
            self._lists[name].append(value)
        for token in set(facet_tokens(document)):
            self._postings.lists.setdefault(token, array("q")).append(row)

    def view(self) -> Columns:
        """Return the rows so far; later appends do not change it."""
        values: dict[str, IntArray] = {
            name: np.array(self._lists[name], dtype=kind) for name, kind in _TYPES.items()
        }
        return Columns(count=len(self), values=values, postings=self._postings)

    def save(self, folder: Path) -> None:
        """Write all columns and postings into the folder, one file each."""
        for name, kind in _TYPES.items():
            np.save(folder / f"{name}.npy", np.array(self._lists[name], dtype=kind))
        lists = self._postings.lists
        tokens = sorted(lists)
        starts = np.zeros(len(tokens) + 1, dtype=np.int64)
        np.cumsum([len(lists[token]) for token in tokens], out=starts[1:])
        np.save(folder / "postings_starts.npy", starts)
        np.save(folder / "postings_rows.npy", _chain(lists[token] for token in tokens))
        (folder / "postings_tokens.json").write_text(
            json.dumps(tokens, ensure_ascii=False), encoding="utf-8"
        )


def _chain(lists: Iterable[array[int]]) -> IntArray:
    arrays = [np.array(rows, dtype=np.int64) for rows in lists]
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int64)


def load_columns(folder: Path) -> Columns:
    """Map the columns that ``ColumnsBuilder.save`` wrote.

    Raises:
        OSError, ValueError: a file is missing, cut short or foreign.
    """
    values: dict[str, IntArray] = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _TYPES
    }
    tokens = json.loads((folder / "postings_tokens.json").read_text(encoding="utf-8"))
    starts = np.load(folder / "postings_starts.npy", mmap_mode="r", allow_pickle=False)
    flat = np.load(folder / "postings_rows.npy", mmap_mode="r", allow_pickle=False)
    count = len(values["serial"])
    if any(len(column) != count for column in values.values()) or len(starts) != len(tokens) + 1:
        raise ValueError("columns of different length")
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return Columns(count, values, _MappedPostings(vocabulary, starts, flat))
