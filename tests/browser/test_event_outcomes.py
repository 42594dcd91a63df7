"""What came of a meeting, on a phone: three taps, also where there is no network, or no script."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tenon.clock import utc_now
from tenon.events.models import Outcome
from tests.browser.looking import PHONE, Look, axe, sign_in_as, too_wide
from tests.browser.site import LiveSite
from tests.events.results.cast import make_cast
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser
PHONE_NO_SCRIPTS = Look(width=390, scripts=False)


@pytest.fixture
def mine(live_site: LiveSite, browser_page: Page) -> str:
    """One's own meetings at an event of yesterday, opened by somebody who met one person."""
    with live_site.database.writing() as session:
        nine = utc_now().replace(hour=1, minute=0, second=0, microsecond=0)  # where the event is
        cast = make_cast(session, start=nine - timedelta(days=1), state="open")
        email, place = cast.people["researcher"].email, f"/events/{cast.event.public_id}/outcomes"
    sign_in_as(browser_page, email, PASSWORD)
    browser_page.goto(place)
    return place


def _said(site: LiveSite) -> list[tuple[str, int]]:
    with site.database.reading() as session:
        rows = session.execute(sa.select(Outcome.outcome, Outcome.rating))
        return [(row.outcome, row.rating) for row in rows]


def _tap(page: Page) -> None:
    page.get_by_label("Sample or trial").check()
    page.get_by_label("Excellent").check()
    page.get_by_role("button", name="Save").click()


@pytest.mark.parametrize("browser_page", [PHONE, PHONE_NO_SCRIPTS], indirect=True, ids=str)
def test_three_taps_save_an_outcome(browser_page: Page, live_site: LiveSite, mine: str) -> None:
    _tap(browser_page)
    expect(browser_page.get_by_text("Saved. You can change it at any time.")).to_be_visible()
    assert mine in browser_page.url
    assert _said(live_site) == [("sample_or_trial", 5)]


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("browser_page", [PHONE], indirect=True, ids=str)
def test_without_network_it_is_kept_and_sent_later(browser_page: Page, live_site: LiveSite) -> None:
    browser_page.context.set_offline(True)
    _tap(browser_page)
    kept = browser_page.get_by_text("Your answer is kept on this device")
    expect(kept).to_be_visible()
    assert _said(live_site) == []
    browser_page.context.set_offline(False)
    expect(browser_page.get_by_text("Change it, or take it further")).to_be_visible()
    assert _said(live_site) == [("sample_or_trial", 5)]
    assert browser_page.evaluate("localStorage.getItem('tenon-outcomes')") == "[]"


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("browser_page", [PHONE], indirect=True, ids=str)
def test_page_is_for_everybody(browser_page: Page) -> None:
    assert axe(browser_page) == []
    assert too_wide(browser_page) == []
