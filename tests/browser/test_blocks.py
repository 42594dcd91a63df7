"""Building blocks that need a browser to be tried: a term's explanation, a form's errors, print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import DARK, WIDE
from tests.browser.site import LiveSite
from tests.factories.listings import make_achievement

pytestmark = pytest.mark.browser


@pytest.fixture
def achievement(live_site: LiveSite) -> str:
    """The address of a published achievement of readiness 6."""
    with live_site.database.writing() as session:
        listing = make_achievement(session, state="published", readiness=6)
        return f"/listings/{listing.public_id}"


def test_term_is_explained_by_keyboard_and_put_away_again(
    browser_page: Page, achievement: str
) -> None:
    browser_page.goto(achievement)
    term = browser_page.locator("button.definition")
    text = browser_page.locator(".definition__text")
    expect(text).to_be_hidden()
    term.focus()
    browser_page.keyboard.press("Enter")
    expect(text).to_be_visible()
    browser_page.keyboard.press("Escape")
    expect(text).to_be_hidden()
    expect(term).to_be_focused()


def test_refused_form_leads_to_its_errors(browser_page: Page) -> None:
    browser_page.goto("/account/sign-up")
    browser_page.locator("main [type=submit]").click()
    summary = browser_page.locator(".error-summary")
    expect(summary).to_be_focused()
    link = summary.locator("a").first
    target = (link.get_attribute("href") or "#")[1:]
    link.click()
    expect(browser_page.locator(f"[id='{target}']")).to_be_focused()
    expect(browser_page.locator(f"[id='{target}']")).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("browser_page", [WIDE, DARK], indirect=True, ids=str)
def test_print_is_black_on_white_and_without_navigation(
    browser_page: Page, achievement: str
) -> None:
    browser_page.goto(achievement)
    browser_page.emulate_media(media="print")
    for part in (".site-header", ".site-footer", ".skip-link"):
        expect(browser_page.locator(part)).to_be_hidden()
    style = "(({color, backgroundColor}) => [color, backgroundColor])"
    colours = browser_page.evaluate(f"{style}(getComputedStyle(document.body))")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    expect(browser_page.locator("main h1")).to_be_visible()
