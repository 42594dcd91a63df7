"""Who takes part in the journeys of deals, the days that pass, and forms that several pages have.

Pages are found by addresses and names of fields; what people see is asserted by the journeys.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.listings.models import IpRight, ListingContributor
from tenon.payments.reports.services import expect_next
from tenon.payments.watching import watch as watch_payments
from tenon.trials.watching import watch_trials
from tests.browser import journeys
from tests.browser.journeys import press, sound, switch_language, work_done
from tests.browser.looking import WIDE, WIDE_ZH, Look, sign_in_as
from tests.browser.site import LiveSite
from tests.deals.cast import Cast, make_cast
from tests.factories.accounts import PASSWORD, make_membership, make_user
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_expert, make_ip_right

INVENTORS = ("inventor_1", "inventor_2", "inventor_3")


@dataclass(slots=True)
class Days:
    """How far the site's clock is ahead of the machine's."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The site's moment."""
        return utc_now() + self.ahead

    def pass_(self, days: float) -> None:
        """Let days pass."""
        self.ahead += timedelta(days=days)

    def today(self, *, before: int = 0) -> str:
        """The day in Wuhan, as a date field takes it."""
        return f"{self.now() + timedelta(hours=8) - timedelta(days=before):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Stage:
    """A site with the cast of tests/deals on it.

    Attributes:
        site: where it is served.
        arrive: opens a browser for somebody new.
        days: the site's clock.
        introduction: address of the introduction that the two sides have.
        emails: role -> address of the account.
        pages: role and device -> the browser that they have open there.
        paper: a file to upload as a signed paper.
    """

    site: LiveSite
    arrive: Callable[[Look], Page]
    days: Days
    introduction: str
    emails: dict[str, str]
    pages: dict[tuple[str, Look], Page]
    paper: Path

    def at(self, role: str, look: Look, place: str) -> Page:
        """Return a role's browser, signed in, at an address."""
        if (role, look) not in self.pages:
            page = self.arrive(look)
            sign_in_as(page, self.emails[role], PASSWORD)
            switch_language(page, look.language)
            self.pages[role, look] = page
        page = self.pages[role, look]
        page.goto(place)
        return page

    def night(self) -> None:
        """The nightly watches come by, and what they set off is done."""
        now = self.days.now()
        with self.site.database.writing() as session:
            watch_trials(session, now=now)
            expect_next(session, now=now)
            watch_payments(session, now=now)
        work_done(self.site)


def set_stage(
    site: LiveSite,
    arrive: Callable[[Look], Page],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    *,
    also: Callable[[Session, Cast], None] | None = None,
) -> Stage:
    """Put the cast on a site: in contact with each other, with a patent and three inventors."""
    days = Days()
    _set_clocks(site, days, monkeypatch)
    paper = folder / "signed.pdf"
    paper.write_bytes(b"%PDF-1.4\n% a contract signed on paper\n%%EOF\n")
    with site.database.writing() as session:
        cast = make_cast(session)
        inventors = _inventors(session, cast)
        people = {**cast.people, **inventors}
        if also is not None:
            also(session, cast)
        it = make_introduction(
            session,
            state="connected",
            listing=cast.result,
            own_listing=cast.need,
            from_user=cast.people["buyer_editor"],
            to_user=cast.people["seller_editor"],
            broker=cast.people["broker"],
            now=utc_now(),
        )
        made = Stage(
            site,
            arrive,
            days,
            f"/introductions/{it.public_id}",
            {role: user.email for role, user in people.items()},
            {},
            paper,
        )
    site.index()
    return made


def _set_clocks(site: LiveSite, days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests, the dispatcher and what it sets off take the moment from the journey.

    The served site runs in this process, and every module of it has the clock under its own name.
    """
    own = [each for name, each in sys.modules.items() if name.partition(".")[0] == "tenon"]
    for module in [*own, journeys]:
        if getattr(module, "utc_now", None) is utc_now:
            monkeypatch.setattr(module, "utc_now", days.now)
    monkeypatch.setattr(site.app.extensions["tenon.dispatcher"], "_clock", days.now)


def _inventors(session: Session, cast: Cast) -> dict[str, User]:
    """Give the result a patent and three contributors who are people of the site."""
    right: IpRight = make_ip_right(session)
    cast.result.ip_rights.append(right)
    found = {}
    cast.result.contributors.clear()
    session.flush()
    for position, role in enumerate(INVENTORS, start=1):
        user = make_user(session, name=role)
        make_membership(session, user, cast.university, "member")
        expert = make_expert(
            session, organisation=cast.university, user=user, name_zh=f"完成人{position}"
        )
        cast.result.contributors.append(
            ListingContributor(position=position, name=f"完成人{position}", expert_id=expert.id)
        )
        found[role] = user
    session.flush()
    return found


def form_at(page: Page, ends: str) -> Locator:
    """Return the form of a page that goes to an address ending so (or to one with a query)."""
    fitting = f"main form[action$='{ends}'], main form[action*='{ends}?']"
    return page.locator(fitting).first


def send(page: Page, ends: str, **values: str | Path | list[str]) -> None:
    """Fill the form that goes to an address ending so, and send it; dots in names as ``__``."""
    form = form_at(page, ends)
    for name, value in values.items():
        put(form, name.replace("__", "."), value)
    with page.expect_navigation():
        _button_of(form).click()


def _button_of(form: Locator) -> Locator:
    """Return the button that sends a form where it goes; others add a row or answer otherwise."""
    own = form.locator(".buttons button[type=submit]:not([formaction])")
    found = form.locator("button[type=submit]:not(.visually-hidden):not([formaction])")
    return own.first if own.count() else found.first


def put(form: Locator, name: str, value: str | Path | list[str]) -> None:
    """Fill one field as its kind is filled: typed, chosen, ticked, uploaded."""
    one = form.locator(f"[name='{name}']").first
    kind = one.evaluate("it => it.tagName === 'SELECT' ? 'select' : it.type")
    if kind == "select":
        one.select_option(str(value))
    elif kind == "file":
        one.set_input_files(str(value))
    elif kind in ("radio", "checkbox"):
        for each in value if isinstance(value, list) else [str(value)]:
            form.locator(f"[name='{name}'][value='{each}']").check()
    else:
        one.fill(str(value))


def step(stage: Stage, role: str, look: Look, deal: str, name: str, **values: str) -> Page:
    """Take a step of a deal by its own page."""
    page = stage.at(role, look, f"{deal}/steps/{name}")
    send(page, f"/steps/{name}", **values)
    return page


def deal_address(page: Page) -> str:
    """Return the address of the deal that a page is about."""
    found = re.search(r"(/deals/[\w-]{8,})", page.url)
    assert found is not None, page.url
    return found[1]


def approve_all(stage: Stage, role: str, look: Look) -> None:
    """Approve what waits for somebody, one after the other."""
    page = stage.at(role, look, "/approvals")
    for place in page.locator("main a[href^='/approvals/']").evaluate_all(
        "links => [...new Set(links.map(it => it.getAttribute('href')))]"
    ):
        page.goto(place)
        if form_at(page, place).count():
            send(page, place, decision="approved")


def declare_contributors(stage: Stage, role: str, look: Look, deal: str) -> None:
    """Declare of every contributor that nothing relates them to the buyer."""
    page = stage.at(role, look, f"{deal}/compliance")
    links = page.locator(f"main a[href^='{deal}/compliance/contributors/']")
    for place in links.evaluate_all("all => all.map(it => it.getAttribute('href'))"):
        page.goto(place)
        send(page, place, relation="none")


def sign_by(stage: Stage, role: str, look: Look, deal: str, *, upload: bool) -> Page:
    """Confirm one's own side's signature; the first uploads the signed paper."""
    page = stage.at(role, look, f"{deal}/signatures")
    values: dict[str, str | Path | list[str]] = {
        "signatory": f"{role} 授权代表",
        "signed_on": stage.days.today(),
    }
    if upload:
        values["file"] = stage.paper
    form = form_at(page, "/signatures")
    form.locator("[name=confirmed]").check()
    if not upload:
        chosen = form.locator("[name=chosen]").first
        chosen.select_option(index=1) if chosen.evaluate("it => it.tagName") == "SELECT" else (
            form.locator("[name=chosen]").last.check()
        )
    send(page, "/signatures", **values)
    return page


def begin(stage: Stage, form: str) -> str:
    """The firm begins a deal on the introduction's page and comes to its terms."""
    page = stage.at("buyer_editor", WIDE_ZH, stage.introduction)
    press(page, "#deals a.button")
    sound(page)
    send(page, "/deals/new", form=form)
    return deal_address(page)


def agree(stage: Stage, deal: str, **values: str | list[str]) -> None:
    """The firm's editor proposes terms, the university's administrator accepts them."""
    page = stage.at("buyer_editor", WIDE_ZH, f"{deal}/terms/new")
    sound(page)
    send(page, "/terms/new", **values)
    expect(page.locator(".error-summary")).to_have_count(0)
    seller = stage.at("seller_administrator", WIDE, f"{deal}/terms")
    sound(seller)
    send(seller, "/terms/1/accept")
    expect(seller.locator(".badge").filter(has_text="Accepted").first).to_be_visible()
