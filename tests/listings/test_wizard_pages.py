"""The wizard through HTTP: begun, filled, saved, handed in, refused."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.listings.models import HeldText, Listing
from tests.factories.listings import (
    make_need,
)
from tests.listings.conftest import Browser, rows
from tests.listings.people import People

NEED_FORM = {
    "language": "zh",
    "title": "求高温管道测温办法",
    "summary": "蒸汽管道外壁测温靠人工，每班漏报两三次，想要连续测温的装置。",
    "requirements": "耐温≥200℃\n? 价格低于6万元",
    "deal_forms": ["licence_nonexclusive"],
    "hitech": ["1"],
    "money_kind": "range",
    "money_low": "10万",
    "money_high": "300,000",
    "currency": "CNY",
    "readiness": "6",
    "deadline": "2099-03-31",
}


def _listing(session: Session) -> Listing:
    found: Listing = rows(session, sa.select(Listing))[0]
    return found


def test_wizard_saves_a_draft_with_all_that_was_typed(
    guest: Browser, people: People, committed: Session
) -> None:
    guest.sign_in(people.engineer)
    assert guest.get("/listings/new/need").status_code == 200
    answer = guest.post("/listings/new/need", NEED_FORM | {"do": "save"})
    listing = _listing(committed)
    assert answer.location == f"/listings/{listing.public_id}"
    assert (listing.state, listing.money_low, listing.money_high) == (
        "draft",
        10_000_000,
        30_000_000,
    )
    texts = [(each.text, each.obligation) for each in listing.requirements]
    assert texts == [("耐温≥200℃", "must"), ("价格低于6万元", "wish")]
    page = guest.get(answer.location)
    assert page.status_code == 200
    assert 'at least <span lang="zh-Hans">200 ℃</span>' in page.text
    edit = guest.get(f"/listings/{listing.public_id}/edit")
    assert 'value="100000"' in edit.text
    assert "? 价格低于6万元" in edit.text


def test_wizard_hands_in(guest: Browser, people: People, committed: Session) -> None:
    guest.sign_in(people.engineer).post("/listings/new/need", NEED_FORM | {"do": "submit"})
    assert _listing(committed).state == "in_review"


def test_wizard_keeps_what_was_typed_beside_the_errors(
    guest: Browser, people: People, committed: Session
) -> None:
    guest.sign_in(people.engineer)
    typed = NEED_FORM | {
        "title": "",
        "money_low": "much",
        "deadline": "soon",
        "requirements": "安静",
    }
    answer = guest.post("/listings/new/need", typed)
    assert answer.status_code == 422
    assert 'value="much"' in answer.text
    assert 'value="soon"' in answer.text
    assert "安静" in answer.text
    assert "Please enter a number." in answer.text
    assert rows(committed, sa.select(Listing)) == []
    answer = guest.post("/listings/new/need", NEED_FORM | {"title": ""})
    assert answer.status_code == 422
    assert re.search(r'id="title-error".*?Please fill this in\.', answer.text, re.DOTALL)


def test_wizard_says_what_lacks_for_handing_in(
    guest: Browser, people: People, committed: Session
) -> None:
    guest.sign_in(people.engineer)
    form = NEED_FORM | {"requirements": "", "do": "submit"}
    answer = guest.post("/listings/new/need", form)
    assert answer.status_code == 422
    assert 'href="#requirements"' in answer.text
    assert rows(committed, sa.select(Listing)) == []


def test_wizard_takes_rights_and_more_rows(
    guest: Browser, people: People, committed: Session
) -> None:
    guest.sign_in(people.researcher)
    form = {
        "language": "en",
        "title": "A fibre thermometer",
        "rights-0-kind": "invention",
        "rights-0-number": "ZL 2022 1",
        "rights-0-status": "granted",
        "rights-0-filed_on": "2022-03-11",
        "rights-1-kind": "",
        "currency": "CNY",
        "money_kind": "",
        "ipc-0": "G01",
        "contributors": "Yun Shu\n\nLin Wei",
    }
    more = guest.post("/listings/new/achievement", form | {"more_rights": "1"})
    assert more.status_code == 200
    assert "rights-2-number" in more.text
    guest.post("/listings/new/achievement", form)
    listing = _listing(committed)
    assert [(right.kind, right.number) for right in listing.ip_rights] == [("invention", "ZL20221")]
    assert [each.name for each in listing.contributors] == ["Yun Shu", "Lin Wei"]
    assert [(each.scheme, each.code) for each in listing.fields] == [("ipc", "G01")]


def test_pasted_text_waits_for_signing_in(
    guest: Browser, people: People, committed: Session
) -> None:
    text = "求耐高温测温装置。现场蒸汽管道外壁温度≥200℃，热电偶三个月就坏。"
    answer = guest.post("/listings/start", {"side": "need", "text": text})
    assert answer.location == "/listings/new/need"
    assert "/account/sign-in" in guest.get(answer.location).location
    with guest.client.session_transaction() as cookie:
        token = cookie["held_text"]
    guest.sign_in(people.engineer)
    with guest.client.session_transaction() as cookie:
        cookie["held_text"] = token
    page = guest.get("/listings/new/need")
    assert 'value="求耐高温测温装置"' in page.text
    assert "热电偶三个月就坏" in page.text
    guest.post("/listings/new/need", NEED_FORM)
    assert rows(committed, sa.select(HeldText)) == []


def test_wizard_takes_a_text_from_the_address(guest: Browser, people: People) -> None:
    guest.sign_in(people.engineer)
    page = guest.get("/listings/new/need", query_string={"text": "Wanted: a seal\nIt leaks."})
    assert 'value="Wanted: a seal"' in page.text


def test_requirements_preview_shows_how_lines_are_understood(
    guest: Browser, people: People
) -> None:
    guest.sign_in(people.engineer)
    answer = guest.post(
        "/listings/requirements/preview", {"requirements": "耐温≥200℃\n?对人眼安全"}
    )
    assert answer.status_code == 200
    cells = re.findall(r"<td[^>]*>(.*?)</td>", answer.text, re.DOTALL)
    words = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    assert [word for word in words if word] == [
        "耐温≥200℃",
        "耐温",
        "at least",
        "200 ℃",
        "Must",
        "对人眼安全",
        "kept as text",
        "Wish",
    ]


def test_similar_listings_are_hinted_at(
    guest: Browser, people: People, committed: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenon.listings import duplicates

    near = make_need(committed, organisation=people.firm, state="published", title="几乎一样的需求")
    committed.commit()
    monkeypatch.setattr(duplicates, "_finder", None)
    guest.sign_in(people.engineer)
    form = {"side": "need", "title": "几乎一样的需求啊", "summary": "热电偶三个月就坏"}
    assert "几乎一样的需求" not in guest.post("/listings/similar", form).text
    duplicates.register_finder(lambda *asked: [near.id] if asked[1] == "need" else [])
    assert "几乎一样的需求" in guest.post("/listings/similar", form).text
    itself = form | {"self": near.public_id}
    assert "几乎一样的需求" not in guest.post("/listings/similar", itself).text


def test_history_shows_versions_word_by_word(
    guest: Browser, people: People, committed: Session
) -> None:
    guest.sign_in(people.engineer)
    guest.post("/listings/new/need", NEED_FORM)
    listing = _listing(committed)
    path = f"/listings/{listing.public_id}"
    changed = NEED_FORM | {"title": "求低温管道测温办法", "deal_forms": ["assignment"]}
    guest.post(f"{path}/edit", changed | {"version": "1"})
    stale = guest.post(f"{path}/edit", NEED_FORM | {"version": "1"})
    assert stale.status_code == 409
    page = guest.get(f"{path}/history")
    assert page.status_code == 200
    compared = guest.get(f"{path}/versions")
    assert "<del>高温</del>" in compared.text
    assert "<ins>低温</ins>" in compared.text
    assert "<ins>Assignment</ins>" in compared.text
    assert guest.get(f"{path}/versions?before=9&after=2").status_code == 404
    assert guest.sign_in(people.researcher).get(f"{path}/history").status_code == 404
