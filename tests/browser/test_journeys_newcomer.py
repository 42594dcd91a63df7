"""A newcomer: from the box on the home page to a draft of an organisation of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tenon.listings.models import Listing
from tests.browser.journeys import ask, fill, listing_id, path_in_mail, press
from tests.browser.looking import PHONE_ZH, WIDE, Look, axe, no_overflow
from tests.browser.site import LiveSite

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-newcomer")]

PASSWORD = "seven copper busbars in a row"
TEXTS = {
    "zh": (
        "我们的铜排激光焊接飞溅大、焊缝开裂，废品率高。气孔率≤1%，焊接速度≥2 m/min。"
        "求紫铜激光焊接的解决办法。"
    ),
    "en": (
        "We weld copper busbars by laser and one joint in twenty is scrapped for spatter. "
        "Porosity must be at most 1 %, welding speed at least 2 m/min."
    ),
}
TITLES = {
    "zh": "蓝光—红外同轴复合激光焊接紫铜",
    "en": "Coaxial blue and infrared hybrid laser welding of pure copper",
}


@pytest.mark.parametrize("look", [PHONE_ZH, WIDE], ids=str)
def test_newcomer_sees_what_fits_and_carries_the_text_into_a_draft(
    visit: Callable[[Look], Page], demo_site: LiveSite, look: Look
) -> None:
    page, text, title = visit(look), TEXTS[look.language], TITLES[look.language]
    _see_what_fits(page, demo_site, text, title)
    _open_and_come_back(page, text, title)

    press(page, "#answer form[action$='/listings/start'] [type=submit]")
    _sign_up(page, demo_site, f"copper-{look}@example.org")
    expect(page.locator("h1")).to_be_visible()
    press(page, "main a[href='/organisations']")  # an organisation is wanted first
    press(page, "a[href='/organisations/new']")
    page.locator("[name=kind]").select_option("enterprise")
    fill(page, name_en=f"Copper Works {look}")
    press(page, "main form.form [type=submit]")
    expect(page.locator("h1")).to_have_text(f"Copper Works {look}")

    press(page, ".alert a[href='/listings/new/need']")
    expect(page.locator("[name=summary]")).to_have_value(text)
    expect(page.locator("#understood tbody tr")).to_have_count(2)
    assert (axe(page), no_overflow(page)) == ([], [])
    press(page, "main .buttons button[value=save]")
    with demo_site.database.reading() as session:
        saved = session.scalars(
            sa.select(Listing).where(Listing.public_id == listing_id(page))
        ).one()
        assert (saved.state, saved.side, saved.language) == ("draft", "need", look.language)
        assert saved.text(look.language).summary == text
        assert saved.organisation.name("en") == f"Copper Works {look}"
        assert saved.organisation.state == "pending"
    expect(page.locator(".alert a[href='/listings/new/need']")).to_have_count(0)


def _see_what_fits(page: Page, site: LiveSite, text: str, title: str) -> None:
    """The answer comes into view, with a band, sentences of both sides and checks."""
    first = ask(page, text)
    expect(first.locator(".card__title")).to_have_text(title)
    expect(first.locator(".band")).to_be_visible()
    expect(page.locator("#answer h2").first).to_be_in_viewport()
    with site.database.reading() as session:
        listing = session.scalars(sa.select(Listing).where(Listing.texts.any(title=title))).one()
        theirs = " ".join(
            " ".join(filter(None, (one.title, one.summary, one.problem, one.advantages)))
            + " "
            + (one.applications or "")
            for one in listing.texts
        )
    pairs = first.locator(".quote-pair")
    assert pairs.count() >= 1
    for pair in pairs.all():
        left, right = pair.locator("blockquote > p").all_inner_texts()
        assert left.strip() in text
        assert right.strip() in theirs
    expect(first.locator(".requirement")).to_have_count(2)
    expect(first.locator(".requirement--met")).not_to_have_count(0)
    assert (axe(page), no_overflow(page)) == ([], [])


def _open_and_come_back(page: Page, text: str, title: str) -> None:
    press(page, "#answer article.match .card__title a")
    expect(page.locator("h1")).to_have_text(title)
    page.go_back()
    expect(page.locator("#box-text")).to_have_value(text)
    expect(page.locator("#answer article.match").first).to_be_visible()


def _sign_up(page: Page, site: LiveSite, address: str) -> None:
    """Sign up with a first try that fails, confirm by the mail, sign in."""
    press(page, "main a[href='/account/sign-up']")
    fill(page, name="Lan Copper", email=address, password="short")
    press(page, "main form [type=submit]")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("main [name=name]")).to_have_value("Lan Copper")
    expect(page.locator("main [name=email]")).to_have_value(address)
    fill(page, password=PASSWORD)
    page.locator("main [name=terms]").check()
    press(page, "main form [type=submit]")
    page.goto(path_in_mail(site, to=address, containing="/account/confirm/"))
    fill(page, email=address, password=PASSWORD)
    press(page, "main form:has([type=password]) [type=submit]")
