"""Every page of deals and their rooms over the demo's deals: accessible and within the window.

Deals of every form and state are opened by the side that gives; from there and from the desks the
links are followed, as a person would, until each kind of page was seen often enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tenon.accounts.models import User
from tenon.deals.models import Deal
from tests.browser.journeys import enter_as
from tests.browser.looking import WIDE, WIDE_ZH, Look, axe, too_wide
from tests.browser.prepared import Demo
from tests.browser.site import LiveSite

pytestmark = pytest.mark.browser

ROOMS = (
    "compliance",
    "deals",
    "equity",
    "figures",
    "payments",
    "rights",
    "rules",
    "sharing",
    "simulations",
    "trials",
    "use_reports",
)
DESKS: Mapping[str, tuple[str, ...]] = {
    "institution": ("/rules", "/open-licences", "/publicities", "/simulations"),
    "company-admin": ("/deals", "/payments", "/deadlines"),
    "carmaker": ("/deals",),
    "optics": ("/deals",),
    "investor": ("/deals", "/equity/"),
    "inventor": ("/income-shares", "/rights/grants", "/approvals"),
    "broker": ("/deals/board", "/deals/board/forecast"),
    "operator": ("/admin/rules", "/figures/all", "/payments/totals"),
}
FILES = {"deals.file", "sharing.paper", "sharing.receipt"}
OFTEN = 1
"""How many pages of a kind a role opens by links, counting those that it begins with."""


class Walk:
    """One role's way through the site: what to open, what was seen, what was wrong."""

    def __init__(self, app: Flask, begin: tuple[str, ...]) -> None:
        """Begin with some addresses."""
        self._map = app.url_map.bind("localhost")
        self.open = list(begin)
        self.known = set(begin)
        self.kinds = Counter(filter(None, map(self.kind, begin)))
        self.faults: dict[str, list[str]] = {}

    def kind(self, path: str) -> str | None:
        """Return which page of the rooms an address is of; None for others and for files."""
        try:
            endpoint, _values = self._map.match(path, method="GET")
        except (HTTPException, RequestRedirect):
            return None
        inside = endpoint.partition(".")[0] in ROOMS and endpoint not in FILES
        return endpoint if inside and "." not in path.rpartition("/")[2] else None

    def look(self, page: Page) -> None:
        """Open what is to be opened, and what is found there, until nothing new is left."""
        while self.open:
            place = self.open.pop(0)
            answer = page.goto(place)
            assert answer is not None
            wrong = [f"status {answer.status}"] if answer.status >= 400 else []
            wrong += axe(page) + too_wide(page)
            if wrong:
                self.faults[place] = wrong
            self._note(page)

    def _note(self, page: Page) -> None:
        links = page.locator("main a[href^='/']").evaluate_all(
            "all => all.map(it => it.getAttribute('href'))"
        )
        for link in dict.fromkeys(urlsplit(each).path for each in links):
            kind = self.kind(link)
            if link not in self.known and kind is not None and self.kinds[kind] < OFTEN:
                self.open.append(link)
                self.known.add(link)
                self.kinds[kind] += 1


@pytest.fixture
def begins(demo_site: LiveSite, demo: Demo) -> Mapping[str, tuple[str, ...]]:
    """Role -> where it begins: its desks; the giving sides with a deal of every form and state."""
    with demo_site.database.reading() as session:
        found = {role: list(desks) for role, desks in DESKS.items()}
        for role, place in _one_of_each(session, demo):
            found.setdefault(role, []).append(place)
    return {role: tuple(places) for role, places in found.items()}


def _one_of_each(session: Session, demo: Demo) -> Iterator[tuple[str, str]]:
    """Yield role and address of a deal of every form in every state that the demo has."""
    houses: dict[int, str] = {}
    for role in (*DESKS, *demo.people):
        email = demo.people[role].email
        user = session.scalars(sa.select(User).where(User.email == email)).one()
        if user.acting_for_id is not None:
            houses.setdefault(user.acting_for_id, role)
    seen: set[tuple[str, str]] = set()
    for deal in session.scalars(sa.select(Deal).order_by(Deal.id)):
        sides = (deal.seller_organisation_id, deal.buyer_organisation_id)
        able = [houses[side] for side in sides if side in houses]
        if able and (deal.form, deal.state) not in seen:
            seen.add((deal.form, deal.state))
            yield able[0], f"/deals/{deal.public_id}"


@pytest.mark.parametrize("look", [WIDE, WIDE_ZH], ids=str)
def test_every_page_of_the_demos_deals_is_accessible_and_fits(
    visit: Callable[[Look], Page],
    demo_site: LiveSite,
    demo: Demo,
    begins: Mapping[str, tuple[str, ...]],
    look: Look,
) -> None:
    faults: dict[str, dict[str, list[str]]] = {}
    kinds: Counter[str] = Counter()
    for role, places in begins.items():
        walk = Walk(demo_site.app, places)
        walk.look(enter_as(visit(look), demo, role, look.language))
        kinds += walk.kinds
        if walk.faults:
            faults[role] = walk.faults
    assert faults == {}
    assert {kind.partition(".")[0] for kind in kinds} == set(ROOMS)
