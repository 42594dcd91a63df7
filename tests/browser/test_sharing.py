"""Income sharing in a browser: written at a desk, confirmed on a phone, shown in the dark."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tenon.sharing import services
from tenon.sharing.models import Distribution
from tests.browser.looking import DARK, PHONE_ZH, WIDE, Look, axe, no_overflow, sign_in_as
from tests.browser.site import LiveSite
from tests.factories.accounts import PASSWORD
from tests.factories.sharing import Sharing, make_distribution, make_income, make_sharing

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(live_site: LiveSite) -> tuple[Sharing, str]:
    """A draft below the floor of Zhejiang, of a million that came in."""
    with live_site.database.writing() as session:
        sharing = make_sharing(session, region="330100")
        for user in sharing.people.values():
            user.language = "zh" if user.name.startswith("完成人") else "en"
        make_income(session, sharing.deal, 100_000_000)
        made = make_distribution(session, sharing, percent="69", now=datetime.now(UTC))
        return sharing, made.public_id


def test_written_at_a_desk_and_confirmed_on_a_phone(
    arrive: Callable[[Look], Page], draft: tuple[Sharing, str], live_site: LiveSite
) -> None:
    sharing, made = draft
    desk = arrive(WIDE)
    sign_in_as(desk, sharing.people["editor"].email, PASSWORD)
    desk.goto(f"/sharing/{made}")
    assert (axe(desk), no_overflow(desk)) == ([], [])
    with desk.expect_navigation():
        desk.get_by_role("button", name="Put it to the contributors").click()
    refusal = desk.get_by_role("alert")
    expect(refusal).to_contain_text("69 % is below the 70 %")
    expect(refusal).to_contain_text("Zhejiang")
    desk.get_by_label("Contributors' part of the net income, in %").fill("70")
    with desk.expect_navigation():
        desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_role("button", name="Put it to the contributors").click()
    expect(desk.get_by_text("Contributors are asked", exact=True)).to_be_visible()

    phone = arrive(PHONE_ZH)
    sign_in_as(phone, sharing.people["first"].email, PASSWORD)
    phone.goto("/income-shares")
    assert (axe(phone), no_overflow(phone)) == ([], [])
    with phone.expect_navigation():
        phone.get_by_role("link", name="请确认").click()
    expect(phone.locator("#own")).to_contain_text("35 万元")
    assert "外协丙" not in phone.content()
    assert (axe(phone), no_overflow(phone)) == ([], [])
    with phone.expect_navigation():
        phone.get_by_role("button", name="我同意我的份额").click()
    expect(phone.get_by_role("button", name="我同意我的份额")).to_have_count(0)
    expect(phone.locator("#own")).to_contain_text("同意")
    with live_site.database.reading() as session:
        found = session.query(Distribution).filter_by(public_id=made).one()
        assert [each.state for each in found.shares] == ["confirmed", "waiting", "waiting"]


def test_who_works_on_it_sees_all_of_it_in_the_dark(
    arrive: Callable[[Look], Page], draft: tuple[Sharing, str], live_site: LiveSite
) -> None:
    sharing, made = draft
    with live_site.database.writing() as session:
        found = session.query(Distribution).filter_by(public_id=made).one()
        by, now = sharing.actor("editor"), datetime.now(UTC)
        said = services.Coverage(through_on=found.through_on, percent=Decimal(70))
        services.set_coverage(session, found, said, by=by, now=now)
        services.propose(session, found, by=by, now=now)
    page = arrive(DARK)
    sign_in_as(page, sharing.people["head"].email, PASSWORD)
    for path in (f"/sharing/{made}", f"/deals/{sharing.deal.public_id}/sharing"):
        page.goto(path)
        assert (axe(page), no_overflow(page)) == ([], [])
