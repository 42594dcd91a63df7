"""Signatures, files and messages through the pages."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.db import Database
from tenon.deals import guards
from tenon.deals.forms.schema import Words
from tenon.deals.models import Deal, DealFile, DealSignature
from tenon.deals.services import Signer, signing
from tenon.history import HistoryEntry
from tests.deals.browsing import browser, fresh, version_on, words
from tests.deals.cast import Cast
from tests.factories.accounts import csrf_token, post

PAPER = b"%PDF-1.4 the signed contract"


@pytest.fixture
def lawful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule but the signatures themselves lets the deal be signed: those are others' tests."""

    def passes(*_: Any, **__: Any) -> None:
        return None

    for name in guards.known() - {signing.COMPLETE}:
        monkeypatch.setitem(guards._checks, name, passes)
    monkeypatch.setattr(signing, "_further", {})


def sign(client: FlaskClient, deal: Deal, side: str, **fields: Any) -> TestResponse:
    """Confirm a side's signature with the paper uploaded."""
    place = f"/deals/{deal.public_id}/signatures"
    sent = {
        "csrf_token": csrf_token(client),
        "version": version_on(client, place),
        "signer": side,
        "signatory": "法定代表人",
        "signed_on": "2026-11-20",
        "confirmed": "y",
        "file": (PAPER, "合同.pdf"),
        **fields,
    }
    content, name = sent["file"]
    sent["file"] = (io.BytesIO(content), name)
    return client.post(place, data=sent, content_type="multipart/form-data")


def to_sign(session: Session, cast: Cast) -> Deal:
    """A deal that is ready to be signed; committed."""
    deal = cast.deal(session, state="signing")
    session.commit()
    return deal


@pytest.mark.usefixtures("lawful")
def test_with_the_last_signature_the_deal_is_signed(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = to_sign(committed, settled)
    seller = browser(app, settled, "seller_administrator")
    answer = sign(seller, deal, "seller")
    assert answer.status_code == 303, words(answer)
    page = words(seller.get(f"/deals/{deal.public_id}/signatures"))
    assert hashlib.sha256(PAPER).hexdigest() in page
    assert "Confirmed; others are still to sign." in page
    assert fresh(database, deal).stage == "signing"
    buyer = browser(app, settled, "buyer_administrator")
    assert sign(buyer, deal, "buyer").status_code == 303
    assert fresh(database, deal).stage in ("signed", "in_force")
    with database.reading() as session:
        kinds = session.scalars(
            sa.select(HistoryEntry.kind).where(HistoryEntry.chain_id == deal.public_id)
        ).all()
        files = session.scalars(sa.select(DealFile)).all()
    assert kinds.count("signature") == 2
    assert {each.sha256 for each in files} == {hashlib.sha256(PAPER).hexdigest()}


@pytest.mark.usefixtures("lawful")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"file": (b"", "")}, "Please choose a file."),
        ({"file": (b"<html>", "a.pdf")}, "This kind of file is not accepted."),
        ({"confirmed": ""}, "Please fill this in."),
        ({"signed_on": "2199-01-05"}, "That day has not come yet."),
        ({"signed_on": "soon"}, "Please enter a date"),
        ({"signatory": " "}, "Please fill this in."),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    app: Flask,
    settled: Cast,
    committed: Session,
    database: Database,
    fields: dict[str, Any],
    says: str,
) -> None:
    deal = to_sign(committed, settled)
    answer = sign(browser(app, settled, "seller_administrator"), deal, "seller", **fields)
    assert answer.status_code == 422
    assert says in words(answer)
    with database.reading() as session:
        assert session.scalars(sa.select(DealSignature)).all() == []
        assert session.scalars(sa.select(DealFile)).all() == []


@pytest.mark.usefixtures("lawful")
def test_only_administrators_sign_and_only_for_their_side(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = to_sign(committed, settled)
    for role in ("seller_editor", "seller_in_charge", "broker", "buyer_administrator"):
        client = browser(app, settled, role)
        place = f"/deals/{deal.public_id}/signatures"
        fields = {"signer": "seller", "signatory": "x", "signed_on": "2026-11-20"}
        sent = {"csrf_token": csrf_token(client), "confirmed": "y", **fields}
        data = {**sent, "file": (io.BytesIO(PAPER), "c.pdf")}
        answer = client.post(place, data=data, content_type="multipart/form-data")
        assert answer.status_code == 403, role


def test_what_stands_in_the_way_is_shown_before_anybody_signs(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = to_sign(committed, settled)
    client = browser(app, settled, "seller_administrator")
    page = words(client.get(f"/deals/{deal.public_id}/signatures"))
    assert "Before anybody can sign" in page
    assert "Confirm the signature of" not in page
    place = f"/deals/{deal.public_id}/signatures"
    data = {
        "csrf_token": csrf_token(client),
        "signer": "seller",
        "signatory": "x",
        "signed_on": "2026-11-20",
        "confirmed": "y",
        "file": (io.BytesIO(PAPER), "c.pdf"),
    }
    answer = client.post(place, data=data, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert "A rule does not allow this step yet" in words(answer)


@pytest.mark.usefixtures("lawful")
def test_a_co_owner_sees_the_signatures_alone(
    app: Flask,
    settled: Cast,
    committed: Session,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner = settled.people["nobody"]
    signer = Signer(f"person:{owner.id}", None, owner.id, Words("共有人", "A co-owner"))
    monkeypatch.setattr(signing, "_further", {"test": lambda _session, _deal: [signer]})
    deal = to_sign(committed, settled)
    assert sign(browser(app, settled, "seller_administrator"), deal, "seller").status_code == 303
    client, place = browser(app, settled, "nobody"), f"/deals/{deal.public_id}"
    page = client.get(f"{place}/signatures")
    assert page.status_code == 200
    assert "A co-owner" in words(page)
    for other in ("", "/terms", "/messages", "/timeline"):
        assert client.get(place + other).status_code == 404
        assert f'href="{place}{other}"' not in page.text
    with database.reading() as session:
        file = session.scalars(sa.select(DealFile)).one()
    with client.get(f"{place}/files/{file.public_id}") as paper:
        assert (paper.status_code, paper.data) == (200, PAPER)
    sent = {
        "csrf_token": csrf_token(client),
        "signer": signer.key,
        "signatory": "本人",
        "signed_on": "2026-11-21",
        "chosen": file.public_id,
        "confirmed": "y",
    }
    assert client.post(f"{place}/signatures", data=sent).status_code == 303
    assert browser(app, settled, "stranger").get(f"{place}/signatures").status_code == 404


def upload(client: FlaskClient, deal: Deal, content: bytes, **fields: Any) -> TestResponse:
    """Send a file."""
    data = {
        "csrf_token": csrf_token(client),
        "kind": "other",
        "file": (io.BytesIO(content), "内部.pdf"),
        **fields,
    }
    place = f"/deals/{deal.public_id}/files"
    return client.post(place, data=data, content_type="multipart/form-data")


def test_a_file_comes_back_as_a_download_and_a_private_one_to_its_side_alone(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()
    buyer = browser(app, settled, "buyer_editor")
    assert upload(buyer, deal, b"%PDF-1.4 own", private="y").status_code == 303
    assert upload(buyer, deal, b"").status_code == 422
    assert upload(buyer, deal, b"<script>").status_code == 422
    with database.reading() as session:
        file = session.scalars(sa.select(DealFile)).one()
    place = f"/deals/{deal.public_id}/files/{file.public_id}"
    with buyer.get(place) as answer:
        assert answer.data == b"%PDF-1.4 own"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
    for role, status in (
        ("seller_administrator", 403),
        ("broker", 403),
        ("operator", 403),
        ("stranger", 404),
        ("visitor", 302),
    ):
        assert browser(app, settled, role).get(place).status_code == status, role
    assert "内部" not in words(
        browser(app, settled, "broker").get(f"/deals/{deal.public_id}/messages")
    )


def test_messages_are_kept_as_typed_and_reach_both_sides(
    app: Flask, settled: Cast, committed: Session
) -> None:
    deal = settled.deal(committed, state="talks")
    committed.commit()
    place = f"/deals/{deal.public_id}/messages"
    text = "第一行 <b>\n第二行"
    assert post(browser(app, settled, "broker"), place, text=text).status_code == 303
    for role in ("seller_in_charge", "buyer_editor", "broker"):
        page = browser(app, settled, role).get(place).text
        assert "第一行 &lt;b&gt;\n第二行" in page
    assert post(browser(app, settled, "broker"), place, text=" ").status_code == 422
