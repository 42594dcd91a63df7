"""Invoices and credit notes: numbers without gaps, papers that do not change."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.payments import invoicing, queries
from tenon.payments.models import Invoice, Obligation
from tests.payments.cast import Cast, make_cast, owe, pay


def _owed(session: Session, cast: Cast, now: datetime, key: str = "royalty:1") -> Obligation:
    return owe(session, cast, key, 1000_00, now=now, vat_rate=Decimal(6))


def test_an_invoice_says_what_is_owed(session: Session, cast: Cast, now: datetime) -> None:
    owed, by = _owed(session, cast, now), cast.actor("seller_editor")
    invoice = invoicing.issue(session, owed, remark="账号 0000", by=by, now=now)
    assert (invoice.label, invoice.net_minor, invoice.vat_minor) == ("2026-0001", 1000_00, 60_00)
    assert invoice.content["recipient"]["en"] == "Pomegranate Electrics"
    assert invoice.content["gross"] == 1060_00
    assert invoice.sha256 == invoicing.hash_of(invoice.content)
    with pytest.raises(Conflict) as told:
        invoicing.issue(session, owed, by=by, now=now)
    assert told.value.code == "invoiced_already"


def test_numbers_go_on_and_begin_anew_each_year(
    session: Session, cast: Cast, now: datetime
) -> None:
    by = cast.actor("seller_editor")
    labels = []
    for number, days in enumerate((0, 0, 60, 60)):
        owed = _owed(session, cast, now, f"royalty:{number}")
        moment = now + timedelta(days=days)
        labels.append(invoicing.issue(session, owed, by=by, now=moment).label)
    assert labels == ["2026-0001", "2026-0002", "2027-0001", "2027-0002"]


def test_a_credit_takes_back_and_a_note_says_so(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed, by = _owed(session, cast, now), cast.actor("seller_editor")
    invoice = invoicing.issue(session, owed, by=by, now=now)
    payment = pay(session, cast, 1060_00, now=now)
    note = invoicing.credit(session, owed, gross_minor=106_00, reason="退货", by=by, now=now)
    assert note is not None
    assert (note.kind, note.corrects, note.label) == ("credit_note", invoice, "2026-0002")
    assert (note.net_minor, note.vat_minor) == (100_00, 6_00)
    assert (owed.state, owed.net_minor, owed.vat_minor) == ("paid", 900_00, 54_00)
    assert queries.payments_left(session, [payment])[payment.id].advance == 106_00


def test_a_credit_without_invoice_needs_no_note(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed, by = _owed(session, cast, now), cast.actor("seller_editor")
    assert (
        invoicing.credit(session, owed, gross_minor=1060_00, reason="取消", by=by, now=now) is None
    )
    assert owed.state == "cancelled"
    for amount, reason in ((1, "x"), (0, "x"), (1, " ")):
        with pytest.raises((Invalid, IllegalTransition)):
            invoicing.credit(session, owed, gross_minor=amount, reason=reason, by=by, now=now)


def test_nothing_planned_is_invoiced(session: Session, cast: Cast, now: datetime) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now, days=10)
    with pytest.raises(IllegalTransition):
        invoicing.issue(session, owed, by=cast.actor("seller_editor"), now=now)
    with pytest.raises(Forbidden):
        invoicing.issue(session, owed, by=cast.actor("buyer_editor"), now=now)


def test_the_database_refuses_a_gap_and_a_change(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed, by = _owed(session, cast, now), cast.actor("seller_editor")
    invoice = invoicing.issue(session, owed, by=by, now=now)
    columns = {
        column.key: getattr(invoice, column.key)
        for column in Invoice.__table__.columns
        if column.key not in ("id", "public_id")
    }
    for number, follows in ((3, 2), (3, 1), (2, None), (1, None)):
        wrong = columns | {"number": number, "follows": follows, "public_id": f"no-{number}"}
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(sa.insert(Invoice).values(**wrong))
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(sa.update(Invoice).values(net_minor=1))


def test_two_who_issue_at_once_get_two_numbers(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, terms={}, scheduled=False)
        keys = [_owed(session, cast, now, f"royalty:{number}").id for number in range(3)]
    start = threading.Barrier(len(keys))

    def issue(key: int) -> str:
        start.wait(timeout=30)
        with database.writing() as session:
            owed = session.get_one(Obligation, key)
            return invoicing.issue(session, owed, by=cast.actor("seller_editor"), now=now).label

    with ThreadPoolExecutor(len(keys)) as pool:
        labels = sorted(pool.map(issue, keys))
    assert labels == ["2026-0001", "2026-0002", "2026-0003"]
