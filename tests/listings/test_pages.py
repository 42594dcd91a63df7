"""Pages of a listing: reading, opening, refusing, one-click steps, through HTTP."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.listings.models import Listing, ListingGrant, ListingView
from tests.factories.listings import (
    make_achievement,
    make_expert,
    make_ip_right,
    make_need,
    make_requirement,
)
from tests.listings.conftest import Browser, rows
from tests.listings.people import People


def _state(session: Session) -> str:
    found: str = rows(session, sa.select(Listing.state))[0]
    return found


def test_draft_is_hidden_from_others(guest: Browser, people: People, committed: Session) -> None:
    draft = make_achievement(committed, organisation=people.university)
    committed.commit()
    path = f"/listings/{draft.public_id}"
    assert guest.get(path).status_code == 404
    for name, status in (("stranger", 404), ("broker", 404), ("engineer", 404), ("reader", 200)):
        assert guest.sign_in(getattr(people, name)).get(path).status_code == status, name
    assert guest.sign_in(people.reader).get(f"{path}/edit").status_code == 403


def test_anonymous_need_names_its_firm_to_nobody(
    guest: Browser, people: People, committed: Session
) -> None:
    need = make_need(
        committed, organisation=people.firm, state="published", anonymous=True, title="隐名需求"
    )
    make_need(committed, organisation=people.firm, state="published", title="公开需求")
    committed.commit()
    name = people.firm.name_zh or ""
    path = f"/listings/{need.public_id}"
    for who in (None, people.stranger, people.broker, people.researcher):
        if who is not None:
            guest.sign_in(who)
        page = guest.get(path)
        assert page.status_code == 200
        assert name not in page.text
        assert people.firm.public_id not in page.text
        listed = guest.get(f"/organisations/{people.firm.public_id}")
        assert "公开需求" in listed.text
        assert "隐名需求" not in listed.text
    assert name in guest.sign_in(people.engineer).get(path).text
    assert name in guest.sign_in(people.operator).get(path).text


def test_listing_page_shows_reasons_to_trust(
    guest: Browser, people: People, committed: Session
) -> None:
    right = make_ip_right(committed, number="ZL2022X")
    expert = make_expert(committed, organisation=people.university, name_zh="云舒")
    listing = make_achievement(
        committed,
        organisation=people.university,
        state="published",
        ip_rights=[right],
        contributors=[expert],
        fields=[("hitech", "1"), ("gbt4754", "39")],
        deal_forms=["licence_sole"],
        money_kind="fixed",
        money_low=5_000_000,
        money_high=5_000_000,
        region="420111",
        translated={"title": "Fibre thermometer", "summary": "For hot pipes"},
    )
    committed.commit()
    page = guest.get(f"/listings/{listing.public_id}")
    for words in (
        "Fibre thermometer",
        "ZL2022X",
        "Granted",
        "TRL 6",
        "Sole licence",
        "CN¥50,000",
        "云舒",
        "Hongshan District",
        f"/ip/{right.public_id}",
        f"/experts/{expert.public_id}",
    ):
        assert words in page.text, words
    original = guest.get(f"/listings/{listing.public_id}?text=zh")
    assert "面向高温管道的光纤测温装置" in original.text
    on_right = guest.get(f"/ip/{right.public_id}")
    assert "Fibre thermometer" in on_right.text
    on_expert = guest.get(f"/experts/{expert.public_id}")
    assert "Fibre thermometer" in on_expert.text
    assert "ZL2022X" in on_expert.text


def test_ip_right_of_drafts_alone_is_not_public(
    guest: Browser, people: People, committed: Session
) -> None:
    right = make_ip_right(committed)
    make_achievement(committed, organisation=people.university, ip_rights=[right])
    committed.commit()
    assert guest.get(f"/ip/{right.public_id}").status_code == 404


def test_confidential_tiers_are_locked_opened_and_logged(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_achievement(
        committed,
        organisation=people.university,
        state="published",
        details={"signed_in": "登录可见", "nda": "绝密配方"},
    )
    committed.commit()
    path = f"/listings/{listing.public_id}"
    page = guest.get(path)
    assert "Opens when you sign in." in page.text
    assert "登录可见" not in page.text
    assert "绝密配方" not in page.text
    assert guest.get(f"{path}/detail/nda").status_code == 302
    guest.sign_in(people.engineer)
    assert guest.get(f"{path}/detail/nda").status_code == 403
    assert guest.get(f"{path}/detail/introduction").status_code == 404
    assert "登录可见" in guest.get(f"{path}/detail/signed_in").text
    owner = Browser(guest.client.application.test_client()).sign_in(people.researcher)
    answer = owner.post(
        f"{path}/access",
        {"organisation": people.firm.name_zh, "tier": "nda", "ends_on": "2099-01-01"},
    )
    assert answer.location == f"{path}/access"
    assert "绝密配方" in guest.get(f"{path}/detail/nda").text
    assert "绝密配方" in owner.get(f"{path}/detail/nda").text
    views = rows(committed, sa.select(ListingView).order_by(ListingView.id))
    seen = [(view.user_id, view.organisation_id, view.tier) for view in views]
    engineer, firm = people.engineer.id, people.firm.id
    assert seen == [(engineer, firm, "signed_in"), (engineer, firm, "nda")]
    log = owner.get(f"{path}/access")
    assert "Engineer" in log.text
    assert guest.get(f"{path}/access").status_code == 403
    grant = rows(committed, sa.select(ListingGrant))[0]
    owner.post(f"{path}/access/{grant.id}/end")
    assert guest.get(f"{path}/detail/nda").status_code == 403


def test_access_is_refused_to_unknown_organisations(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_achievement(committed, organisation=people.university, state="published")
    committed.commit()
    guest.sign_in(people.researcher)
    path = f"/listings/{listing.public_id}/access"
    answer = guest.post(path, {"organisation": "Nowhere", "tier": "nda"})
    assert answer.status_code == 422
    assert "There is no approved organisation of exactly this name." in answer.text
    assert guest.sign_in(people.reader).post(
        path, {"organisation": "x", "tier": "nda"}
    ).status_code in {403, 422}


def test_files_go_in_by_content_and_come_out_as_downloads(
    guest: Browser, people: People, committed: Session, app: Flask
) -> None:
    listing = make_achievement(committed, organisation=people.university, state="published")
    committed.commit()
    path = f"/listings/{listing.public_id}/files"
    guest.sign_in(people.researcher)
    sent = {"file": (io.BytesIO(b"%PDF-1.7 body"), "../../etc/测试 报告.exe"), "tier": "signed_in"}
    answer = guest.post(path, sent, content_type="multipart/form-data")
    assert answer.location == path
    link = re.search(rf'{path}/[\w-]+"', guest.get(path).text)
    assert link is not None
    file = link[0].rstrip('"')
    got = guest.sign_in(people.engineer).get(file)
    assert got.data == b"%PDF-1.7 body"
    assert got.mimetype == "application/pdf"
    got.close()
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "%E6%B5%8B%E8%AF%95%20%E6%8A%A5%E5%91%8A.pdf" in got.headers["Content-Disposition"]
    assert rows(committed, sa.select(ListingView.tier)) == ["signed_in"]
    assert Browser(app.test_client()).get(file).status_code == 403
    assert guest.post(f"{file}/remove").status_code == 403
    guest.sign_in(people.researcher)
    assert guest.post(f"{file}/remove").location == path
    assert guest.get(file).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00 program", "This kind of file is not accepted."),
        (b"<html><script>1</script>", "This kind of file is not accepted."),
        (b"", "Please fill this in."),
    ],
    ids=["program", "page", "nothing"],
)
def test_files_of_other_kinds_are_refused(
    guest: Browser, people: People, committed: Session, content: bytes, words: str
) -> None:
    listing = make_achievement(committed, organisation=people.university)
    committed.commit()
    guest.sign_in(people.researcher)
    answer = guest.post(
        f"/listings/{listing.public_id}/files",
        {"file": (io.BytesIO(content), "report.pdf"), "tier": "public"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert words in answer.text


def test_my_listings_show_the_next_step(guest: Browser, people: People, committed: Session) -> None:
    for state in ("draft", "returned", "published", "expired"):
        make_need(committed, organisation=people.firm, state=state)
    make_need(committed, title="别家的")
    committed.commit()
    page = guest.sign_in(people.engineer).get("/my/listings")
    for words in ("Complete it and hand it in", "Revise it and hand it in again", "Renew it"):
        assert words in page.text
    assert "别家的" not in page.text
    drafts = guest.get("/my/listings?group=drafts")
    assert drafts.text.count("<tr>") == 3
    assert guest.sign_in(people.stranger).get("/my/listings").status_code == 403


def test_steps_by_button(guest: Browser, people: People, committed: Session) -> None:
    listing = make_need(committed, organisation=people.firm, state="published")
    committed.commit()
    path = f"/listings/{listing.public_id}"
    guest.sign_in(people.engineer)
    assert guest.post(f"{path}/withdraw", {"version": "7"}).status_code == 409
    assert guest.post(f"{path}/withdraw", {"version": "1"}).location == path
    assert guest.post(f"{path}/conclude").status_code == 409
    assert guest.post(f"{path}/reopen").location == path
    lacking = guest.post(f"{path}/submit")
    assert lacking.status_code == 422
    assert _state(committed) == "draft"
    guest.sign_in(people.researcher)
    assert guest.post(f"{path}/withdraw").status_code == 404


def test_renewal_is_one_button(guest: Browser, people: People, committed: Session) -> None:
    listing = make_need(committed, organisation=people.firm, state="expired")
    committed.commit()
    path = f"/listings/{listing.public_id}/renew"
    guest.sign_in(people.engineer)
    assert guest.get(path).status_code == 200
    assert _state(committed) == "expired"
    guest.post(path)
    assert _state(committed) == "published"
    assert guest.sign_in(people.broker).get(path).status_code == 403


def test_requirement_kept_as_text_and_figures_on_the_page(
    guest: Browser, people: People, committed: Session
) -> None:
    listing = make_need(
        committed,
        organisation=people.firm,
        state="published",
        requirements=[make_requirement("耐温≥200℃"), "?安静"],
    )
    committed.commit()
    page = guest.get(f"/listings/{listing.public_id}")
    understood = '<span lang="zh-Hans">耐温</span> at least <span lang="zh-Hans">200 ℃</span>'
    assert understood in page.text
    assert "kept as text" in page.text
