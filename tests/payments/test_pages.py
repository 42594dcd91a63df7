"""The pages: who sees what, forms that keep what was typed, nothing paid twice by two clicks."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.payments import invoicing
from tenon.payments.models import Invoice, Obligation, Payment
from tenon.payments.obligations.scheduling import fall_due
from tests.factories.accounts import post, sign_in
from tests.payments.cast import ROLES, TERMS, Cast, make_cast, owe, pay, yuan

PARTIES = {
    f"{side}_{role}"
    for side in ("seller", "buyer")
    for role in ("editor", "administrator", "charge")
}
SELLERS = {role for role in PARTIES if role.startswith("seller")}


@pytest.fixture
def today() -> datetime:
    """The moment of the pages, which is real time."""
    return utc_now()


@pytest.fixture
def licence(database: Database, today: datetime) -> Cast:
    """A licence since 60 days, so that its fee is late; a royalty in dollars, overpaid."""
    signed = today.date() - timedelta(days=60)
    with database.writing() as session:
        cast = make_cast(
            session,
            now=today,
            terms={**TERMS, "late_interest": "7.3"},
            signed_on=signed,
            effective_on=signed,
            ends_on=signed + timedelta(days=800),
        )
        usd: dict[str, Any] = {"now": today, "currency": "USD"}
        owed = owe(session, cast, "royalty:1", 100_00, facts={"period": "2026Q3"}, **usd)
        pay(session, cast, 130_00, wishes=(owed.public_id,), reference="REF 7", **usd)
    return cast


def _browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def _owed(database: Database, key: str) -> Obligation:
    with database.reading() as session:
        return session.scalars(sa.select(Obligation).filter_by(key=key)).one()


def _payment(database: Database, **columns: object) -> Payment:
    with database.reading() as session:
        return session.scalars(sa.select(Payment).filter_by(**columns)).one()


def _version(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" type="hidden" value="(\d+)"', page)
    assert found is not None, name
    return found[1]


def test_who_reads_the_schedule(app: Flask, licence: Cast) -> None:
    known = {"visitor": 302, "broker": 200, "operator": 403}
    for role in ROLES:
        answer = _browser(app, licence, role).get(f"/deals/{licence.deal.public_id}/payments")
        assert answer.status_code == known.get(role, 200 if role in PARTIES else 404), role
        words = unescape(answer.text)
        if answer.status_code == 200:
            assert "Up-front fee" in words
            assert "Past due" in words
            assert ("106,000.00" in words) == (role in PARTIES)
            assert ("REF 7" in words) == (role in PARTIES)


def test_a_trial_fee_that_counts_is_shown_where_it_is_taken_off(
    app: Flask, database: Database, today: datetime
) -> None:
    """On the schedule and on the sum itself, to those who read amounts."""
    with database.writing() as session:
        terms = {
            "trial_fee": yuan(30_000),
            "trial_fee_credited": True,
            "payment_mode": "buy_out",
            "buy_out": yuan(300_000),
        }
        cast = make_cast(
            session, now=today, terms=terms, form="pay_after_use", state="in_force.in_use"
        )
    base = f"/deals/{cast.deal.public_id}/payments"
    owed = _owed(database, "buy_out")
    client = _browser(app, cast, "buyer_editor")
    schedule = unescape(client.get(base).text)
    assert "¥30,000.00 of the trial fee is taken off" in schedule
    assert "270,000.00" in schedule
    assert "Trial fee taken off" in unescape(client.get(f"{base}/owed/{owed.public_id}").text)
    assert "30,000.00" not in unescape(_browser(app, cast, "broker").get(base).text)


def test_who_reads_one_sum_and_one_payment(app: Flask, database: Database, licence: Cast) -> None:
    base = f"/deals/{licence.deal.public_id}/payments"
    owed, payment = _owed(database, "up_front"), _payment(database, kind="receipt")
    known = {"visitor": 302, "broker": 403, "operator": 403}
    for role in ROLES:
        client = _browser(app, licence, role)
        code = known.get(role, 200 if role in PARTIES else 404)
        for path in (f"{base}/owed/{owed.public_id}", f"{base}/{payment.public_id}", f"{base}/new"):
            assert client.get(path).status_code == code, (role, path)
        page = unescape(client.get(f"{base}/owed/{owed.public_id}").text)
        assert ("Waive what is open" in page) == (role in SELLERS)
        assert ("Interest on late payment" in page) == (role in PARTIES)


VERBS = {
    "new": {"amount": "1", "currency": "CNY", "paid_on": "2026-01-02", "key": "k" * 16},
    "owed/{owed}/waive": {"waive-reason": "settled"},
    "owed/{owed}/credit": {"credit-amount": "1", "credit-reason": "x"},
    "owed/{owed}/interest": {"interest-until": "{day}"},
    "owed/{owed}/invoice": {"invoice-remark": "x"},
    "{payment}/confirm": {},
    "{payment}/refuse": {"refuse-reason": "x"},
    "{payment}/take-back": {"back-reason": "x"},
    "{payment}/refund": {
        "refund-amount": "1",
        "refund-paid_on": "2026-01-02",
        "refund-key": "r" * 16,
    },
}


@pytest.mark.parametrize("verb", VERBS)
def test_who_may_post_what(app: Flask, database: Database, licence: Cast, verb: str) -> None:
    owed, payment = _owed(database, "up_front"), _payment(database, kind="receipt")
    place = verb.format(owed=owed.public_id, payment=payment.public_id)
    path = f"/deals/{licence.deal.public_id}/payments/{place}"
    day = payment.paid_on.isoformat()
    sent = {name: value.format(day=day) for name, value in VERBS[verb].items()}
    allowed = SELLERS | (PARTIES if verb == "new" else set())
    known = {"visitor": 302, "broker": 403, "operator": 403}
    for role in [each for each in ROLES if each not in allowed]:
        answer = post(_browser(app, licence, role), path, **sent)
        assert answer.status_code == known.get(role, 403 if role in PARTIES else 404), role
    assert _owed(database, "up_front").version == owed.version
    assert _payment(database, kind="receipt").version == payment.version
    answer = post(_browser(app, licence, "seller_charge"), path, **sent)
    not_announced = verb.endswith(("confirm", "refuse"))
    assert answer.status_code == (409 if not_announced else 303), answer.text


def test_a_form_sent_twice_is_one_payment(app: Flask, database: Database, licence: Cast) -> None:
    client, base = (
        _browser(app, licence, "seller_editor"),
        f"/deals/{licence.deal.public_id}/payments",
    )
    page = client.get(f"{base}/new").text
    key = re.search(r'name="key" type="hidden" value="([^"]+)"', page)
    assert key is not None
    owed = _owed(database, "up_front")
    sent = {
        "key": key[1],
        "amount": "50,000.00",
        "currency": "CNY",
        "paid_on": utc_now().date().isoformat(),
        "reference": "REF 8",
        "wishes": owed.public_id,
    }
    first, second = (post(client, f"{base}/new", **sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert _owed(database, "up_front").state == "part_paid"
    shown = unescape(client.get(first.location).text)
    assert "¥50,000.00" in shown or "CN¥50,000.00" in shown
    other = post(client, f"{base}/new", **sent | {"amount": "1"})
    assert other.status_code == 409
    assert "sent before" in unescape(other.text)
    again = post(client, f"{base}/new", **sent | {"key": "another-key-of-a-form"})
    assert again.status_code == 422
    assert "recorded already" in unescape(again.text)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("amount", "", "Please fill this in."),
        ("amount", "much", "Please enter a number."),
        ("amount", "0.001", "Please enter a number."),
        ("amount", "-5", "above zero"),
        ("paid_on", "", "Please fill this in."),
        ("paid_on", "yesterday", "Please enter a date"),
        ("paid_on", "2199-01-01", "still to come"),
        ("currency", "XXX", "Please choose from the list."),
        ("wishes", "no-such-thing", "Please choose from the list."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(
    app: Flask, licence: Cast, field: str, typed: str, said: str
) -> None:
    client, base = (
        _browser(app, licence, "seller_editor"),
        f"/deals/{licence.deal.public_id}/payments",
    )
    sent = {
        "key": "k" * 16,
        "amount": "12.50",
        "currency": "CNY",
        "paid_on": utc_now().date().isoformat(),
        "note": "kept what I typed",
    }
    answer = post(client, f"{base}/new", **sent | {field: typed})
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert "kept what I typed" in answer.text


def test_announced_by_the_buyer_and_confirmed_by_the_seller(
    app: Flask, database: Database, licence: Cast
) -> None:
    base = f"/deals/{licence.deal.public_id}/payments"
    buyer = _browser(app, licence, "buyer_charge")
    assert "Announce a payment" in buyer.get(f"{base}/new").text
    sent = {
        "key": "announced-by-buyer",
        "amount": "106000",
        "currency": "CNY",
        "paid_on": utc_now().date().isoformat(),
    }
    place = post(buyer, f"{base}/new", **sent).location
    assert "Waits for the other side" in buyer.get(place).text
    seller = _browser(app, licence, "seller_charge")
    assert "Announced and not confirmed" in seller.get(f"{base}/new").text
    version = re.search(r'name="version" value="(\d+)"', seller.get(place).text)
    assert version is not None
    assert post(seller, f"{place}/confirm", version="99").status_code == 409
    assert post(seller, f"{place}/confirm", version=version[1]).status_code == 303
    assert _owed(database, "up_front").state == "paid"
    assert post(seller, f"{place}/confirm", version=version[1]).status_code == 409


def test_of_two_who_act_on_what_they_see_the_second_is_told(
    app: Flask, database: Database, licence: Cast
) -> None:
    client = _browser(app, licence, "seller_editor")
    owed = _owed(database, "up_front")
    place = f"/deals/{licence.deal.public_id}/payments/owed/{owed.public_id}"
    seen = _version(client.get(place).text, "waive-version")
    other = _browser(app, licence, "seller_administrator")
    sent = {"credit-amount": "1000", "credit-reason": "agreed", "credit-version": seen}
    assert post(other, f"{place}/credit", **sent).status_code == 303
    answer = post(client, f"{place}/waive", **{"waive-reason": "my words", "waive-version": seen})
    assert answer.status_code == 409
    assert "quicker" in unescape(answer.text)
    assert "my words" in answer.text
    assert _owed(database, "up_front").state == "due"


def test_an_invoice_and_its_credit_note_as_pdf(
    app: Flask, database: Database, licence: Cast
) -> None:
    client = _browser(app, licence, "seller_editor")
    owed = _owed(database, "up_front")
    base = f"/deals/{licence.deal.public_id}/payments"
    place = f"{base}/owed/{owed.public_id}"
    assert post(client, f"{place}/invoice", **{"invoice-remark": "账号 0000"}).status_code == 303
    assert post(client, f"{place}/invoice", **{"invoice-remark": ""}).status_code == 409
    sent = {"credit-amount": "106", "credit-reason": "少用一个月"}
    assert post(client, f"{place}/credit", **sent).status_code == 303
    with database.reading() as session:
        papers = session.scalars(sa.select(Invoice).order_by(Invoice.id)).all()
    assert [each.kind for each in papers] == ["invoice", "credit_note"]
    for paper in papers:
        for language in ("zh", "en"):
            path = f"{base}/invoices/{paper.public_id}.pdf?language={language}"
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.data.startswith(b"%PDF")
            assert answer.data == client.get(path).data
    stranger = _browser(app, licence, "stranger")
    assert stranger.get(f"{base}/invoices/{papers[0].public_id}.pdf").status_code == 404
    broker = _browser(app, licence, "broker")
    assert broker.get(f"{base}/invoices/{papers[0].public_id}.pdf").status_code == 403


def test_an_organisations_receivables_and_payables(
    app: Flask, database: Database, licence: Cast
) -> None:
    seller = _browser(app, licence, "seller_editor")
    page = unescape(seller.get("/payments").text)
    assert "Due to us, CNY" in page
    assert "Pomegranate Electrics" in page
    assert "Up-front fee" in page
    rows = list(csv.DictReader(io.StringIO(seller.get("/payments.csv").data.decode("utf-8-sig"))))
    fee = next(row for row in rows if row["Sum owed"] == "Up-front fee")
    assert (fee["Due to us"], fee["Still open"], fee["State"]) == ("yes", "106000.00", "Past due")
    buyer = _browser(app, licence, "buyer_editor")
    assert "Due by us, CNY" in unescape(buyer.get("/payments?side=pays").text)
    ended = unescape(seller.get("/payments?show=ended").text)
    assert "2026Q3" in ended
    member = unescape(_browser(app, licence, "seller_member").get("/payments").text)
    assert "Nothing here" in member
    charge = unescape(_browser(app, licence, "seller_charge").get("/payments").text)
    assert "Up-front fee" in charge
    assert _browser(app, licence, "nobody").get("/payments").status_code == 403


def test_totals_are_for_operators_and_name_no_deal(app: Flask, licence: Cast) -> None:
    answer = _browser(app, licence, "operator").get("/payments/totals")
    assert answer.status_code == 200
    assert licence.deal.title not in answer.text
    assert "130.00" in answer.text
    assert _browser(app, licence, "broker").get("/payments/totals").status_code == 403


def test_the_deals_page_says_what_comes_next(app: Flask, licence: Cast) -> None:
    place = f"/deals/{licence.deal.public_id}"
    page = unescape(_browser(app, licence, "buyer_editor").get(place).text)
    assert "All payments of this deal" in page
    assert "106,000.00" in page
    assert "106,000.00" not in unescape(_browser(app, licence, "broker").get(place).text)
    assert "All payments of this deal" not in _browser(app, licence, "operator").get(place).text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_in_both_languages(
    app: Flask, database: Database, session: Session, licence: Cast, language: str, today: datetime
) -> None:
    deal = session.get_one(Deal, licence.deal.id)
    fall_due(session, deal, by=SYSTEM, now=today)
    owed = session.scalars(sa.select(Obligation).filter_by(key="up_front")).one()
    invoicing.issue(session, owed, by=licence.actor("seller_editor"), now=today)
    session.commit()
    base = f"/deals/{licence.deal.public_id}/payments"
    rows = session.scalars(sa.select(Obligation)).all()
    payment = session.scalars(sa.select(Payment)).one()
    paths = [base, f"{base}/new", f"{base}/{payment.public_id}", "/payments", "/payments?side=pays"]
    paths += [f"{base}/owed/{each.public_id}" for each in rows]
    client = _browser(app, licence, "seller_editor", language)
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "%(" not in answer.text
