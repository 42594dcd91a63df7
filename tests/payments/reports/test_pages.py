"""The pages of use reports: what each role sees and may do, and that nothing typed is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.payments.models import Obligation
from tenon.payments.obligations import services as obligations
from tenon.payments.reports import services
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.views import writing
from tests.factories.accounts import post, sign_in
from tests.payments.cast import ROLES, Cast
from tests.payments.reports.scenes import NOW, accept, figures, hand_in, make_scene

Scene = tuple[Cast, list[UseReport]]
READERS = {role for role in ROLES if role.startswith(("seller_", "buyer_"))} - {
    "seller_member",
    "buyer_member",
}


@pytest.fixture
def committed(database: Database) -> Iterator[Session]:
    """A writing session for what pages are to find: commit it before asking them."""
    with database.writer() as session:
        yield session


@pytest.fixture
def scene(committed: Session) -> Scene:
    """The licence and its reports, committed."""
    made = make_scene(committed)
    committed.commit()
    return made


def browser(app: Flask, cast: Cast, role: str, language: str = "en") -> FlaskClient:
    """A browser signed in as a role; ``visitor`` is nobody."""
    client = app.test_client()
    if role != "visitor":
        sign_in(client, cast.people[role])
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return unescape(answer.text)


def test_who_may_see_what(app: Flask, scene: Scene, committed: Session) -> None:
    cast, reports = scene
    accept(committed, cast, reports[0])
    committed.commit()
    place, report = f"/deals/{cast.deal.public_id}/reports", f"/use-reports/{reports[0].public_id}"
    for role in ROLES:
        client = browser(app, cast, role)
        found = {path: client.get(path).status_code for path in (place, report)}
        closed = client.get(f"{report}/statement").status_code
        if role in READERS:
            assert (set(found.values()), closed) == ({200}, 200), role
        elif role == "broker":
            assert (set(found.values()), closed) == ({200}, 403), role
            assert "50,000.00" not in client.get(place).text + client.get(report).text
        elif role == "operator":
            assert (set(found.values()), closed) == ({403}, 403), role
        else:
            wanted = 302 if role == "visitor" else 404
            assert (set(found.values()), closed) == ({wanted}, wanted), role


def test_wrong_people_cannot_write_or_answer(app: Flask, scene: Scene, committed: Session) -> None:
    cast, [report, *_] = scene
    place = f"/use-reports/{report.public_id}"
    written = ("edit", "lines", "lines/remove", "submit", "take-back")
    for role in ROLES:
        client = browser(app, cast, role)
        steps = [] if role.startswith("buyer") else list(written)
        steps += [] if role.startswith("seller") else ["accept", "query"]
        for step in steps:
            assert post(client, f"{place}/{step}").status_code in (302, 403, 404), (role, step)
            if role != "visitor":
                assert post(client, f"{place}/{step}").status_code in (403, 404), (role, step)
    committed.refresh(report)
    assert report.state == "due"


def test_a_form_without_its_token_is_refused(app: Flask, scene: Scene) -> None:
    cast, [report, *_] = scene
    client = browser(app, cast, "buyer_editor")
    for step in ("edit", "submit", "lines", "take-back"):
        assert client.post(f"/use-reports/{report.public_id}/{step}").status_code == 400


def test_a_report_is_written_handed_in_and_accepted_in_the_browser(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, [report, *_] = scene
    place = f"/use-reports/{report.public_id}"
    buyer, seller = browser(app, cast, "buyer_editor"), browser(app, cast, "seller_editor")
    page = text_of(buyer, f"{place}/edit")
    assert "Returns" in page
    assert "Taxes on sales" not in page
    typed = figures(deduction_returns="20,000", note="第一季度", version=version(page))
    assert post(buyer, f"{place}/edit", **typed).status_code == 303
    page = text_of(buyer, place)
    assert "What the royalty comes to" in page
    assert "49,000.00 CNY" in page
    assert "49,000.00" not in text_of(seller, place)
    assert "Nothing has been handed in yet" in text_of(seller, place)
    assert post(buyer, f"{place}/submit", version=version(page)).status_code == 303
    page = text_of(seller, place)
    assert "49,000.00 CNY" in page
    answer = post(seller, f"{place}/accept", version=version(page), remark="核对无误")
    assert (answer.status_code, answer.location) == (303, f"{place}/statement")
    page = text_of(buyer, f"{place}/statement")
    for words in ("Less: Returns", "980,000.00 CNY", "5 %", "49,000.00 CNY", "Tiers", "version 1"):
        assert words in page
    assert "Royalty statement no. 1" in page


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_what_was_typed_is_kept_where_something_is_wrong(app: Flask, scene: Scene) -> None:
    cast, [report, *_] = scene
    client = browser(app, cast, "buyer_editor")
    answer = post(
        client, f"/use-reports/{report.public_id}/edit", units="12", gross="a lot", note="看这里"
    )
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'value="a lot"' in page
    assert "看这里" in page
    assert "Please enter a number." in page


def test_a_period_that_still_runs_is_not_handed_in_and_what_was_written_stays(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, reports = scene
    running = committed.get_one(UseReport, reports[4].id)
    running.ends_on, running.due_on = date(2099, 12, 31), date(2100, 1, 30)
    committed.commit()
    client = browser(app, cast, "buyer_editor")
    place = f"/use-reports/{running.public_id}"
    assert post(client, f"{place}/edit", **figures()).status_code == 303
    answer = post(client, f"{place}/submit")
    assert answer.status_code == 422
    assert "The period is not over yet" in answer.text
    assert "1,000,000.00 CNY" in answer.text


def test_somebody_was_quicker(app: Flask, scene: Scene) -> None:
    cast, [report, *_] = scene
    client = browser(app, cast, "buyer_editor")
    typed = figures(version="1")
    path = f"/use-reports/{report.public_id}/edit"
    assert post(client, path, **typed).status_code == 303
    answer = post(client, path, **figures(gross="5", version="1"))
    assert answer.status_code == 409
    assert 'value="5"' in answer.text


def test_the_seller_reads_no_draft_of_a_correction(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, [report, *_] = scene
    hand_in(committed, cast, report)
    services.query(committed, report, reason="请说明", by=cast.actor("seller_editor"), now=NOW)
    by = cast.actor("buyer_editor")
    services.write(committed, report, figures(gross="7,777,777"), by=by, now=NOW)
    committed.commit()
    place = f"/use-reports/{report.public_id}"
    seller = text_of(browser(app, cast, "seller_editor"), place)
    assert "7,777,777" not in seller
    assert "1,000,000.00" in seller
    assert "7,777,777" in text_of(browser(app, cast, "buyer_editor"), place)


def test_a_query_needs_words(app: Flask, scene: Scene, committed: Session) -> None:
    cast, [report, *_] = scene
    hand_in(committed, cast, report)
    committed.commit()
    client = browser(app, cast, "seller_editor")
    place = f"/use-reports/{report.public_id}"
    assert post(client, f"{place}/query", reason=" ").status_code == 422
    assert post(client, f"{place}/query", reason="Why so little?").status_code == 303
    assert "Why so little?" in text_of(browser(app, cast, "buyer_editor"), place)


def test_a_later_report_waits_for_the_earlier_one(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, reports = scene
    hand_in(committed, cast, reports[1])
    committed.commit()
    client = browser(app, cast, "seller_editor")
    place = f"/use-reports/{reports[1].public_id}"
    assert "Q1 2025 has to be accepted first" in text_of(client, place)
    assert post(client, f"{place}/accept").status_code == 409


def test_a_file_is_read_or_refused_with_its_faults(
    app: Flask, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, [report, *_] = scene
    client = browser(app, cast, "buyer_editor")
    place = f"/use-reports/{report.public_id}"
    bad = (io.BytesIO(b"lot,units,gross\nA1,x,5\n"), "lines.csv")
    answer = post(client, f"{place}/lines", file=bad)
    assert answer.status_code == 422
    assert "Line 2" in answer.text
    good = (io.BytesIO(b"lot,units,gross,returns\nA1,10,1000,50\nA2,5,500,0\n"), "lines.csv")
    assert post(client, f"{place}/lines", file=good).status_code == 303
    page = text_of(client, place)
    assert "1,450.00 CNY" in page
    assert "A2" in page
    assert post(client, f"{place}/lines").status_code == 422
    monkeypatch.setattr(writing, "MOST_BYTES", 1_000)
    large = (io.BytesIO(b"x" * 1_001), "lines.csv")
    answer = post(client, f"{place}/lines", file=large)
    assert (answer.status_code, "too large" in answer.text) == (422, True)
    example = client.get(f"{place}/lines.csv")
    assert example.text.startswith("\ufefflot,right,product,units,gross,returns,freight")
    chinese = browser(app, cast, "buyer_editor", "zh").get(f"{place}/lines.csv")
    assert chinese.text.startswith("\ufeff批号,专利号,产品,数量,销售额,退货,运费")
    sent = (io.BytesIO(chinese.data.replace(b"A-0001", b"A-0002")), "lines.csv")
    monkeypatch.undo()
    assert post(client, f"{place}/lines", file=sent).status_code == 303


@pytest.mark.parametrize(("language", "word"), [("en", "Royalty"), ("zh", "提成")])
def test_the_pdf_says_what_the_page_says(
    app: Flask, scene: Scene, committed: Session, language: str, word: str
) -> None:
    cast, [report, *_] = scene
    accept(committed, cast, report, deduction_returns="20,000")
    committed.commit()
    client = browser(app, cast, "buyer_editor", language)
    answer = client.get(f"/use-reports/{report.public_id}/statement.pdf")
    assert answer.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert word in text
    assert "49,000.00" in text.replace("\n", "")


def test_the_deals_page_and_tab_lead_to_the_reports(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, reports = scene
    page = text_of(browser(app, cast, "buyer_editor"), f"/deals/{cast.deal.public_id}")
    assert f"/use-reports/{reports[-1].public_id}" in page
    assert f"/deals/{cast.deal.public_id}/reports" in page
    line = text_of(browser(app, cast, "buyer_editor"), f"/deals/{cast.deal.public_id}/reports")
    assert "Q4 2025" in line


def test_what_was_handed_in_beyond_the_licences_end_says_what_is_to_be_done(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, reports = scene
    hand_in(committed, cast, reports[0])
    cast.deal.ended_on = date(2025, 2, 10)
    committed.commit()
    seller = browser(app, cast, "seller_editor")
    path = f"/use-reports/{reports[0].public_id}"
    assert "before this period was over" in text_of(seller, path)
    answer = post(seller, f"{path}/accept", version=str(reports[0].version), remark="")
    assert answer.status_code == 409
    assert "its period ends on that day" in unescape(answer.text)


def test_a_waived_minimum_stands_in_the_statement(
    app: Flask, scene: Scene, committed: Session
) -> None:
    cast, reports = scene
    owed = committed.scalars(sa.select(Obligation).filter_by(key="minimum:2025")).one()
    obligations.waive(committed, owed, reason="?", by=cast.actor("seller_editor"), now=NOW)
    for report in reports[:4]:
        accept(committed, cast, report)
    committed.commit()
    path = f"/use-reports/{reports[3].public_id}/statement"
    words = text_of(browser(app, cast, "buyer_editor"), path)
    assert "Minimum annual royalty of this year: waived, nothing is added" in words
    assert "300,000.00 CNY" in words
