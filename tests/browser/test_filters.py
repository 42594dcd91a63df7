"""A list's filters: they take effect at once, keep the focus, and work without scripts too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import NO_SCRIPTS
from tests.browser.site import LiveSite
from tests.factories.accounts import make_organisation

pytestmark = pytest.mark.browser


@pytest.fixture
def two_organisations(live_site: LiveSite) -> None:
    """A university and an enterprise."""
    with live_site.database.writing() as session:
        make_organisation(session, name_zh=None, name_en="East Lake University")
        make_organisation(session, kind="enterprise", name_zh=None, name_en="River Works")


@pytest.mark.usefixtures("two_organisations")
def test_filter_takes_effect_at_once_and_keeps_the_focus(browser_page: Page) -> None:
    browser_page.goto("/organisations")
    expect(browser_page.locator("main article")).to_have_count(2)
    browser_page.evaluate("document.body.dataset.stayed = 'yes'")
    kind = browser_page.locator("select[name=kind]")
    kind.focus()
    kind.select_option("university")
    expect(browser_page.locator("main article")).to_have_count(1)
    expect(browser_page.get_by_role("link", name="East Lake University")).to_be_visible()
    expect(kind).to_be_focused()
    assert "kind=university" in browser_page.url
    assert browser_page.locator("body").get_attribute("data-stayed") == "yes"
    expect(kind).to_be_visible()  # the filters have not folded


@pytest.mark.usefixtures("two_organisations")
def test_going_back_shows_what_was_there(browser_page: Page) -> None:
    browser_page.goto("/organisations")
    browser_page.locator("select[name=kind]").select_option("university")
    expect(browser_page.locator("main article")).to_have_count(1)
    browser_page.go_back()
    expect(browser_page.locator("main article")).to_have_count(2)
    expect(browser_page.locator("select[name=kind]")).to_have_value("")


@pytest.mark.usefixtures("two_organisations")
@pytest.mark.parametrize("browser_page", [NO_SCRIPTS], indirect=True, ids=str)
def test_filter_works_without_scripts(browser_page: Page) -> None:
    browser_page.goto("/organisations")
    browser_page.locator(".filters__summary").click()
    browser_page.locator("select[name=kind]").select_option("enterprise")
    browser_page.get_by_role("button", name="Apply filters").click()
    expect(browser_page.locator("main article")).to_have_count(1)
    expect(browser_page.get_by_role("link", name="River Works")).to_be_visible()
