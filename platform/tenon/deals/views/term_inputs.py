"""Terms as somebody types them: from values to inputs and back, for every type of term.

Whatever was typed is kept as it was, so that a page that refuses it shows it again. Checks of the
values themselves are ``deals.terms``'; here only what cannot be read is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tenon.deals import terms
from tenon.deals.forms.schema import Form, Term
from tenon.deals.labels import CURRENCIES
from tenon.deals.terms.types import EVERYTHING, MOST_ROWS
from tenon.errors import Invalid
from tenon.money import Money
from tenon.taxonomy import queries as taxonomy

ROWS: Mapping[str, tuple[str, ...]] = {
    "tiers": ("from", "rate"),
    "rates": ("rate",),
    "instalments": ("title", "minor", "on", "after", "days"),
    "milestones": ("title", "criterion", "minor", "due"),
    "vesting": ("on", "percent"),
}
"""Type of term -> the cells of one of its rows."""

MONEY_CELLS = ("from", "minor")
SHARED_CURRENCY = ("price", "royalty", "trial")
"""Groups whose sums are in one currency, chosen once for the page."""

EMPTY_ROWS = 2
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,3})?")
_GAPS = re.compile(r"[\s,，\u00a0]")
Typed = Mapping[str, Sequence[str]]


@dataclass
class Sheet:
    """A form's terms as typed, with what is wrong about them.

    Attributes:
        form: the deal form.
        typed: name of an input -> what stands in it (several, where boxes are ticked).
        faults: term code -> error code.
    """

    form: Form
    typed: Typed
    faults: Mapping[str, str] = field(default_factory=dict)

    def get(self, *name: object) -> str:
        """Return what stands in an input; its name is the term's code and further parts."""
        return (self.typed.get(_name(*name)) or [""])[0]

    def ticked(self, *name: object) -> Sequence[str]:
        """Return what is ticked."""
        return self.typed.get(_name(*name)) or ()

    def rows(self, term: Term) -> range:
        """Return the numbers of a term's rows, empty ones included."""
        return range(_row_count(self.typed, term))

    @property
    def currency(self) -> str:
        """The currency of the sums of price, royalties and trial."""
        return self.get("currency") or "CNY"

    def groups(self) -> Iterator[tuple[str, list[Term]]]:
        """Yield each heading's code with its terms, in the form's order."""
        found: dict[str, list[Term]] = {}
        for term in self.form.terms:
            found.setdefault(term.group, []).append(term)
        yield from found.items()


def filled(form: Form, values: Mapping[str, Any], *, currency: str, fresh: bool) -> Sheet:
    """Return a sheet filled with values; what they do not ask for shows its default.

    ``fresh`` fills in the defaults of all terms.
    """
    own = terms.currency_of(values) or currency
    typed: dict[str, list[str]] = {_name("currency"): [own]}
    for term in form.terms:
        value = values.get(term.code)
        if value is None and (fresh or not term.asked(values)):
            value = term.default
        typed |= _write(term, value, own)
    return Sheet(form, typed)


def sent(form: Form, posted: Any) -> Sheet:
    """Return the sheet that a page's form carries (a MultiDict); ``add`` is one row more."""
    typed = {name: posted.getlist(name) for name in posted if name.startswith("t.")}
    more = posted.get("add")
    term = form.term(more) if more else None
    if term is not None and term.type in ROWS:
        count = min(MOST_ROWS, _row_count(typed, term) + 1)
        typed[_name(term.code, "rows")] = [str(count)]
    return Sheet(form, typed)


def values_of(sheet: Sheet) -> dict[str, Any]:
    """Return the values of a sheet, checked; raises Invalid, and notes what is wrong in it."""
    raw: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for term in sheet.form.terms:
        try:
            value = _READERS[term.type](sheet, term)
        except Unreadable as fault:
            faults[term.code] = str(fault)
            continue
        if value is not None:
            raw[term.code] = value
    values: dict[str, Any] = {}
    try:
        values = terms.parse(sheet.form, raw)
    except Invalid as error:
        faults |= error.fields
    asked = values or raw
    sheet.faults = {
        term.code: faults[term.code]
        for term in sheet.form.terms
        if term.code in faults and term.asked(asked)
    }
    if sheet.faults:
        raise Invalid(sheet.faults)
    return values


class Unreadable(ValueError):
    """What was typed is not of the term's type; ``args[0]`` is the error code."""


def _name(*parts: object) -> str:
    return ".".join(["t", *map(str, parts)])


def _row_count(typed: Typed, term: Term) -> int:
    said = (typed.get(_name(term.code, "rows")) or ["0"])[0]
    return min(MOST_ROWS, int(said)) if said.isascii() and said.isdigit() else 0


# ---- from values to inputs


def _write(term: Term, value: Any, currency: str) -> dict[str, list[str]]:
    if term.type in ROWS:
        return _write_rows(term, value or [], currency)
    name = _name(term.code)
    if term.type == "money":
        own = value["currency"] if value else currency
        shown = _amount(value["minor"], own) if value else ""
        return {name: [shown], _name(term.code, "currency"): [own]}
    if term.type == "many":
        return {name: list(value or [])}
    if term.type == "boolean":
        return {name: [] if value is None else ["yes" if value else "no"]}
    if term.type == "territory":
        return {name: list(value or [])}
    if term.type == "fields_of_use":
        every = value == [EVERYTHING]
        lines = "" if every else "\n".join(value or [])
        return {name: [lines], _name(term.code, "all"): ["yes"] if every else []}
    return {name: ["" if value is None else str(value)]}


def _write_rows(term: Term, rows: Sequence[Any], currency: str) -> dict[str, list[str]]:
    found = {_name(term.code, "rows"): [str(min(MOST_ROWS, len(rows) + EMPTY_ROWS))]}
    for number, row in enumerate(rows):
        cells = row if isinstance(row, Mapping) else {"rate": row}
        for cell in ROWS[term.type]:
            value = cells.get(cell)
            if cell in MONEY_CELLS and value is not None:
                value = _amount(value, currency)
            if cell == "days" and not value:
                value = None
            found[_name(term.code, number, cell)] = ["" if value is None else str(value)]
    return found


def _amount(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).amount:,f}"


# ---- from inputs to values


def _minor(text: str, currency: str) -> int | None:
    """Read an amount in whole units; thousands may be set off."""
    plain = _GAPS.sub("", text)
    if not plain:
        return None
    if not _AMOUNT.fullmatch(plain):
        raise Unreadable("not_a_number")
    try:
        return Money.of(Decimal(plain), currency).minor
    except ValueError as error:  # finer than the currency's smallest unit
        raise Unreadable("not_a_number") from error


def _money(sheet: Sheet, term: Term) -> Any:
    currency = sheet.currency
    if term.group not in SHARED_CURRENCY:
        currency = sheet.get(term.code, "currency") or currency
    if currency not in CURRENCIES:
        raise Unreadable("unknown_code")
    minor = _minor(sheet.get(term.code), currency)
    return None if minor is None else {"minor": minor, "currency": currency}


def _plain(sheet: Sheet, term: Term) -> Any:
    return sheet.get(term.code).strip() or None


def _number(sheet: Sheet, term: Term) -> Any:
    return _GAPS.sub("", sheet.get(term.code)) or None


def _boolean(sheet: Sheet, term: Term) -> Any:
    return {"yes": True, "no": False}.get(sheet.get(term.code))


def _many(sheet: Sheet, term: Term) -> Any:
    return list(sheet.ticked(term.code)) or None


def _territory(sheet: Sheet, term: Term) -> Any:
    """Read the places ticked and those named, one a line or between commas, in either language."""
    codes = [each for each in sheet.ticked(term.code) if each]
    for written in re.split(r"[\n,，、;；]+", sheet.get(term.code, "more")):
        name = written.strip()
        if not name:
            continue
        code = taxonomy.resolve("region", name) or taxonomy.resolve("country", name)
        if code is None:
            raise Unreadable("unknown_code")
        codes.append(code)
    return codes or None


def _fields(sheet: Sheet, term: Term) -> Any:
    if sheet.ticked(term.code, "all"):
        return [EVERYTHING]
    lines = [line.strip() for line in sheet.get(term.code).splitlines()]
    return [line for line in lines if line] or None


def _rows(sheet: Sheet, term: Term) -> Any:
    found: list[Any] = []
    for number in sheet.rows(term):
        cells = {cell: sheet.get(term.code, number, cell).strip() for cell in ROWS[term.type]}
        if not any(value for cell, value in cells.items() if cell != "after"):
            continue
        row: dict[str, Any] = {cell: value or None for cell, value in cells.items()}
        for cell in MONEY_CELLS:
            if cell in cells:
                row[cell] = _minor(cells[cell], sheet.currency)
        found.append(row["rate"] if term.type == "rates" else row)
    return found or None


_READERS: Mapping[str, Callable[[Sheet, Term], Any]] = {
    "money": _money,
    "percent": _plain,
    "number": _number,
    "integer": _number,
    "months": _number,
    "days": _number,
    "date": _plain,
    "text": _plain,
    "choice": _plain,
    "many": _many,
    "boolean": _boolean,
    "territory": _territory,
    "fields_of_use": _fields,
    **dict.fromkeys(ROWS, _rows),
}
