"""Statements through pages: issued, fetched, checked by anybody, compared, revoked, forgotten."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.app import create_app
from tenon.clock import utc_now
from tenon.credit.statements import comparing, printing, services
from tenon.credit.statements.codes import ALPHABET, check_character, written
from tenon.credit.statements.models import CreditStatement
from tenon.credit.statements.personal import folder_of
from tenon.db import Database
from tenon.errors import Unavailable
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.factories.accounts import actor_for, csrf_token, grant_role, make_user, post, sign_in
from tests.factories.credit import make_entry
from tests.factories.listings import make_need
from tests.factories.statements import make_statement

WHEN = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
ASKED = {"since": "2026-01-01", "until": "2026-06-30", "purpose": "reward", "language": "zh"}
ENGLISH = {"Accept-Language": "en"}
NAME = "示例经纪人甲"


@dataclasses.dataclass
class Site:
    """A site with a broker who has credit, a stranger and an operator."""

    database: Database
    folder: Path
    broker: User
    stranger: User
    operator: User

    def only(self) -> CreditStatement:
        """The one statement that there is."""
        with self.database.reading() as session:
            return session.scalars(sa.select(CreditStatement)).one()


@pytest.fixture
def site(database: Database, settings: Settings) -> Site:
    with database.writing() as session:
        broker = grant_role(session, make_user(session, name=NAME), "broker")
        stranger = grant_role(session, make_user(session), "broker")
        operator = grant_role(session, make_user(session), "operator")
        need = make_need(session, state="published", title="求耐高温测温办法")
        thing = ("listing", need.public_id)
        make_entry(session, broker, thing=thing, act="collected", now=WHEN)
        make_entry(session, broker, thing=("deal", "d"), act="closed", now=WHEN + timedelta(days=1))
    return Site(database, folder_of(settings.files_folder), broker, stranger, operator)


def _issue(client: FlaskClient, site: Site, **changes: str) -> CreditStatement:
    sign_in(client, site.broker)
    answer = post(client, "/credit/statements", **(ASKED | changes))
    assert answer.status_code == 302, answer.text
    return site.only()


def _compare(client: FlaskClient, code: str, content: bytes, name: str = "a.pdf") -> TestResponse:
    return client.post(
        f"/verify/{code}",
        data={"csrf_token": csrf_token(client), "file": (io.BytesIO(content), name)},
        headers=ENGLISH,
    )


def test_from_asking_to_a_check_by_a_stranger(client: FlaskClient, site: Site, app: Flask) -> None:
    made = _issue(client, site)
    listed = client.get("/credit/statements").text
    assert written(made.code) in listed
    page = client.get(f"/credit/statements/{made.public_id}").text
    assert made.content_sha256 in page
    got = client.get(f"/credit/statements/{made.public_id}/file")
    assert (got.status_code, got.mimetype) == (200, "application/pdf")
    assert "attachment" in got.headers["Content-Disposition"]
    assert hashlib.sha256(got.data).hexdigest() == made.pdf_sha256
    read = pypdf.PdfReader(io.BytesIO(got.data))
    text = "".join(page.extract_text() for page in read.pages)
    plain = re.sub(r"\s", "", text)
    for part in (NAME, "贡献证明", "求耐高温测温办法", written(made.code), made.content_sha256):
        assert part in plain
    assert {name: str(value) for name, value in (read.metadata or {}).items()} == {
        "/Title": f"贡献证明 {written(made.code)}"
    }
    somebody = app.test_client()
    found = somebody.get("/verify", query_string={"code": f" {written(made.code).lower()} "})
    assert found.location == f"/verify/{written(made.code)}"
    shown = somebody.get(found.location, headers=ENGLISH)
    assert shown.status_code == 200
    for part in (NAME, "This statement is valid", "Application for a reward", made.content_sha256):
        assert part in shown.text
    assert "求耐高温测温办法" not in shown.text  # totals only
    assert made.pdf_sha256 not in shown.text


def test_a_code_from_a_chinese_keyboard_is_read(client: FlaskClient, site: Site) -> None:
    made = _issue(client, site)
    typed = "".join(chr(ord(char) + 0xFEE0) for char in written(made.code).lower())
    found = client.get("/verify", query_string={"code": typed}, follow_redirects=True)
    assert NAME in found.text


def test_the_file_is_compared_byte_for_byte_and_not_kept(
    client: FlaskClient, site: Site, app: Flask, settings: Settings
) -> None:
    made = _issue(client, site)
    content = client.get(f"/credit/statements/{made.public_id}/file").data
    before = sorted(settings.var.rglob("*"))
    somebody = app.test_client()
    same = _compare(somebody, made.code, content)
    assert (same.status_code, "byte for byte" in same.text) == (200, True)
    for place in (10, len(content) // 2, len(content) - 3):
        changed = bytearray(content)
        changed[place] ^= 1
        told = _compare(somebody, made.code, bytes(changed))
        assert (told.status_code, "This is not the file that we issued" in told.text) == (200, True)
    longer = _compare(somebody, made.code, content + b"\n")
    assert "This is not the file that we issued" in longer.text
    assert sorted(settings.var.rglob("*")) == before


def test_a_file_that_is_missing_empty_or_too_large_is_told(
    client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _issue(client, site)
    monkeypatch.setattr(comparing, "SIZE_LIMIT", 1000)
    large = _compare(client, made.code, b"x" * 1001)
    assert (large.status_code, "That file is too large." in large.text) == (422, True)
    for content, name in ((b"", "a.pdf"), (b"", "")):
        empty = _compare(client, made.code, content, name)
        assert (empty.status_code, "Please fill this in." in empty.text) == (422, True)


def test_unknown_codes_all_get_the_same_words(client: FlaskClient, site: Site) -> None:
    made = _issue(client, site)
    free = "".join(ALPHABET[(ALPHABET.index(char) + 1) % 23] for char in made.code[:-1])
    could_be = free + check_character(free)
    wrong = made.code[:-1] + ALPHABET[(ALPHABET.index(made.code[-1]) + 1) % 23]
    pages = set()
    for code in (could_be, wrong, "AAAA", "0000-0000-0000", "求", "x" * 200):
        for answer in (client.get(f"/verify/{code}"), _compare(client, code, b"%PDF-")):
            assert answer.status_code == 404
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        shown = client.get(f"/verify/{code}").text
        main = shown[shown.index("<main") : shown.index("</main>")]
        pages.add(main)
    assert len(pages) == 1
    assert "We know no statement with this code" in pages.pop()


def test_nothing_typed_is_told_at_the_field(client: FlaskClient) -> None:
    empty = client.get("/verify", query_string={"code": " — "}, headers=ENGLISH)
    assert (empty.status_code, "Please enter the code" in empty.text) == (422, True)


def test_search_engines_stay_out_and_the_footer_leads_in(client: FlaskClient, site: Site) -> None:
    made = _issue(client, site)
    assert "Disallow: /verify/" in client.get("/robots.txt").text
    for path in ("/verify", f"/verify/{made.code}"):
        answer = client.get(path)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in answer.text
        assert answer.headers["Cache-Control"] == "no-store, private"
    assert 'href="/verify"' in client.get("/terms").text


def test_nobody_else_reads_downloads_or_revokes(client: FlaskClient, site: Site) -> None:
    made = _issue(client, site)
    sign_in(client, site.stranger)
    base = f"/credit/statements/{made.public_id}"
    assert client.get(base).status_code == 404
    assert client.get(f"{base}/file").status_code == 404
    assert post(client, f"{base}/revoke", reason="wrong").status_code == 404
    admin = f"/admin/people/{site.broker.public_id}/statements"
    assert client.get(admin).status_code == 403
    assert post(client, admin, **ASKED).status_code == 403
    assert written(made.code) not in client.get("/credit/statements").text
    assert site.only().revoked_at is None


def test_an_operator_issues_and_revokes_for_a_person(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.operator)
    path = f"/admin/people/{site.broker.public_id}/statements"
    assert NAME in client.get(path).text
    assert post(client, path, **ASKED).status_code == 302
    made = site.only()
    assert (made.user_id, made.content["asked_by"]) == (site.broker.id, "operator")
    base = f"/credit/statements/{made.public_id}"
    assert client.get(f"{base}/file").status_code == 200
    assert post(client, f"{base}/revoke", reason="whim").status_code == 422
    assert post(client, f"{base}/revoke", reason="wrong").status_code == 302
    assert post(client, f"{base}/revoke", reason="wrong").status_code == 409
    shown = client.get(f"/verify/{made.code}", headers=ENGLISH).text
    assert "This statement was revoked on" in shown
    assert "It said something that does not hold." in shown
    assert "This statement is valid" not in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since": "nonsense"}, "Please enter a date such as 2027-03-31."),
        ({"until": ""}, "Please fill this in."),
        ({"since": "2026-06-30", "until": "2026-01-01"}, "must not be before the first"),
        ({"until": "2999-01-01"}, "can only speak of days that have come"),
        ({"until": "2026-01-31"}, "The ledger credits nothing in this period."),
    ],
)
def test_what_cannot_be_asked_for_is_told_at_its_field(
    client: FlaskClient, site: Site, changes: dict[str, str], words: str
) -> None:
    sign_in(client, site.broker)
    answer = client.post(
        "/credit/statements",
        data={"csrf_token": csrf_token(client), **(ASKED | changes)},
        headers=ENGLISH,
    )
    assert (answer.status_code, words in answer.text) == (422, True)
    assert not site.folder.exists()
    with site.database.reading() as session:
        assert session.scalars(sa.select(CreditStatement)).all() == []


def test_where_no_pdf_can_be_made_nothing_is_issued_and_the_page_says_what_is_missing(
    client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacks(*_arguments: object) -> bytes:
        raise Unavailable("pdf_libraries", packages="libpango-1.0-0")

    monkeypatch.setattr(services, "print_statement", lacks)
    sign_in(client, site.broker)
    answer = client.post(
        "/credit/statements",
        data={"csrf_token": csrf_token(client), **ASKED},
        headers=ENGLISH,
    )
    assert answer.status_code == 503
    assert "libpango-1.0-0" in answer.text
    with site.database.reading() as session:
        assert session.scalars(sa.select(CreditStatement)).all() == []


def test_making_the_file_holds_no_writers_place(
    client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the file is made another writer gets through, also on SQLite, where there is one."""
    real = printing.print_statement

    def meanwhile(content: dict[str, object], name: str) -> bytes:
        with site.database.writing() as session:
            session.execute(sa.text("UPDATE users SET language = 'zh'"))
        return real(content, name)

    monkeypatch.setattr(services, "print_statement", meanwhile)
    _issue(client, site)


def test_after_erasure_the_name_and_the_file_are_gone_and_the_hash_is_still_checked(
    client: FlaskClient, site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _issue(client, site)
    content = client.get(f"/credit/statements/{made.public_id}/file").data
    assert [path for path in site.folder.rglob("*") if path.is_file()]
    with site.database.writing() as session:
        person = session.get_one(User, site.broker.id)
        erase_person(session, user=person, by=actor_for(person), now=utc_now())
    monkeypatch.setenv("TENON_VAR", str(settings.var))
    drain(site.database)
    assert [path for path in site.folder.rglob("*") if path.is_file()] == []
    somebody = client.application.test_client()
    shown = somebody.get(f"/verify/{made.code}", headers=ENGLISH)
    assert shown.status_code == 200
    assert NAME not in shown.text
    assert "Its person is no longer known here" in shown.text
    assert made.content_sha256 in shown.text
    assert "byte for byte" in _compare(somebody, made.code, content).text
    assert "not the file" in _compare(somebody, made.code, content[:-1]).text
    sign_in(client, site.operator)
    assert client.get(f"/credit/statements/{made.public_id}").status_code == 200
    assert client.get(f"/credit/statements/{made.public_id}/file").status_code == 409


def test_what_is_held_about_a_person_has_their_statements(
    client: FlaskClient, site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zipfile import ZipFile

    made = _issue(client, site)
    monkeypatch.setenv("TENON_VAR", str(settings.var))
    with ZipFile(io.BytesIO(client.get("/account/my-data", buffered=True).data)) as packed:
        name = f"statements/{written(made.code)}.pdf"
        assert hashlib.sha256(packed.read(name)).hexdigest() == made.pdf_sha256
        assert written(made.code) in packed.read("my-data.json").decode()


def test_guessing_and_issuing_are_limited(
    database: Database, settings: Settings, site: Site
) -> None:
    app = create_app(dataclasses.replace(settings, rate_limits=True), database)
    somebody = app.test_client()
    answers = [somebody.get(f"/verify/A{number}").status_code for number in range(21)]
    assert answers == [404] * 20 + [429]
    assert _compare(somebody, "AAAA", b"x").status_code == 429  # one count for both
    broker = sign_in(app.test_client(), site.broker)
    asked = [post(broker, "/credit/statements", **(ASKED | {"until": ""})) for _ in range(21)]
    assert [each.status_code for each in asked] == [422] * 20 + [429]


@pytest.mark.parametrize("number", [1, 30])
def test_a_check_asks_the_database_as_often_for_thirty_entries_as_for_one(
    database: Database, session: Session, number: int, settings: Settings
) -> None:
    person = make_user(session)
    for each in range(number):
        make_entry(session, person, thing=("deal", f"d{each}"))
    made = make_statement(session, person)
    session.commit()
    client = create_app(settings, database).test_client()
    client.get(f"/verify/{made.code}")
    asked: list[str] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *event: asked.append(str(event[2]))
    )
    assert client.get(f"/verify/{made.code}").status_code == 200
    assert len([one for one in asked if one.lstrip().upper().startswith("SELECT")]) <= 6


def test_the_form_offers_this_year(client: FlaskClient, site: Site) -> None:
    sign_in(client, site.broker)
    page = client.get("/credit/statements").text
    (since,) = re.findall(r'name="since"[^>]*value="([^"]+)"', page)
    assert date.fromisoformat(since).strftime("%m-%d") == "01-01"
