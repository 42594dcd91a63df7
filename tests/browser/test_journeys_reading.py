"""Reading without JavaScript, and using the site by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.journeys import press
from tests.browser.looking import NO_SCRIPTS, WIDE, WIDE_ZH, Look, no_overflow

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-newcomer")]

TEXT = (
    "We weld copper busbars by laser and one joint in twenty is scrapped for spatter. "
    "Porosity must be at most 1 %."
)
TITLE = "Coaxial blue and infrared hybrid laser welding of pure copper"
MOST_TABS = 40


@pytest.mark.parametrize("look", [NO_SCRIPTS, Look(width=390, scripts=False)], ids=str)
def test_without_scripts_the_box_answers_and_its_matches_can_be_read(
    visit: Callable[[Look], Page], look: Look
) -> None:
    page = visit(look)
    page.goto("/")
    page.locator("#box-text").fill(TEXT)
    press(page, "form.box [type=submit]")
    first = page.locator("#answer article.match").first
    expect(first.locator(".card__title")).to_have_text(TITLE)
    expect(first.locator(".requirement--met")).to_have_count(1)
    assert no_overflow(page) == []
    press(page, "#answer article.match .card__title a")
    expect(page.locator("h1")).to_have_text(TITLE)
    expect(page.locator("#advantages")).to_be_visible()
    expect(page.locator("#matches")).to_be_visible()


def test_without_scripts_search_is_narrowed_by_filters_and_turned_page_by_page(
    visit: Callable[[Look], Page],
) -> None:
    page = visit(NO_SCRIPTS)
    page.goto("/search")
    everything = _found(page)
    page.locator(".filters__summary").click()
    page.locator(".filters input[name=side][value=need]").check()
    press(page, ".filters [type=submit]")
    narrowed = _found(page)
    assert 0 < narrowed < everything
    assert "side=need" in page.url
    expect(page.locator(".chips .chip")).to_have_count(1)
    first = page.locator("main article .card__title").first.inner_text()
    press(page, ".pager a[rel=next]")
    assert "side=need" in page.url
    assert page.locator("main article .card__title").first.inner_text() != first
    page.locator("main form.search-form [name=q]").fill("检测")
    press(page, "main form.search-form [type=submit]")
    assert 0 < _found(page) < narrowed


def _found(page: Page) -> int:
    said = page.locator("main [role=status]").first.inner_text().replace(",", "")
    number = re.search(r"\d+", said)
    assert number is not None, said
    return int(number[0])


def test_keyboard_alone_asks_the_box_and_opens_a_match(visit: Callable[[Look], Page]) -> None:
    page = visit(WIDE)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, page.locator("#box-text"))
    page.keyboard.type(TEXT)
    page.keyboard.press("Tab")
    expect(page.locator("form.box [type=submit]")).to_be_focused()
    page.keyboard.press("Enter")
    link = page.locator("#answer article.match .card__title a").first
    expect(link).to_have_text(TITLE)
    _tab_to(page, link)
    _shows_focus(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(TITLE)


def test_keyboard_alone_narrows_a_search(visit: Callable[[Look], Page]) -> None:
    page = visit(WIDE_ZH)
    page.goto("/search?q=激光")
    before = _found(page)
    box = page.locator(".filters input[name=side][value=expert]")
    _tab_to(page, box)
    _shows_focus(page)
    page.keyboard.press("Space")
    expect(page.locator(".chips .chip")).to_have_count(1)
    assert 0 < _found(page) < before
    expect(box).to_be_focused()


def _tab_to(page: Page, target: Locator) -> None:
    """Press the tab key until the target has the focus."""
    for _ in range(MOST_TABS):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not reach {target}")


def _shows_focus(page: Page) -> None:
    """Whoever has no mouse must see where they are."""
    outline = page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement);"
        " return [style.outlineStyle, parseFloat(style.outlineWidth)]; }"
    )
    assert outline[0] != "none"
    assert outline[1] >= 2
