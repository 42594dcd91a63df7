"""Every page, as a visitor and as somebody who may open all: accessible and within the window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.browser.desks import credit_pages, deal_pages, introduction_pages, unsubscribe_page
from tests.browser.journeys import switch_language
from tests.browser.looking import WIDE, Look, axe, sign_in_as, too_wide
from tests.browser.site import LiveSite
from tests.factories.accounts import (
    PASSWORD,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.credit import make_entry
from tests.factories.listings import make_achievement, make_expert, make_ip_right, make_need
from tests.factories.statements import make_statement

pytestmark = pytest.mark.browser

EMAIL = "everything@example.org"
LOOKS = [WIDE, Look(language="zh", width=360)]
NO_PAGES = {
    "accounts.my_data",
    "commissions.mine_csv",
    "compliance.deadlines_ics",
    "credit.export",
    "event_hall.local_certificate",
    "event_hall.worker",
    "insight_figures.as_csv",
    "insight_figures.as_xlsx",
    "insight_funnel.as_csv",
    "insight_funnel.as_xlsx",
    "insight_funnel.behind",  # wants to know which stage
    "deals.new",  # wants to know on what; desks.py names it
    "introductions.export_board",
    "introductions.new",  # want to know about what; desks.py names it
    "introductions.propose",
    "pages.health",
    "pages.robots",
    "payments.export",
    "security.logout",
    "statistics_page.download",
}
LISTING_PAGES = ("", "/edit", "/history", "/access", "/matches", "/files")


@dataclass(frozen=True, slots=True)
class Addresses:
    """One page of every kind: those that everybody may ask for, and those of a desk."""

    common: list[str]
    desks: list[str]


@pytest.fixture
def addresses(live_site: LiveSite) -> Addresses:
    """Addresses of one page of every kind, over a small site."""
    with live_site.database.writing() as session:
        user = make_user(session, email=EMAIL, name="Lan Wei")
        university = make_organisation(
            session, name_zh="东湖示例大学", name_en="East Lake University"
        )
        firm = make_organisation(session, kind="enterprise", name_zh="江城示例机械有限公司")
        make_membership(session, user, university)
        grant_role(session, user, "broker")
        grant_role(session, user, "operator")
        expert = make_expert(session, organisation=university, fields=[("hitech", "1")])
        right = make_ip_right(session)
        facets: dict[str, Any] = {"fields": [("hitech", "1"), ("ipc", "G01")], "region": "420111"}
        ours = make_achievement(
            session,
            organisation=university,
            author=user,
            state="published",
            details={"signed_in": "更多说明", "nda": "配方"},
            ip_rights=[right],
            contributors=[expert, "云舒"],
            **facets,
        )
        need = make_need(session, organisation=firm, state="published", **facets)
        waiting = make_need(session, organisation=firm, state="in_review", **facets)
        make_entry(session, user)
        statement = make_statement(session, user)
        public = [
            f"/credit/statements/{statement.public_id}",
            f"/verify/{statement.code}",
            f"/admin/people/{user.public_id}/statements",
            f"/organisations/{firm.public_id}",
            f"/experts/{expert.public_id}",
            f"/ip/{right.public_id}",
            f"/listings/{need.public_id}",
            f"/organisations/{university.public_id}/members",
            f"/listings/{waiting.public_id}/review",
        ]
        public += [f"/listings/{ours.public_id}{page}" for page in LISTING_PAGES]
        public.append(unsubscribe_page(live_site.app, user))
        desks = introduction_pages(session, user, university, ours, need)
        desks += credit_pages(session, user, university)
        desks += deal_pages(session, user, university, ours, need)
    live_site.index()
    made = ["/listings/new/need", "/listings/new/achievement"]
    return Addresses([*_plain_pages(live_site.app), *made, *public], desks)


def _plain_pages(app: Flask) -> Iterator[str]:
    """Return the addresses that need no parameter and show a page."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NO_PAGES:
            yield rule.rule


def _faults(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    """Return address -> what is wrong with its page; a page that is refused or broken is told."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None
        wrong = [f"status {answer.status}"] if answer.status >= 400 else []
        wrong += axe(page) + too_wide(page)
        if wrong:
            found[address] = wrong
    return found


@pytest.mark.parametrize("browser_page", LOOKS, indirect=True, ids=str)
def test_every_page_is_accessible_and_fits_for_whoever_may_open_it(
    browser_page: Page, addresses: Addresses, request: pytest.FixtureRequest
) -> None:
    sign_in_as(browser_page, EMAIL, PASSWORD)
    # The account's language goes before the browser's.
    switch_language(browser_page, request.node.callspec.params["browser_page"].language)
    common = [one for one in addresses.common if not one.startswith("/account/")]
    opened = [*common, "/account", "/account/notices", *addresses.desks]
    assert _faults(browser_page, opened) == {}


@pytest.mark.parametrize("browser_page", LOOKS, indirect=True, ids=str)
def test_every_page_is_accessible_and_fits_for_a_visitor(
    browser_page: Page, addresses: Addresses
) -> None:
    found = _faults(browser_page, [*addresses.common, addresses.desks[0]])
    # What a visitor may not know of is answered by an error page, which has to be sound too.
    assert {address: wrong for address, wrong in found.items() if wrong[0][:6] != "status"} == {}
    assert all(len(wrong) == 1 for wrong in found.values())
