"""A visit report typed without a network: kept with its photo, sent once when it is back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import FilePayload, Page, expect

from tenon.routing.models import Visit
from tests.browser.looking import PHONE, axe, no_overflow, sign_in_as
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD
from tests.routing.scenes import keep, make_firm, make_scene

pytestmark = pytest.mark.browser

WORDS = "冷却水温度不稳，夏天常超过35℃，希望控制在±1℃以内。"
PHOTO: FilePayload = {
    "name": "photo.png",
    "mimeType": "image/png",
    "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
}


@pytest.mark.parametrize("browser_page", [PHONE], indirect=True, ids=str)
def test_a_report_survives_a_lost_network(browser_page: Page, live_site: LiveSite) -> None:
    with live_site.database.writing() as session:
        scene = make_scene(session)
        firm, _person = make_firm(session)
        keep(session, firm, scene.broker, scene.tree.station)
        email, key = scene.broker.email, firm.public_id
    page = browser_page
    sign_in_as(page, email, PASSWORD)
    page.goto(f"/routing/visits/new?firm={key}")
    assert no_overflow(page) == []
    assert axe(page) == []
    page.get_by_label("What the firm said").fill(WORDS)
    page.reload()  # what was typed is still there
    expect(page.get_by_label("What the firm said")).to_have_value(WORDS)
    page.get_by_label("Who said so").fill("Somebody of the works")
    page.get_by_text("Budget, date, requirements, a photo").click()
    page.set_input_files("input[name=paper]", files=[PHOTO])
    page.context.set_offline(True)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Kept on this device", exact=True)).to_be_visible()
    assert _visits(live_site) == []
    page.goto("about:blank")  # closed before there is network: what is kept goes when it is opened
    page.context.set_offline(False)
    page.goto("/routing/visits/new")
    expect(page.get_by_text("A report kept on this device has been sent.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Kept on this device", exact=True)).to_be_hidden()
    assert _visits(live_site) == [(WORDS, 1)]


def _visits(site: LiveSite) -> list[tuple[str, int]]:
    with site.database.reading() as session:
        return [
            (each.words, len(each.listing.attachments) if each.listing else 0)
            for each in session.scalars(sa.select(Visit))
        ]
