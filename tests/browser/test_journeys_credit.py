"""A dispute over credit settled: raised on a listing's page, judged by an operator, both told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from tenon.accounts.models import User
from tenon.credit.models import CreditEntry
from tenon.credit.queries import stands
from tests.browser.introducing import Scene, open_notice, set_scene
from tests.browser.journeys import (
    eventually,
    fill,
    press,
    sound,
    switch_language,
    tick,
    work_done,
)
from tests.browser.looking import PHONE, PHONE_ZH, WIDE, WIDE_ZH, Look, axe, no_overflow, sign_in_as
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD
from tests.factories.credit import make_entry
from tests.factories.listings import make_achievement
from tests.listings.people import make_people

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-credit")]

LOOKS = (WIDE, PHONE_ZH)


def _enter(page: Page, address: str, language: str) -> None:
    """Become somebody else in the same window."""
    page.context.clear_cookies()
    sign_in_as(page, address, PASSWORD)
    switch_language(page, language)


def _sound(page: Page) -> None:
    assert axe(page) == []
    assert no_overflow(page) == []


@pytest.mark.parametrize("browser_page", LOOKS, indirect=True, ids=str)
def test_a_dispute_over_credit_is_settled(
    browser_page: Page, live_site: LiveSite, request: pytest.FixtureRequest
) -> None:
    page, language = browser_page, request.node.callspec.params["browser_page"].language
    with live_site.database.writing() as session:
        people = make_people(session)
        listing = make_achievement(session, organisation=people.university, state="published")
        thing, concerned = ("listing", listing.public_id), [people.university.id]
        make_entry(session, people.broker, thing=thing, act="introduced", concerned=concerned)
        address = f"/listings/{listing.public_id}"
        researcher, broker, judge = (
            user.email for user in (people.researcher, people.broker, people.operator)
        )

    _enter(page, researcher, language)
    page.goto(address)
    press(page, "#credit a[href$='/dispute']")
    _sound(page)
    press(page, "main form button[type=submit]")  # nothing filled in: told at the fields
    expect(page.locator("main .error-summary a")).to_have_count(2)
    tick(page, "claim", "mine")
    fill(page, reason="会议纪要写明是我引荐的。")
    press(page, "main form[action$='/dispute'] button[type=submit]")
    expect(page.locator("main")).to_contain_text("会议纪要写明是我引荐的。")

    _enter(page, judge, language)
    page.goto("/credit/disputes")
    _sound(page)
    press(page, "main tbody a[href^='/credit/disputes/']")
    _sound(page)
    tick(page, "outcome", "amend")
    fill(page, reason="纪要属实。")
    press(page, "main form[action$='/settle'] button[type=submit]")
    expect(page.locator("main form[action$='/settle']")).to_have_count(0)

    _enter(page, researcher, language)
    page.goto("/credit")
    _sound(page)
    expect(page.locator("main tbody tr")).to_have_count(1)
    _enter(page, broker, language)
    page.goto("/credit")
    expect(page.locator("main tr.credit-past")).to_have_count(1)

    def told() -> bool | None:
        page.goto("/notices")
        return page.locator("main", has_text="高温管道").locator("li.card").count() >= 3 or None

    assert eventually(told)  # credited, disputed, settled
    with live_site.database.reading() as session:
        holder = sa.select(User.email).join(CreditEntry).where(stands())
        assert session.scalars(holder).all() == [researcher]


WHY, JUDGED = (
    "Our minutes of 3 May say that I brought the two together.",
    "会议记录属实，予以更正。",
)


def test_credit_for_an_introduction_is_amended_and_a_statement_says_so(
    live_site: LiveSite, arrive: Callable[[Look], Page]
) -> None:
    """The broker's paper was right when it was issued; whoever checks it learns what changed."""
    scene = set_scene(live_site, arrive, state="connected")
    work_done(live_site)
    broker = scene.enter("broker", WIDE_ZH)
    code = _issue(broker)
    anybody = arrive(PHONE)
    _check(anybody, code)
    expect(anybody.locator("main .alert--warn")).to_have_count(0)

    researcher = scene.enter("to_editor", PHONE)
    _dispute(researcher, scene)
    _check(anybody, code)
    expect(anybody.locator("main .alert--warn")).to_contain_text("disputed at present")

    _settle(scene)
    open_notice(researcher)
    expect(researcher.locator("main")).to_contain_text(JUDGED)
    expect(researcher.locator("main")).not_to_contain_text("operator")
    open_notice(broker)
    expect(broker.locator("main")).to_contain_text(WHY)
    expect(broker.locator("main")).to_contain_text(JUDGED)
    broker.goto(scene.place)
    expect(broker.locator("#credit tr.credit-past")).to_have_count(1)
    sound(broker)
    _check(anybody, code)
    expect(anybody.locator("main .alert--warn")).to_contain_text("1 entry has changed")
    sound(anybody)


def _issue(page: Page) -> str:
    """Issue a statement of this year's credit; return its code."""
    page.goto("/credit")
    expect(page.locator("main tbody tr").first).to_contain_text("引荐")
    press(page, "main a[href='/credit/statements']")
    sound(page)
    press(page, "main form[action='/credit/statements'] [type=submit]")
    sound(page)
    return page.locator("main .code-written").first.inner_text()


def _check(page: Page, code: str) -> None:
    """Type the code as it stands on the paper."""
    page.goto("/verify")
    fill(page, code=code.lower())
    press(page, "main form [type=submit]")
    expect(page.locator("main .alert--good")).to_contain_text("valid")


def _dispute(page: Page, scene: Scene) -> None:
    page.goto(scene.place)
    line = page.locator("#credit tbody tr", has_text="broker")
    with page.expect_navigation():
        line.locator("a[href$='/dispute']").click()
    sound(page)
    tick(page, "claim", "mine")
    fill(page, reason=WHY)
    press(page, "main form[action$='/dispute'] button[type=submit]")
    expect(page.locator("main")).to_contain_text(WHY)
    sound(page)


def _settle(scene: Scene) -> None:
    judge = scene.enter("operator", WIDE_ZH)
    judge.goto("/credit/disputes")
    press(judge, "main tbody a[href^='/credit/disputes/']")
    tick(judge, "outcome", "amend")
    fill(judge, reason=JUDGED)
    press(judge, "main form[action$='/settle'] button[type=submit]")
    expect(judge.locator("main form[action$='/settle']")).to_have_count(0)
    sound(judge)
    work_done(scene.site)
