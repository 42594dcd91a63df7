"""Charts are drawn in both themes, on paper in black, and the table stands beside them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import DARK, NO_SCRIPTS, WIDE, Look, axe, too_wide
from tests.browser.site import LiveSite
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_need
from tests.factories.network import make_station

pytestmark = pytest.mark.browser

INK = "() => getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()"
FILLS = (
    "() => [...document.querySelectorAll('#need-field svg text')].map(e => e.getAttribute('fill'))"
)


def _needs(site: LiveSite) -> None:
    """Needs of three firms of Wuhan, on a site whose network is Hubei's."""
    with site.database.writing() as session:
        make_station(session, level="centre", region="420000")
        for region in ("420100", "420100", "420100", "420500", "429004"):
            house = make_organisation(session, kind="enterprise", region=region)
            make_need(session, organisation=house, state="published", fields=[("ipc", "G01")])


@pytest.mark.parametrize("browser_page", [WIDE, DARK, Look(width=390)], indirect=True, ids=str)
def test_a_map_is_drawn_beside_its_table(browser_page: Page, live_site: LiveSite) -> None:
    _needs(live_site)
    page = browser_page
    page.goto("/statistics")
    chart = page.locator("#need-region")
    expect(chart.locator("figure svg")).to_be_visible()
    expect(chart.locator("figure svg text", has_text="Wuhan")).to_be_visible()
    expect(chart.locator("table th[scope=row]", has_text="Wuhan")).to_be_visible()
    assert axe(page) == []
    assert too_wide(page) == []


def test_the_drawing_follows_the_theme_and_paper(browser_page: Page, live_site: LiveSite) -> None:
    _needs(live_site)
    page = browser_page
    page.goto("/statistics")
    figure = page.locator("#need-field figure")
    expect(figure).to_have_attribute("data-drawn", "screen")
    light = page.evaluate(INK)
    assert light in page.evaluate(FILLS)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark = page.evaluate(INK)
    assert dark != light
    page.wait_for_function(f"({FILLS})().includes('{dark}')")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(figure).to_have_attribute("data-drawn", "paper")
    assert "#000" in page.evaluate(FILLS)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(figure).to_have_attribute("data-drawn", "screen")


@pytest.mark.parametrize("browser_page", [NO_SCRIPTS], indirect=True, ids=str)
def test_without_scripts_the_table_is_there(browser_page: Page, live_site: LiveSite) -> None:
    _needs(live_site)
    browser_page.goto("/statistics")
    expect(browser_page.locator("#need-region figure")).to_be_hidden()
    expect(browser_page.locator("#need-region table")).to_be_visible()
