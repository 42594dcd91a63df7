"""Rows to records: every cell read by its column, every fault of every row reported.

Knows the import format; does not know the database. Whether an organisation or a person that a
row names exists is for the sink to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ingest import values, vocabulary
from ingest.errors import FileError, Rejected, RowError, shortened
from ingest.format import FORMATS, Column, column_name, guess_kind, match_header
from ingest.iprights import ip_of
from ingest.records import (
    AchievementRecord,
    Code,
    Kind,
    NeedRecord,
    OrganisationRecord,
    PersonRecord,
    Record,
    RequirementText,
)
from ingest.tables import Row, Table
from ingest.values import FaultError
from ingest.vocabulary import Vocabulary

# The example row of a template, should somebody leave it in.
EXAMPLE_ID = "EXAMPLE"
# How the line of hints under a template's header begins.
HINT_MARK = "# "

_CLASSES: Mapping[Kind, Callable[..., Record]] = {
    "organisations": OrganisationRecord,
    "people": PersonRecord,
    "achievements": AchievementRecord,
    "needs": NeedRecord,
}
_AMOUNTS: Mapping[Kind, tuple[str, str] | None] = {
    "organisations": None,
    "people": None,
    "achievements": ("price_min", "price_max"),
    "needs": ("budget_min", "budget_max"),
}


class RowParser:
    """Reads the rows of one file.

    It remembers the external ids it has seen, so use a new one for every file.

    Args:
        kind: which of the four kinds the file holds.
        source: recorded in every record; with the external id it identifies the record for ever.
        terms: the site's taxonomies.
        header: the raw column names; empty for JSON Lines, where every row names its own.

    Raises:
        FileError: ``missing_columns`` or ``duplicate_header``.
    """

    def __init__(
        self, kind: Kind, source: str, terms: Vocabulary, header: Iterable[str] = ()
    ) -> None:
        self.kind = kind
        self._source = source
        self._terms = terms
        self._columns = FORMATS[kind]
        self._first_lines: dict[str, int] = {}
        header = tuple(header)
        matched = match_header(kind, header, complete=bool(header))
        self._names: dict[str, str | None] = {**matched.columns}
        self.unknown_columns: set[str] = set(matched.unknown)

    def parse(self, row: Row) -> Record | Rejected:
        """Return the record of a row, or everything that is wrong with the row."""
        errors = [self._renamed(error) for error in row.errors]
        if any(error.column is None and error.code in _UNREADABLE for error in errors):
            return Rejected(row.line, tuple(errors))
        blamed = {error.column for error in errors}
        cells = self._cells(row, errors)
        found: dict[str, Any] = {}
        for column in self._columns:
            raw = cells.get(column.name)
            if _is_empty(raw):
                if column.required and column.name not in blamed:
                    errors.append(RowError(row.line, column.name, "required"))
                continue
            try:
                found[column.name] = _read(column, raw, self._terms)
            except FaultError as fault:
                shown = shortened(raw if fault.value is None else fault.value)
                errors.append(RowError(row.line, column.name, fault.code, shown, fault.facts))
        errors += self._cross_checks(row.line, found)
        if errors:
            return Rejected(row.line, tuple(errors))
        return _CLASSES[self.kind](source=self._source, line=row.line, **found)

    def is_template_row(self, row: Row) -> bool:
        """Return whether the row is a template's line of hints or its example, left in."""
        for raw_name, value in row.cells.items():
            if self._name(raw_name) == "external_id" and isinstance(value, str):
                return value == EXAMPLE_ID or value.startswith(HINT_MARK)
        return False

    def _cells(self, row: Row, errors: list[RowError]) -> dict[str, object]:
        """Return the row's cells under the format's names; two keys for one column are an error."""
        cells: dict[str, object] = {}
        for raw_name, value in row.cells.items():
            name = self._name(raw_name)
            if name is None:
                continue
            if name in cells:
                facts = {"columns": [raw_name]}
                errors.append(RowError(row.line, name, "duplicate_header", shortened(value), facts))
            cells[name] = value
        return cells

    def _name(self, raw: str) -> str | None:
        if raw not in self._names:
            name = column_name(self.kind, raw)
            if len(self._names) > _REMEMBERED:
                return name
            self._names[raw] = name
            if name is None:
                self.unknown_columns.add(raw)
        return self._names[raw]

    def _renamed(self, error: RowError) -> RowError:
        name = self._name(error.column) if error.column else None
        return RowError(error.line, name or error.column, error.code, error.value, error.facts)

    def _cross_checks(self, line: int, found: dict[str, Any]) -> Iterator[RowError]:
        identity = found.get("external_id")
        if identity is not None:
            first = self._first_lines.setdefault(identity, line)
            if first != line:
                facts = {"first_line": first}
                yield RowError(line, "external_id", "duplicate_in_file", identity, facts)
        if self.kind in {"organisations", "people"}:
            names = ("name_zh", "name_en")
            if not any(found.get(name) for name in names):
                yield RowError(line, "name_zh", "one_of_required", "", {"columns": list(names)})
        pair = _AMOUNTS[self.kind]
        if pair is not None:
            yield from _money_checks(line, found, *pair)
            if self.kind == "achievements":
                yield from _price_checks(line, found)


_REMEMBERED = 1_000
_UNREADABLE = frozenset({"not_json", "not_an_object"})


def read_records(
    table: Table, kind: Kind | None, source: str, terms: Vocabulary
) -> tuple[RowParser, Iterator[Record | Rejected]]:
    """Begin reading a table.

    Args:
        table: as opened.
        kind: which kind it holds; None asks the header (for JSON Lines, the first row's keys).
        source: recorded in every record.
        terms: the site's taxonomies.

    Returns:
        The parser, which knows the unknown columns once rows were read, and the results row by
        row. Rows that are a template's own example are left out.

    Raises:
        FileError: ``unknown_kind``, ``missing_columns``, ``duplicate_header``.
    """
    header: Iterable[str] = table.header or (next(table.read(), Row(0, {})).cells.keys())
    kind = kind or guess_kind(header)
    if kind is None:
        raise FileError("unknown_kind", line=1)
    parser = RowParser(kind, source, terms, table.header)
    return parser, (parser.parse(row) for row in table.read() if not parser.is_template_row(row))


def _is_empty(raw: object) -> bool:
    return raw is None or raw == [] or (isinstance(raw, str) and not raw.strip())


def _money_checks(line: int, found: dict[str, Any], low: str, high: str) -> Iterator[RowError]:
    least, most = found.get(low), found.get(high)
    if least is None and most is None:
        return
    if least is not None and most is not None and least > most:
        facts = {"low": low, "high": high}
        yield RowError(line, high, "range_reversed", str(most / 100), facts)
    if "currency" not in found:
        if found.get("language") == "en":
            yield RowError(line, "currency", "currency_missing")
        else:
            found["currency"] = "CNY"


def _price_checks(line: int, found: dict[str, Any]) -> Iterator[RowError]:
    """Tell the kind of price from the amounts where it is not given, and hold both together."""
    least, most = found.get("price_min"), found.get("price_max")
    if "price_kind" not in found:
        if least is None and most is None:
            found["price_kind"] = "negotiable"
        else:
            found["price_kind"] = "fixed" if most is None or least == most else "range"
    kind = found["price_kind"]
    if kind == "fixed":
        if least is None and most is None:
            yield RowError(line, "price_min", "required")
        found["price_min"] = found["price_max"] = most if least is None else least
        if least is not None and most is not None and least < most:
            facts = {"low": "price_min", "high": "price_max"}
            yield RowError(line, "price_kind", "range_reversed", kind, facts)
    elif kind == "range" and least is None and most is None:
        yield RowError(line, "price_min", "required")


# -- one cell -------------------------------------------------------------------------------------


def _read(column: Column, raw: object, terms: Vocabulary) -> Any:
    return _READERS[column.holds](column, raw, terms)


def _word(column: Column, raw: object, terms: Vocabulary) -> str:
    text = values.text_of(raw, column.limit)
    code = vocabulary.resolve(column.scheme, text, terms)
    if code is None:
        raise FaultError("unknown_code", text, scheme=column.scheme)
    return code


def _codes(column: Column, raw: object, terms: Vocabulary) -> tuple[Any, ...]:
    """Codes without repetition, in the order written.

    A column of one scheme gives texts; one of several gives :class:`Code` pairs.
    """
    schemes = column.scheme.split()
    found: list[Any] = []
    for text in values.parts_of(raw, column.limit, enumerated=True):
        scheme, code = _one_code(schemes, text, terms)
        found.append(code if len(schemes) == 1 else Code(scheme, code))
    return tuple(dict.fromkeys(found))


def _one_code(schemes: list[str], text: str, terms: Vocabulary) -> tuple[str, str]:
    prefix, colon, rest = text.replace("：", ":").partition(":")
    named = prefix.strip().lower()
    asked = [named] if colon and named in schemes else schemes
    word = rest.strip() if colon and named in schemes else text
    for scheme in asked:
        code = vocabulary.resolve(scheme, word, terms)
        if code is None and scheme == "gbt4754" and word.isdigit() and len(word) == 1:
            # A spreadsheet that took the division 01 for a number has dropped its zero.
            code = vocabulary.resolve(scheme, "0" + word, terms)
        if code is not None:
            return scheme, code
    raise FaultError("unknown_code", text, scheme=" ".join(asked))


def _keys(column: Column, raw: object, _terms: Vocabulary) -> tuple[str, ...]:
    parts = values.parts_of(
        raw, 60 if column.name == "languages" else column.limit, enumerated=True
    )
    if column.name != "languages":
        return tuple(dict.fromkeys(parts))
    return tuple(dict.fromkeys(_language(part) for part in parts))


def _language(text: str) -> str:
    code = vocabulary.fixed_code("language", text) or text.lower()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        raise FaultError("unknown_code", text, scheme="language")
    return code


def _requirements(column: Column, raw: object, _terms: Vocabulary) -> tuple[RequirementText, ...]:
    found: list[RequirementText] = []
    for part in values.parts_of(raw, column.limit):
        text = part.lstrip("?？ ")
        if text:
            found.append(RequirementText(text, part == text))
    return tuple(found)


_READERS: Mapping[str, Callable[[Column, object, Vocabulary], Any]] = {
    "text": lambda column, raw, _: values.text_of(raw, column.limit),
    "word": _word,
    "codes": _codes,
    "number": lambda column, raw, _: values.whole_of(raw, column.low, column.high),
    "amount": lambda _column, raw, _: values.amount_of(raw),
    "date": lambda _column, raw, _: values.date_of(raw),
    "boolean": lambda _column, raw, _: values.boolean_of(raw),
    "email": lambda column, raw, _: values.email_of(raw, column.limit),
    "url": lambda column, raw, _: values.url_of(raw, column.limit),
    "keys": _keys,
    "requirements": _requirements,
    "ip": ip_of,
}
