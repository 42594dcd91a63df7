"""One-time codes through HTTP: turning on, signing in, no code twice, recovery, turning off."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tests.factories.accounts import PASSWORD, make_user, post, sign_in


@pytest.fixture
def user(session: Session) -> User:
    made = make_user(session, email="known@example.org")
    session.commit()
    return made


def turn_on(client: FlaskClient, user: User) -> pyotp.TOTP:
    """Turn codes on with the code of the step before, so that the present one is unused."""
    sign_in(client, user)
    page = post(client, "/account/codes", setup="authenticator")
    assert page.status_code == 200
    key = re.search(r"<p><code>([A-Z2-7 -]+)</code></p>", page.text)
    action = re.search(r'action="(/account/codes/[^"]+)"', page.text)
    assert key is not None
    assert action is not None
    app = pyotp.TOTP(re.sub(r"[ -]", "", key[1]))
    code = app.at(int(time.time()) - 30)
    assert post(client, action[1], code=code).status_code == 302
    return app


def enter_password(client: FlaskClient) -> None:
    post(client, "/account/sign-out")
    answer = post(client, "/account/sign-in", email="known@example.org", password=PASSWORD)
    assert answer.headers["Location"].startswith("/account/code")
    assert client.get("/account").status_code == 302


def test_code_is_asked_for_and_opens_once(
    client: FlaskClient, user: User, database: Database
) -> None:
    app = turn_on(client, user)
    with database.reading() as session:
        kept = session.get_one(User, user.id)
        assert kept.tf_primary_method == "authenticator"
        assert app.secret not in str(kept.tf_totp_secret)

    enter_password(client)
    assert post(client, "/account/code", code="000000").status_code == 422
    code = app.at(int(time.time()))
    assert post(client, "/account/code", code=code).status_code == 302
    assert client.get("/account").status_code == 200

    enter_password(client)
    assert post(client, "/account/code", code=code).status_code == 422
    assert client.get("/account").status_code == 302


def test_recovery_code_opens_once(client: FlaskClient, user: User, database: Database) -> None:
    turn_on(client, user)
    page = post(client, "/account/recovery-codes", generate_new_codes="yes")
    codes = re.findall(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>", page.text)
    assert len(codes) == 8
    with database.reading() as session:
        kept = session.get_one(User, user.id).mf_recovery_codes or []
        assert len(kept) == 8
        assert not set(kept) & set(codes)

    enter_password(client)
    assert client.get("/account/recovery-code").status_code == 200
    assert post(client, "/account/recovery-code", code=codes[0]).status_code == 302
    assert client.get("/account").status_code == 200
    enter_password(client)
    assert post(client, "/account/recovery-code", code=codes[0]).status_code == 422


def test_codes_are_turned_off(client: FlaskClient, user: User, database: Database) -> None:
    turn_on(client, user)
    assert post(client, "/account/codes", setup="disable").status_code == 302
    with database.reading() as session:
        assert session.get_one(User, user.id).tf_primary_method is None
    post(client, "/account/sign-out")
    post(client, "/account/sign-in", email="known@example.org", password=PASSWORD)
    assert client.get("/account").status_code == 200


def test_code_pages_are_shut_without_a_password_before(client: FlaskClient, user: User) -> None:
    for path in ("/account/code", "/account/recovery-code", "/account/no-code"):
        assert client.get(path).headers["Location"].startswith("/account/sign-in")
    assert post(client, "/account/code", code="123456").status_code == 302


def test_old_sign_in_must_give_the_password_again_to_change_codes(
    client: FlaskClient, user: User
) -> None:
    sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["fs_paa"] = time.time() - 48 * 3600
    answer = post(client, "/account/codes", setup="authenticator")
    assert answer.headers["Location"].startswith("/account/verify")
    assert client.get(answer.headers["Location"]).status_code == 200
    assert post(client, "/account/verify", password="wrong").status_code == 422
    assert post(client, "/account/verify", password=PASSWORD).status_code == 302
    assert post(client, "/account/codes", setup="authenticator").status_code == 200
