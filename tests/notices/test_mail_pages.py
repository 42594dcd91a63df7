"""Pages of mail: operators see what waits, failed and came back; everybody their own banner."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tenon.accounts.models import User
from tenon.db import Database
from tenon.history import HistoryEntry
from tenon.notices import bounces
from tenon.notices.bounces import Bounce
from tenon.notices.models import Mail
from tenon.notices.services import SEND_MAIL
from tenon.outbox import OutboxMessage, pausing
from tests.factories.accounts import grant_role, make_user, post, sign_in
from tests.notices.mails import people, rows, write


@pytest.fixture
def lan(database: Database) -> User:
    with database.writing() as session:
        return make_user(session, email="lan@example.org", name="Wei Lan")


@pytest.fixture
def operator(database: Database) -> User:
    with database.writing() as session:
        return grant_role(session, make_user(session), "operator")


def _fail(database: Database, lan: User, now: datetime) -> int:
    (key,) = write(database, lan.email, now=now, user=lan)
    with database.writing() as session:
        mail = session.get_one(Mail, key)
        mail.failed_at, mail.problem = now, "550 5.1.1 <b>unknown</b>"
        bounce = Bounce(status="5.1.1", reason="550 unknown", source="answer")
        bounces.record(session, mail=mail, bounce=bounce, now=now)
        session.execute(sa.update(OutboxMessage).values(done_at=now))
    return key


def test_operator_sees_what_failed_and_tries_it_again(
    app: Flask, database: Database, lan: User, operator: User, now: datetime
) -> None:
    key = _fail(database, lan, now)
    client = sign_in(app.test_client(), operator)
    page = client.get("/notices/mails").text
    assert "550 5.1.1 &lt;b&gt;unknown" in page
    assert "lan@example.org" in page
    assert "通知" not in page  # what it is about is nobody else's business
    assert post(client, f"/notices/mails/{key}/retry").status_code == 302
    (mail,) = rows(database)
    assert (mail.failed_at, mail.problem) == (None, None)
    with database.reading() as session:
        due = session.scalars(
            sa.select(OutboxMessage.payload).where(OutboxMessage.done_at.is_(None))
        ).all()
        assert due == [{"id": key}]
        assert session.scalars(
            sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "mail")
        ).all() == ["mail_retried"]
    assert post(client, f"/notices/mails/{key}/retry").status_code == 409
    assert post(client, "/notices/mails/99999/retry").status_code == 404


def test_operator_sees_the_pause_and_ends_it(
    app: Flask, database: Database, operator: User, now: datetime
) -> None:
    write(database, *people(3), now=now)
    with database.writing() as session:
        until = pausing.pause(session, SEND_MAIL, reason="no mail server: TimeoutError", now=now)
    client = sign_in(app.test_client(), operator)
    page = client.get("/notices/mails?show=waiting").text
    assert "no mail server: TimeoutError" in page
    assert page.count("@example.org") >= 3
    with database.reading() as session:
        assert set(session.scalars(sa.select(OutboxMessage.available_at))) == {until}
    assert post(client, "/notices/mails/go-on").status_code == 302
    with database.reading() as session:
        assert pausing.pauses(session) == []
        assert max(session.scalars(sa.select(OutboxMessage.available_at))) < until + timedelta(
            days=3650
        )
    assert "TimeoutError" not in client.get("/notices/mails").text


def test_counts_are_bounded(app: Flask, database: Database, operator: User, now: datetime) -> None:
    with database.writing() as session:
        session.execute(
            sa.insert(Mail),
            [
                {
                    "recipient": f"{number}@example.org",
                    "subject": "a",
                    "text": "a",
                    "message_id": f"<{number}@tenon.example>",
                    "created_at": now,
                }
                for number in range(1005)
            ],
        )
    page = sign_in(app.test_client(), operator).get("/notices/mails?show=waiting").text
    assert "1000+" in page


def test_operator_lets_an_address_in_with_a_reason(
    app: Flask, database: Database, lan: User, operator: User, now: datetime
) -> None:
    _fail(database, lan, now)
    client = sign_in(app.test_client(), operator)
    page = client.get("/notices/bounces").text
    assert "Wei Lan" in page
    assert "550 unknown" in page
    with database.reading() as session:
        out = bounces.obstacle(session, lan)
        assert out is not None
    refused = post(client, f"/notices/bounces/{out.id}/lift")
    assert refused.status_code == 422
    assert "field--bad" in refused.text
    kept = post(client, f"/notices/bounces/{out.id}/lift", **{f"o{out.id}-reason": "x" * 501})
    assert kept.status_code == 422
    assert "x" * 501 in kept.text
    answer = post(client, f"/notices/bounces/{out.id}/lift", **{f"o{out.id}-reason": "They rang"})
    assert answer.status_code == 302
    assert "No mail comes back" in client.get("/notices/bounces").text


@pytest.mark.parametrize("path", ["/notices/mails", "/notices/bounces"])
def test_pages_are_for_operators(app: Flask, lan: User, path: str) -> None:
    assert app.test_client().get(path).status_code == 302
    assert sign_in(app.test_client(), lan).get(path).status_code == 403


@pytest.mark.parametrize("path", ["mails/1/retry", "mails/go-on", "bounces/1/lift"])
def test_only_operators_change_anything(
    app: Flask, database: Database, lan: User, path: str, now: datetime
) -> None:
    _fail(database, lan, now)
    assert post(sign_in(app.test_client(), lan), f"/notices/{path}").status_code == 403
    (mail,) = rows(database)
    assert mail.failed_at is not None


def test_person_is_told_and_says_that_it_works_again(
    app: Flask, database: Database, lan: User, operator: User, now: datetime
) -> None:
    _fail(database, lan, now)
    client = sign_in(app.test_client(), lan)
    for path in ("/account", "/notices"):
        page = client.get(path).text
        assert "Mail to you comes back" in page
        assert "550 unknown" in page
    other = sign_in(app.test_client(), operator)
    assert "Mail to you comes back" not in other.get("/account").text
    post(other, "/notices/address/works")  # says so of their own address alone
    assert "Mail to you comes back" in client.get("/account").text
    answer = post(client, "/notices/address/works", next="/account")
    assert answer.location == "/account"
    assert "Mail to you comes back" not in client.get("/account").text
