"""From the listing's page to an agreement, through HTTP, as each of the people on the way."""

from __future__ import annotations

import hashlib
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.introductions import services
from tenon.introductions.models import Introduction
from tests.conftest import NOW
from tests.factories.accounts import post
from tests.introductions.browsing import ask, browser, version_on, words
from tests.introductions.cast import ANSWERS, NAMES, PERSON, TIERS, Cast, bring_to

SAID = {
    "en": ("Asked.", "Accepted.", "Both sides have confirmed."),
    "zh": ("申请已提交。", "已接受，双方已建立联系。", "双方均已确认"),
}


def sign_agreement(client: FlaskClient, place: str, signatory: str) -> str:
    """Confirm the agreement as somebody would; return its text as downloaded."""
    page = client.get(f"{place}/agreement").text
    found = re.search(r'name="sha256" type="hidden" value="([0-9a-f]{64})"', page)
    assert found is not None
    text = client.get(f"{place}/agreement.txt")
    assert hashlib.sha256(text.data).hexdigest() == found[1]
    answer = post(client, f"{place}/agreement", signatory=signatory, sha256=found[1], confirmed="y")
    assert answer.status_code == 303
    return text.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_listing_to_agreement(
    app: Flask, settled: Cast, committed: Session, language: str
) -> None:
    asked, accepted, agreed = SAID[language]
    firm = browser(app, settled, "from_editor", language)
    listing = f"/listings/{settled.result.public_id}"
    way_in = f"/introductions/new?listing={settled.result.public_id}"
    assert way_in in firm.get(listing).text
    assert settled.need.text("zh").title in firm.get(way_in).text
    place = str(ask(firm, settled).location)
    assert asked in words(firm.get(place))
    assert place in firm.get(listing).text, "a live introduction is shown in place of the button"
    assert way_in not in firm.get(listing).text
    university = browser(app, settled, "to_editor", language)
    assert university.get(place).status_code == 404, "not passed on yet"

    it = committed.scalars(sa.select(Introduction)).one()
    services.pass_on(committed, it, by=settled.actor("broker"), now=NOW)
    committed.commit()
    page = words(university.get(place))
    assert ANSWERS.interest in page
    assert not any(secret in page for secret in (*NAMES, PERSON))
    version = version_on(university, place)
    answer = post(
        university, f"{place}/ask-back", version=version, **{"ask_back-text": "管道有多长？"}
    )
    assert answer.status_code == 303
    assert "管道有多长？" in firm.get(place).text
    version = version_on(firm, place)
    answer = post(firm, f"{place}/reply", version=version, **{"reply-text": "三公里。"})
    assert answer.status_code == 303
    answer = post(
        university,
        f"{place}/accept",
        version=version_on(university, place),
        **{"accept-consent": "y"},
    )
    assert answer.status_code == 303
    page = words(university.get(place))
    assert accepted in page
    assert NAMES[1] in page or NAMES[0] in page
    assert PERSON in page

    secret = f"/listings/{settled.need.public_id}/detail/nda"
    assert university.get(secret).status_code == 403
    texts = {sign_agreement(firm, place, "甲方授权代表"), sign_agreement(university, place, "主任")}
    assert len(texts) == 1
    assert agreed in words(university.get(place))
    assert TIERS["nda"] in university.get(secret).text
    assert "甲方授权代表" in university.get(f"{place}/agreement").text

    assert post(firm, f"{place}/messages", **{"message-text": "下周三见。"}).status_code == 303
    assert "下周三见。" in university.get(place).text


def test_agreement_as_pdf(app: Flask, settled: Cast, committed: Session) -> None:
    pytest.importorskip("weasyprint")
    it = bring_to(committed, settled, "nda", now=NOW)
    committed.commit()
    address = f"/introductions/{it.public_id}/agreement.pdf"
    answer = browser(app, settled, "to_member").get(address)
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert NAMES[1] not in str(answer.headers)
    assert browser(app, settled, "other_broker").get(address).status_code == 403
    assert browser(app, settled, "stranger").get(address).status_code == 404
