"""Workbooks (XLSX): figures, and contracts with the fields of the registration form filled."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from tenon.compliance.labels import CONTRACTS, NATURES
from tenon.compliance.models import ContractRegistration
from tenon.figures.queries import Contract
from tenon.listings.labels import IP_KINDS
from tenon.money import Money

Cell = str | int | Decimal | date | None
_WIDEST = 60


def workbook(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Return an XLSX of sheets: title -> (headers, rows).

    What somebody typed is written as text, so that nothing of it is a formula.
    """
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]  # a new book has one
    for title, (headers, rows) in sheets.items():
        sheet: Worksheet = book.create_sheet(title[:31])
        sheet.append(list(headers))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in rows:
            sheet.append([_as_text(sheet, each) if isinstance(each, str) else each for each in row])
        sheet.freeze_panes = "A2"
        _widen(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _as_text(sheet: Worksheet, text: str) -> SheetCell:
    """Return a cell that is text whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _widen(sheet: Worksheet) -> None:
    """Make columns as wide as what they hold; Chinese takes two places a character."""
    for number, column in enumerate(sheet.iter_cols(values_only=True), start=1):
        longest = max((_places(str(each)) for each in column if each is not None), default=8)
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, _WIDEST)


def _places(text: str) -> int:
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)


def amount(minor: int | None, currency: str) -> Decimal | None:
    """Return an amount in whole units for a cell."""
    return None if minor is None else Money(minor, currency).amount


def registration_rows(
    session: Session, found: Sequence[Contract], *, language: str
) -> list[list[Cell]]:
    """Return a row per contract in the order of the registration form's fields.

    16-digit number, project name, valid from, valid to, date signed, contract kind, currency,
    contract value, technology value, seller, its country, division, nature, buyer, its country,
    division, nature, kind of IP, industry; empty where not registered or not known. What a
    certificate states stands on the row only where the contract's record knows of it: a sheet as
    of a past day says nothing of a registration that came later.
    """
    keys = [each.deal.id for each in found if each.record.registered_on is not None]
    registered = _registered(session, keys)
    return [_row(each, registered.get(each.deal.id), language) for each in found]


def _registered(session: Session, keys: Sequence[int]) -> dict[int, ContractRegistration]:
    found: dict[int, ContractRegistration] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        rows = session.query(ContractRegistration).filter(ContractRegistration.deal_id.in_(part))
        found |= {each.deal_id: each for each in rows}
    return found


def _row(each: Contract, paper: ContractRegistration | None, language: str) -> list[Cell]:
    record, deal = each.record, each.deal
    known: dict[str, Any] = {} if paper is None else vars(paper)
    contract = known.get("contract") or record.contract
    currency = known.get("currency") or record.currency
    value = known.get("value_minor", record.value_minor)
    technology = known.get("technology_value_minor", record.technology_minor)
    return [
        known.get("number"),
        known.get("project_name") or deal.title,
        known.get("valid_from") or deal.effective_on,
        known.get("valid_to") or deal.ends_on,
        known.get("signed_on") or record.signed_on,
        str(CONTRACTS.get(contract, contract)),
        currency,
        amount(value, currency),
        amount(technology, currency),
        each.seller.name(language),
        known.get("seller_country") or each.seller.country,
        known.get("seller_division") or record.seller_region,
        _word(NATURES, known.get("seller_nature")),
        each.buyer.name(language),
        known.get("buyer_country") or record.buyer_country,
        known.get("buyer_division") or record.buyer_region,
        _word(NATURES, known.get("buyer_nature")),
        _word(IP_KINDS, known.get("ip_kind")),
        known.get("industry"),
    ]


def _word(words: Mapping[str, LazyString], code: str | None) -> str | None:
    return None if code is None else str(words.get(code, code))
