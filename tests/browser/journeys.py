"""What the journeys share: reading mail, waiting for the site, filling in what people fill in.

Pages are found by names, addresses and structure rather than words, so that each journey can be
walked in either language.
"""

from __future__ import annotations

import email
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from typing import TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from tenon.clock import utc_now
from tenon.notices.gathering import GATHER
from tenon.notices.models import Notice, NoticeSchedule
from tenon.outbox import emit
from tenon.outbox.handlers import in_background
from tenon.outbox.models import OutboxMessage
from tests.browser.looking import axe, sign_in_as, too_wide
from tests.browser.prepared import Demo
from tests.browser.site import LiveSite

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


def eventually(look: Callable[[], T | None], *, within: float = PATIENCE_SECONDS) -> T:
    """Return what ``look`` finds as soon as it finds something; fails after ``within`` seconds."""
    until = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < until, f"nothing came within {within} s"
        time.sleep(0.05)


def path_in_mail(site: LiveSite, *, to: str, containing: str) -> str:
    """Return the path of the first link with ``containing`` in the latest mail to an address."""

    def look() -> str | None:
        for letter in sorted(site.settings.mail_folder.glob("*.eml"), reverse=True):
            message = email.message_from_bytes(letter.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            if to not in str(message["To"]) or body is None:
                continue
            for link in re.findall(r"https?://\S+", body.get_content()):
                parts = urlsplit(str(link))
                if containing in parts.path:
                    return parts.path + (f"?{parts.query}" if parts.query else "")
        return None

    return eventually(look)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that went out.

    Attributes:
        language: tag of the language that it says it is in.
        subject: as people read it.
        text: the plain body.
        whole: headers and both bodies, decoded.
    """

    language: str
    subject: str
    text: str
    whole: str


def mails_to(site: LiveSite, address: str) -> list[Letter]:
    """Return the mails that went to an address, oldest first."""
    found = []
    for path in sorted(site.settings.mail_folder.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        if str(message["To"]) != address:
            continue
        headers = "\n".join(f"{name}: {value}" for name, value in message.items())
        bodies = [part.get_content() for part in message.walk() if not part.is_multipart()]
        whole = "\n".join([headers, *bodies])
        found.append(
            Letter(str(message["Content-Language"]), str(message["Subject"]), bodies[0], whole)
        )
    return found


def let_mail_go(site: LiveSite) -> None:
    """Let an hour pass by day: what waits for people is mailed, by the site's own dispatcher."""
    work_done(site)
    with site.database.writing() as session:
        by_day = {"quiet_begins": None, "quiet_ends": None, "mailed_at": None, "gather_at": None}
        session.execute(sa.update(NoticeSchedule).values(by_day))
        waiting = sa.select(Notice.user_id).where(Notice.mail == "waiting").distinct()
        for user_id in session.scalars(waiting):
            emit(session, GATHER, {"user_id": user_id}, now=utc_now())
    work_done(site)


def work_done(site: LiveSite) -> None:
    """Wait until the dispatcher has done all that is due and that anybody waits for."""
    undone = sa.select(OutboxMessage.id).where(
        OutboxMessage.done_at.is_(None),
        OutboxMessage.failed_at.is_(None),
        OutboxMessage.topic.not_in(in_background()),
    )

    def idle() -> bool:
        due = undone.where(OutboxMessage.available_at <= utc_now() + timedelta(seconds=1))
        with site.database.reading() as session:
            return session.scalars(due.limit(1)).first() is None

    eventually(idle)


def notices_hold(page: Page, words: str) -> None:
    """Open one's notices, again until the newest holds ``words``: the outbox writes them."""

    def newest() -> bool:
        page.goto("/notices")
        first = page.locator("main li.card").first
        return bool(first.count()) and words in first.inner_text()

    eventually(newest)


def sound(page: Page) -> None:
    """See that a page is accessible and fits windows of every width."""
    assert (page.url, axe(page), too_wide(page)) == (page.url, [], [])


def enter_as(page: Page, demo: Demo, role: str, language: str) -> Page:
    """Sign in as one of the demo's people and see the site in a language."""
    person = demo.people[role]
    sign_in_as(page, person.email, person.password)
    switch_language(page, language)
    return page


def switch_language(page: Page, language: str) -> None:
    """Press the language's button of the page's foot, unless the page is in it already."""
    if page_language(page) != language:
        with page.expect_navigation():
            page.locator(f"footer .language-switch button[value={language}]").click()
    assert page_language(page) == language


def page_language(page: Page) -> str:
    """Return ``zh`` or ``en``, as the page says of itself."""
    return "en" if page.locator("html").get_attribute("lang") == "en" else "zh"


def ask(page: Page, text: str) -> Locator:
    """Put a text into the home page's box and return the first match."""
    page.goto("/")
    page.locator("#box-text").fill(text)
    page.locator("form.box [type=submit]").click()
    first = page.locator("#answer article.match").first
    expect(first).to_be_visible()
    return first


def press(page: Page, selector: str) -> None:
    """Press a button that leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def fill(page: Page, **values: str) -> None:
    """Fill fields of the page's form by their names."""
    for name, value in values.items():
        page.locator(f"main [name='{name}']").first.fill(value)


def tick(page: Page, name: str, value: str) -> None:
    """Choose a box or a radio button, opening the fold that it may lie in."""
    page.locator(f"main input[name='{name}'][value='{value}']").check()


def listing_id(page: Page) -> str:
    """Return the public id in the address of a listing's page."""
    found = re.search(r"/listings/([\w-]{8,})", page.url)
    assert found is not None, page.url
    return found[1]
