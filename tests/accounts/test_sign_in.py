"""Signing up, in and out through HTTP: mail, enumeration, redirects, sessions, limits."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import json
import re
from datetime import timedelta
from urllib.parse import urljoin

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.app import create_app
from tenon.db import Database
from tenon.notices.models import Mail
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tenon.web.limits import limiter
from tests.factories.accounts import PASSWORD, csrf_token, make_user, post, sign_in

SIGN_IN, SIGN_UP = "/account/sign-in", "/account/sign-up"


def sign_up(client: FlaskClient, address: str, **changed: str) -> int:
    fields = {
        "name": "Lan Wei",
        "email": address,
        "password": "seven wooden joints",
        "language": "en",
        "terms": "y",
    } | changed
    return post(client, SIGN_UP, **fields).status_code


def mails_to(database: Database, address: str) -> list[Mail]:
    with database.reading() as session:
        wanted = sa.select(Mail).where(Mail.recipient == address).order_by(Mail.id)
        return list(session.scalars(wanted))


def link_in(mail: Mail) -> str:
    found = re.search(r"^http://127\.0\.0\.1:8000(/\S+)$", mail.text, re.MULTILINE)
    assert found is not None
    return found[1]


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_newcomer_signs_up_confirms_by_mail_and_signs_in(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    assert sign_up(client, "Lan@Example.org") == 302
    assert not is_signed_in(client)
    early = post(client, SIGN_IN, email="lan@example.org", password="seven wooden joints")
    assert early.status_code == 422

    drain(database)
    (file,) = settings.mail_folder.glob("*.eml")
    sent = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert sent["To"] == "lan@example.org"
    assert sent["Subject"] == "Confirm your mail address"
    (mail,) = mails_to(database, "lan@example.org")
    confirmed = client.get(link_in(mail))
    assert confirmed.status_code == 302

    answer = post(client, SIGN_IN, email="LAN@example.org", password="seven wooden joints")
    assert answer.status_code == 302
    assert is_signed_in(client)
    with database.reading() as session:
        user = session.scalars(sa.select(User)).one()
        assert (user.name, user.language, user.email) == ("Lan Wei", "en", "lan@example.org")
        assert user.terms_accepted_at is not None
        assert user.password is not None
        assert user.password.startswith("$argon2id$")
    post(client, "/account/sign-out")
    assert not is_signed_in(client)


def test_sign_up_without_consent_or_with_an_easy_password_makes_no_account(
    client: FlaskClient, database: Database
) -> None:
    assert sign_up(client, "a@example.org", terms="") == 422
    assert sign_up(client, "a@example.org", password="short") == 422
    assert sign_up(client, "a@example.org", password="aaaaaaaaaaaaaa") == 422
    assert sign_up(client, "somebody@example.org", password="somebody@example.org") == 422
    assert sign_up(client, "a@example.org", password="x9" * 5000) == 422
    assert sign_up(client, "not an address") == 422
    assert sign_up(client, "a@example.org", name="  ") == 422
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_sign_up_says_the_same_for_a_known_and_an_unknown_address(
    app: Flask, database: Database, session: Session
) -> None:
    make_user(session, email="known@example.org")
    session.commit()
    pages = []
    for address in ("known@example.org", "newer@example.org"):
        client = app.test_client()
        assert sign_up(client, address) == 302
        pages.append(visible(client.get(SIGN_IN).text).replace(address, "ADDRESS"))
    assert pages[0] == pages[1]
    (known,) = mails_to(database, "known@example.org")
    assert known.subject == "You have an account already"
    with database.reading() as reading:
        assert reading.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def visible(page: str) -> str:
    """The page without form tokens, which differ each time."""
    return re.sub(r'"\.?[\w-]+\.[\w-]+\.[\w-]+"', "", page)


@pytest.mark.parametrize("field", ["unknown", "wrong", "unconfirmed", "closed", "erased"])
def test_sign_in_says_the_same_whatever_is_wrong(app: Flask, session: Session, field: str) -> None:
    user = make_user(session, email="known@example.org")
    if field == "unconfirmed":
        user.confirmed_at = None
    if field == "closed":
        user.active = False
    if field == "erased":
        user.password = None
    session.commit()
    pages = []
    tries = [
        {"email": "nobody@example.org", "password": PASSWORD},
        {
            "email": "nobody@example.org" if field == "unknown" else "known@example.org",
            "password": "not the password" if field == "wrong" else PASSWORD,
        },
    ]
    for fields in tries:
        client = app.test_client()
        client.post("/language", data={"language": "en", "csrf_token": csrf_token(client)})
        answer = post(client, SIGN_IN, **fields)
        assert answer.status_code == 422
        pages.append(visible(answer.text).replace(fields["email"], "ADDRESS"))
    assert pages[0] == pages[1]
    assert "Address or password is wrong" in pages[0]


def test_forgotten_password_says_the_same_and_resets_once(
    app: Flask, database: Database, session: Session
) -> None:
    make_user(session, email="known@example.org")
    session.commit()
    pages = []
    for address in ("known@example.org", "nobody@example.org"):
        client = app.test_client()
        answer = post(client, "/account/reset", email=address)
        assert answer.status_code == 200
        pages.append(visible(answer.text).replace(address, "ADDRESS"))
    assert pages[0] == pages[1]
    (mail,) = mails_to(database, "known@example.org")
    assert mails_to(database, "nobody@example.org") == []

    client = app.test_client()
    link = link_in(mail)
    new = {"password": "quite another password", "password_confirm": "quite another password"}
    assert client.get(link).status_code == 200
    assert post(client, link, **new).status_code == 302
    assert post(client, link, **new).status_code == 302  # spent: leads back to asking
    assert client.get(link).headers["Location"].endswith("/account/reset")
    failed = post(client, SIGN_IN, email="known@example.org", password=PASSWORD)
    assert failed.status_code == 422
    post(client, SIGN_IN, email="known@example.org", password="quite another password")
    assert is_signed_in(client)
    subjects = [each.subject for each in mails_to(database, "known@example.org")]
    assert subjects == ["Set a new password", "Your password was changed"]


def test_links_in_mail_never_take_the_requests_host(
    client: FlaskClient, database: Database, session: Session
) -> None:
    make_user(session, email="known@example.org")
    session.commit()
    token = csrf_token(client)
    client.post(
        "/account/reset",
        data={"email": "known@example.org", "csrf_token": token},
        headers={"Host": "evil.example"},
    )
    texts = [mail.text for mail in mails_to(database, "known@example.org")]
    assert [text for text in texts if "evil.example" in text] == []


def test_confirm_again_says_the_same_for_all(app: Flask, session: Session) -> None:
    make_user(session, email="done@example.org")
    make_user(session, email="waits@example.org", confirmed_at=None)
    session.commit()
    pages = set()
    for address in ("done@example.org", "waits@example.org", "nobody@example.org"):
        client = app.test_client()
        answer = post(client, "/account/confirm", email=address)
        pages.add((answer.status_code, visible(answer.text).replace(address, "ADDRESS")))
    assert len(pages) == 1


def test_change_of_password_signs_out_everywhere_else(app: Flask, session: Session) -> None:
    user = make_user(session)
    session.commit()
    here, there = sign_in(app.test_client(), user), sign_in(app.test_client(), user)
    new = {
        "new_password": "quite another password",
        "new_password_confirm": "quite another password",
    }
    wrong = post(here, "/account/password", password="not the password", **new)
    assert wrong.status_code == 422
    assert post(here, "/account/password", password=PASSWORD, **new).status_code == 302
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "////evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "http://127.0.0.1:8000@evil.example/",
    ],
)
def test_sign_in_never_leads_off_the_site(
    client: FlaskClient, session: Session, target: str
) -> None:
    user = make_user(session)
    session.commit()
    answer = client.post(
        SIGN_IN,
        query_string={"next": target},
        data={
            "email": user.email,
            "password": PASSWORD,
            "next": target,
            "csrf_token": csrf_token(client),
        },
    )
    place = urljoin("http://site.example/account/sign-in", answer.headers.get("Location", "/"))
    assert place.startswith("http://site.example/"), place


def test_sign_in_leads_back_to_the_page_that_asked(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    session.commit()
    sent = client.get("/account/my-data")
    assert sent.headers["Location"] == f"{SIGN_IN}?next=/account/my-data"
    answer = post(client, SIGN_IN, email=user.email, password=PASSWORD, next="/account/my-data")
    assert answer.headers["Location"] == "/account/my-data"


def test_sign_in_renews_the_form_token(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    session.commit()
    planted = csrf_token(client)
    data = {"email": user.email, "password": PASSWORD, "csrf_token": planted}
    assert client.post(SIGN_IN, data=data).status_code == 302
    client.get("/account")
    answer = client.post("/account", data={"name": "X", "language": "en", "csrf_token": planted})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, "/account/reset", "/account/confirm"])
def test_forms_without_token_are_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, data={"email": "a@example.org"}).status_code == 400


def test_sign_in_by_json_gives_no_token(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    session.commit()
    answer = client.post(
        f"{SIGN_IN}?include_auth_token",
        json={"email": user.email, "password": PASSWORD},
        headers={"X-CSRFToken": csrf_token(client)},
    )
    assert "authentication_token" not in answer.text


def test_blocked_person_is_signed_out_at_once(client: FlaskClient, session: Session) -> None:
    user = make_user(session)
    session.commit()
    sign_in(client, user)
    assert is_signed_in(client)
    user.active = False
    session.commit()
    assert not is_signed_in(client)


def test_second_sign_up_at_the_same_moment_is_answered_like_the_first(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sign_up(client, "twice@example.org") == 302
    # The second request looked before the first was written: it finds nobody.
    from flask_security import SQLAlchemySessionUserDatastore

    monkeypatch.setattr(SQLAlchemySessionUserDatastore, "find_user", lambda *_, **__: None)
    assert sign_up(client, "twice@example.org") == 302
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 1


def test_guesses_are_slowed_down(settings: Settings, database: Database) -> None:
    limited = dataclasses.replace(settings, rate_limits=True)
    client = create_app(limited, database).test_client()
    limiter.reset()
    codes = [
        post(client, SIGN_IN, email="a@example.org", password="wrong").status_code
        for _ in range(11)
    ]
    assert codes == [422] * 10 + [429]
    limiter.reset()


def test_closed_registration_has_no_sign_up(settings: Settings, database: Database) -> None:
    closed = create_app(dataclasses.replace(settings, registration=False), database)
    client = closed.test_client()
    assert client.get(SIGN_UP).status_code == 404
    assert SIGN_UP not in client.get(SIGN_IN).text


def test_demo_sign_ins_show_in_a_demo_alone(
    client: FlaskClient, settings: Settings, session: Session
) -> None:
    settings.var.mkdir(parents=True, exist_ok=True)
    known = [{"role": "broker", "email": "broker@demo.example", "password": "made at random"}]
    (settings.var / "demo-sign-ins.json").write_text(json.dumps(known))
    assert "made at random" not in client.get(SIGN_IN).text
    make_user(session, demo=True)
    session.commit()
    assert "made at random" in client.get(SIGN_IN).text


def test_stale_confirmation_is_refused(client: FlaskClient, database: Database, app: Flask) -> None:
    sign_up(client, "late@example.org")
    (mail,) = mails_to(database, "late@example.org")
    app.config["SECURITY_CONFIRM_EMAIL_WITHIN"] = timedelta(seconds=-1)
    assert client.get(link_in(mail)).headers["Location"].endswith("/account/confirm")
    assert client.get("/account/confirm/not-a-token").status_code == 302
    with database.reading() as session:
        assert session.scalars(sa.select(User)).one().confirmed_at is None


def test_messages_of_the_library_are_in_the_pages_language(app: Flask, session: Session) -> None:
    make_user(session, email="known@example.org")
    session.commit()
    client = app.test_client()
    client.post("/language", data={"language": "zh", "csrf_token": csrf_token(client)})
    answer = post(client, SIGN_IN, email="known@example.org", password="wrong")
    assert "邮箱或密码不正确" in answer.text
    assert "Address or password" not in answer.text


def test_last_sign_up_of_an_unconfirmed_address_wins(app: Flask, database: Database) -> None:
    stranger, owner = app.test_client(), app.test_client()
    assert sign_up(stranger, "mine@example.org", password="the strangers password") == 302
    assert sign_up(owner, "mine@example.org", password="the owners own password") == 302
    first, second = mails_to(database, "mine@example.org")
    stranger.get(link_in(first))
    failed = post(stranger, SIGN_IN, email="mine@example.org", password="the strangers password")
    assert failed.status_code == 422
    owner.get(link_in(second))
    post(stranger, SIGN_IN, email="mine@example.org", password="the strangers password")
    assert not is_signed_in(stranger)
    post(owner, SIGN_IN, email="mine@example.org", password="the owners own password")
    assert is_signed_in(owner)


def test_sign_up_with_a_confirmed_address_changes_nothing(
    client: FlaskClient, database: Database, session: Session
) -> None:
    user = make_user(session, email="known@example.org", name="Owner")
    session.commit()
    assert sign_up(client, "known@example.org", name="Stranger") == 302
    with database.reading() as reading:
        kept = reading.get_one(User, user.id)
        assert (kept.name, kept.password) == ("Owner", user.password)


def test_errors_of_the_library_show_at_their_fields(client: FlaskClient) -> None:
    page = post(client, SIGN_UP, language="en").text
    errors = re.findall(r'<div class="field__errors" id="(\w+)-error">', page)
    assert errors == ["name", "email", "password", "terms"]


def test_reset_by_mail_confirms_the_address(
    client: FlaskClient, database: Database, session: Session
) -> None:
    make_user(session, email="waits@example.org", confirmed_at=None)
    session.commit()
    post(client, "/account/reset", email="waits@example.org")
    (mail,) = mails_to(database, "waits@example.org")
    another = "quite another password"
    post(client, link_in(mail), password=another, password_confirm=another)
    post(client, SIGN_IN, email="waits@example.org", password=another)
    assert is_signed_in(client)
