"""The frame of every page in a real browser: accessible, fits a phone, works by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import EVERY_LOOK, NO_SCRIPTS, PHONE, Look, axe, no_overflow

pytestmark = pytest.mark.browser

NARROWEST = Look(width=360)


@pytest.mark.parametrize("browser_page", EVERY_LOOK, indirect=True, ids=str)
@pytest.mark.parametrize("address", ["/", "/no-such-page", "/account/sign-in"])
def test_layout_is_accessible_and_fits(browser_page: Page, address: str) -> None:
    browser_page.goto(address)
    assert axe(browser_page) == []
    assert no_overflow(browser_page) == []


@pytest.mark.parametrize("browser_page", [NARROWEST], indirect=True, ids=str)
def test_layout_fits_the_narrowest_phone_with_its_menu_open(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.locator(".phone-menu > summary").click()
    expect(browser_page.locator(".phone-menu__panel")).to_be_visible()
    assert no_overflow(browser_page) == []
    assert axe(browser_page) == []


@pytest.mark.parametrize("browser_page", [Look(width=390, scripts=False)], indirect=True, ids=str)
def test_phone_menu_and_language_work_without_scripts(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.locator(".phone-menu > summary").click()
    panel = browser_page.locator(".phone-menu__panel")
    with browser_page.expect_navigation():
        panel.get_by_role("button", name="中文").click()
    assert browser_page.locator("html").get_attribute("lang") == "zh-Hans"
    browser_page.reload()
    assert browser_page.locator("html").get_attribute("lang") == "zh-Hans"


@pytest.mark.parametrize("browser_page", [PHONE], indirect=True, ids=str)
def test_escape_closes_the_menu_and_gives_the_focus_back(browser_page: Page) -> None:
    browser_page.goto("/")
    menu = browser_page.locator(".phone-menu")
    menu.locator("> summary").click()
    assert menu.get_attribute("open") is not None
    browser_page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    expect(menu.locator("> summary")).to_be_focused()


def test_skip_link_is_first_and_leads_to_the_content(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.keyboard.press("Tab")
    expect(browser_page.locator(".skip-link")).to_be_focused()
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("main")).to_be_focused()


def test_theme_is_switched_and_remembered(browser_page: Page) -> None:
    browser_page.goto("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = browser_page.evaluate(ground)
    browser_page.locator(".wide-only [data-theme-button]").click()
    dark = browser_page.evaluate(ground)
    assert dark != light
    browser_page.reload()
    assert browser_page.locator("html").get_attribute("data-theme") == "dark"
    assert browser_page.evaluate(ground) == dark


@pytest.mark.parametrize("browser_page", [NO_SCRIPTS], indirect=True, ids=str)
def test_without_scripts_no_button_is_shown_that_needs_them(browser_page: Page) -> None:
    browser_page.goto("/")
    assert browser_page.locator("[data-theme-button]:visible").count() == 0


def test_htmx_runs_under_the_content_security_policy(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.wait_for_function("typeof htmx === 'object'")
    assert browser_page.evaluate("htmx.config.includeIndicatorCSS") is False
    assert browser_page.evaluate("document.adoptedStyleSheets.length") == 0
