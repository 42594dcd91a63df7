"""The simulator in a browser: live with scripts, by a button without; into the negotiation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import (
    DARK,
    NO_SCRIPTS,
    PHONE_ZH,
    WIDE,
    axe,
    no_overflow,
    sign_in_as,
)
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD, make_membership, make_organisation, make_user
from tests.factories.deals import make_deal

pytestmark = pytest.mark.browser


def negotiated(live_site: LiveSite, page: Page, language: str) -> str:
    """A licence that is negotiated, and its seller's editor signed in; return its public id."""
    address = "editor@example.org"
    with live_site.database.writing() as session:
        user = make_user(session, email=address, language=language)
        seller = make_organisation(session, region="420100")
        make_membership(session, user, seller, "editor")
        deal = make_deal(session, seller=seller, form="licence_sole")
        public_id = deal.public_id
    sign_in_as(page, address, PASSWORD)
    return public_id


@pytest.mark.parametrize("browser_page", [WIDE, DARK], indirect=True, ids=str)
def test_a_slider_moves_its_field_and_the_outcome(browser_page: Page, live_site: LiveSite) -> None:
    page = browser_page
    deal = negotiated(live_site, page, "en")
    page.goto(f"/simulations/deals/{deal}?form=assignment&form=licence&party=team")
    line = page.locator("#sim-outcome svg path.sim-2").first
    before = line.get_attribute("d")
    page.locator("input[name='r.royalty_rate']").evaluate(
        """(slider) => {
            slider.value = 12.3;
            for (const kind of ["input", "change"]) {
                slider.dispatchEvent(new Event(kind, { bubbles: true }));
            }
        }"""
    )
    expect(page.locator("#in-royalty_rate")).to_have_value("12.5")  # the steps are halves
    expect(line).not_to_have_attribute("d", before or "")
    assert "royalty_rate=12.5" in page.url
    page.locator("#in-royalty_rate").fill("900")
    page.locator("#in-royalty_rate").blur()
    expect(page.locator("#sim-outcome .alert")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)
    assert (axe(page), no_overflow(page)) == ([], [])


@pytest.mark.parametrize("browser_page", [PHONE_ZH], indirect=True, ids=str)
def test_only_the_terms_of_chosen_forms_are_asked_for(
    browser_page: Page, live_site: LiveSite
) -> None:
    page = browser_page
    deal = negotiated(live_site, page, "zh")
    page.goto(f"/simulations/deals/{deal}?form=assignment")
    page.get_by_text("各形式的条款").click()
    expect(page.locator("#in-purchase_price")).to_be_visible()
    expect(page.locator("#in-grant")).to_be_hidden()
    page.get_by_label("先投后股").check()
    expect(page.locator("#in-grant")).to_be_visible()
    expect(page.locator(".sim-legend")).to_contain_text("先投后股")
    expect(page.locator(".htmx-request")).to_have_count(0)
    assert (axe(page), no_overflow(page)) == ([], [])


@pytest.mark.parametrize("browser_page", [NO_SCRIPTS], indirect=True, ids=str)
def test_without_scripts_into_the_negotiation(browser_page: Page, live_site: LiveSite) -> None:
    page = browser_page
    deal = negotiated(live_site, page, "en")
    page.goto(f"/simulations/deals/{deal}?form=licence")
    page.locator("#in-royalty_rate").fill("7.5")
    with page.expect_navigation():
        page.get_by_role("button", name="Work it out").click()
    expect(page.locator("#in-royalty_rate")).to_have_value("7.5")
    with page.expect_navigation():
        page.get_by_role("button", name="Take it into the negotiation").click()
    assert "/terms/new?start=simulation" in page.url
    assert 'value="7.5"' in page.content()
