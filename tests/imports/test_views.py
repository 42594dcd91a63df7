"""Pages of imports: from upload through check and confirmation to the end."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenon.accounts.models import User
from tenon.db import Database
from tenon.history.models import HistoryEntry
from tenon.listings.importing import storage
from tenon.listings.models import ImportJob, Listing
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tests.factories.accounts import (
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)

NEEDS = "编号,语言,标题,背景\nN1,中文,求耐磨涂层,现用涂层一个月就磨穿。\n"
BAD = "编号,语言,标题,背景,截止日期\nN1,中文,,漏,\nN2,中文,泵,=1+1,明天\n"


@pytest.fixture
def member(database: Database) -> User:
    """An editor of an organisation."""
    with database.writing() as session:
        user = make_user(session)
        make_membership(session, user, make_organisation(session), "editor")
        return user


@pytest.fixture
def operator(database: Database) -> User:
    """An operator who belongs to no organisation."""
    with database.writing() as session:
        return grant_role(session, make_user(session), "operator")


def upload(
    client: FlaskClient, content: str | bytes, name: str = "n.csv", **more: Any
) -> TestResponse:
    raw = content.encode() if isinstance(content, str) else content
    return post(client, "/imports", file=(io.BytesIO(raw), name), **{"kind": "", **more})


def job_of(database: Database) -> ImportJob:
    with database.reading() as session:
        return session.scalars(sa.select(ImportJob)).one()


def test_member_uploads_looks_confirms_and_has_drafts(
    client: FlaskClient, database: Database, member: User
) -> None:
    sign_in(client, member)
    answer = upload(client, NEEDS)
    job = job_of(database)
    page = f"/imports/{job.public_id}"
    assert (answer.status_code, answer.location) == (302, page)
    assert (job.state, job.kind, job.publish) == ("checking", "needs", False)
    assert "Being checked" in client.get(page).text
    drain(database)
    assert job_of(database).state == "checked"
    shown = client.get(page).text
    assert "Nothing has been written yet" in shown
    assert "Import now" in client.get(f"{page}/progress").text
    assert post(client, f"{page}/confirm").location == page
    assert job_of(database).state == "importing"
    drain(database)
    job = job_of(database)
    assert (job.state, job.rows_done, job.rows_total) == ("done", 1, 1)
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.state, listing.source) == ("draft", job.source)
        assert listing.organisation_id == member.memberships[0].organisation_id
        steps = session.scalars(
            sa.select(HistoryEntry.kind)
            .where(HistoryEntry.chain_kind == "import")
            .order_by(HistoryEntry.sequence)
        ).all()
        assert steps == ["upload", "check", "report", "confirm", "finish"]
        notices = session.scalars(sa.select(Notice.kind).order_by(Notice.id)).all()
        assert notices == ["import_report", "import_finish"]
    assert "The import is done" in client.get(page).text
    assert not storage.current().file(job.public_id).exists()


def test_operator_publishes_under_a_source_of_choice(
    client: FlaskClient, database: Database, operator: User
) -> None:
    sign_in(client, operator)
    organisations = "编号,机构类型,名称\nO1,企业,示例公司\n"
    upload(client, organisations, source="list-1")
    drain(database)
    job = job_of(database)
    post(client, f"/imports/{job.public_id}/confirm")
    drain(database)
    assert (job_of(database).state, job.source, job.publish) == ("done", "list-1", True)


def test_errors_are_listed_by_line_and_stop_the_import(
    client: FlaskClient, database: Database, member: User
) -> None:
    sign_in(client, member)
    upload(client, BAD)
    drain(database)
    page = f"/imports/{job_of(database).public_id}"
    shown = client.get(page).text
    assert "2 errors were found" in shown
    assert "Write the date like 2027-03-31." in shown
    lines = client.get(f"{page}/errors.csv")
    assert lines.headers["Content-Disposition"] == 'attachment; filename="errors.csv"'
    assert lines.data.decode("utf-8-sig").splitlines() == [
        "Line,Column,Value,What is wrong,Code",
        "2,title,,This must be filled in.,required",
        "3,deadline,明天,Write the date like 2027-03-31.,not_a_date",
    ]
    assert post(client, f"{page}/confirm").status_code == 409
    assert job_of(database).state == "checked"


def test_bad_rows_can_be_left_out(client: FlaskClient, database: Database, member: User) -> None:
    sign_in(client, member)
    upload(client, BAD + "N3,中文,泵,漏水。,\n")
    drain(database)
    page = f"/imports/{job_of(database).public_id}"
    post(client, f"{page}/confirm", skip_bad_rows="y")
    drain(database)
    assert job_of(database).state == "done"
    with database.reading() as session:
        assert session.scalars(sa.select(Listing.external_id)).all() == ["N3"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The file is empty."),
        ("编号,标题,背景\n", "Line 1: These columns are missing: language."),
        ("x,y\n1,2\n", "The column names fit neither"),
        (b"id,title\n1,caf\xe9 cr\xe8me\n", "Line 2: The text is neither UTF-8 nor GB18030"),
        ("编号,机构类型,名称\nO1,企业,甲\n", "Members import achievements and needs"),
    ],
)
def test_file_that_will_not_do_is_answered_at_once(
    client: FlaskClient, database: Database, member: User, content: str | bytes, words: str
) -> None:
    sign_in(client, member)
    answer = upload(client, content)
    assert answer.status_code == 422
    assert words in answer.text
    with database.reading() as session:
        assert session.scalars(sa.select(ImportJob)).all() == []
    assert list(storage.current().folder.iterdir()) == []


def test_source_of_an_organisation_cannot_be_claimed(client: FlaskClient, operator: User) -> None:
    sign_in(client, operator)
    answer = upload(client, NEEDS, source="org-abc")
    assert answer.status_code == 422
    assert "a name that begins with org-" in answer.text


def test_upload_without_a_file_says_so(client: FlaskClient, member: User) -> None:
    sign_in(client, member)
    answer = post(client, "/imports", kind="")
    assert (answer.status_code, "Please choose a file." in answer.text) == (422, True)


def test_upload_without_a_token_is_refused(client: FlaskClient, member: User) -> None:
    sign_in(client, member)
    answer = client.post("/imports", data={"file": (io.BytesIO(b"x"), "n.csv")})
    assert answer.status_code == 400


def test_cancelled_import_never_writes(
    client: FlaskClient, database: Database, member: User
) -> None:
    sign_in(client, member)
    upload(client, NEEDS)
    job = job_of(database)
    assert post(client, f"/imports/{job.public_id}/cancel").status_code == 302
    drain(database)
    assert job_of(database).state == "cancelled"
    assert not storage.current().file(job.public_id).exists()
    assert post(client, f"/imports/{job.public_id}/confirm").status_code == 409


def test_import_is_its_senders_and_the_operators_alone(
    app: Flask, client: FlaskClient, database: Database, member: User, operator: User
) -> None:
    sign_in(client, member)
    upload(client, NEEDS)
    page = f"/imports/{job_of(database).public_id}"
    with database.writing() as session:
        other = make_user(session)
        make_membership(session, other, make_organisation(session), "administrator")
    stranger = sign_in(app.test_client(), other)
    for path in (page, f"{page}/progress", f"{page}/errors.csv"):
        assert stranger.get(path).status_code == 404
    for path in (f"{page}/confirm", f"{page}/cancel"):
        assert post(stranger, path).status_code == 404
    assert "n.csv" not in stranger.get("/imports").text
    assert sign_in(app.test_client(), operator).get(page).status_code == 200


def test_plain_members_and_visitors_cannot_import(client: FlaskClient, database: Database) -> None:
    assert client.get("/imports").status_code == 302
    with database.writing() as session:
        user = make_user(session)
        make_membership(session, user, make_organisation(session), "member")
    sign_in(client, user)
    assert client.get("/imports").status_code == 403


def test_person_who_lost_the_right_meanwhile_cannot_confirm(
    client: FlaskClient, database: Database, operator: User, member: User
) -> None:
    sign_in(client, member)
    upload(client, NEEDS)
    drain(database)
    with database.writing() as session:
        user = session.get_one(User, member.id)
        user.memberships[0].role = "member"
    assert post(client, f"/imports/{job_of(database).public_id}/confirm").status_code == 403


def test_check_and_write_done_twice_do_nothing_more(
    client: FlaskClient, database: Database, member: User
) -> None:
    from tenon.listings.importing.tasks import import_moved

    sign_in(client, member)
    upload(client, NEEDS)
    drain(database)
    job = job_of(database)
    post(client, f"/imports/{job.public_id}/confirm")
    drain(database)
    done = job_of(database)
    with database.reading() as session:
        for reached in ("checking", "importing", "done"):
            import_moved(session, {"id": job.id, "to": reached}, job.created_at)
    assert job_of(database).version == done.version
    with database.reading() as session:
        assert len(session.scalars(sa.select(Listing)).all()) == 1


def test_lost_upload_fails_with_words(
    client: FlaskClient, database: Database, member: User
) -> None:
    sign_in(client, member)
    upload(client, NEEDS)
    job = job_of(database)
    storage.current().file(job.public_id).unlink()
    drain(database)
    assert job_of(database).state == "failed"
    assert "The file cannot be read" in client.get(f"/imports/{job.public_id}").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_templates_download_in_both_languages(
    client: FlaskClient, operator: User, language: str
) -> None:
    sign_in(client, operator)
    text = client.get(f"/imports/templates/needs.csv?language={language}")
    header = text.data.decode("utf-8-sig").splitlines()[0]
    assert header.startswith("编号*,语言*" if language == "zh" else "external_id*,language*")
    book = client.get(f"/imports/templates/people.xlsx?language={language}")
    assert len(openpyxl.load_workbook(io.BytesIO(book.data)).worksheets) == 2
    assert client.get("/imports/templates/cakes.csv").status_code == 404
    assert client.get("/imports/templates/needs.pdf").status_code == 404


def test_workbook_left_as_downloaded_imports_nothing(
    client: FlaskClient, database: Database, member: User, tmp_path: Path
) -> None:
    sign_in(client, member)
    book = client.get("/imports/templates/needs.xlsx").data
    upload(client, book, "needs.xlsx")
    drain(database)
    job = job_of(database)
    assert (job.state, job.rows_total) == ("checked", 0)
