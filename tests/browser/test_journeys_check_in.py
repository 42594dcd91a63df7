"""The day in the browser: check-in with the network cut, the hall's board, the phone's agenda."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from tenon.clock import utc_now
from tenon.events.models import CheckIn, Device
from tests.browser.camera import show_code
from tests.browser.conftest import visitor
from tests.browser.looking import (
    FLAGS,
    NO_SCRIPTS,
    PHONE,
    PHONE_ZH,
    WIDE,
    Look,
    axe,
    chromium_program,
    sign_in_as,
    too_wide,
)
from tests.browser.site import LiveSite
from tests.events.hall.cast import Cast, make_cast
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000

Arrive = Callable[[Look], Page]


@dataclass
class Day:
    """An event that runs now, on a site of the test's own."""

    site: LiveSite
    cast: Cast
    arrive: Arrive

    @property
    def path(self) -> str:
        """The event's address."""
        return f"/events/{self.cast.event.public_id}"

    def page(self, role: str, look: Look = PHONE) -> Page:
        """A browser of somebody's own, signed in."""
        page = self.arrive(look)
        sign_in_as(page, f"{role}@example.org", PASSWORD)
        return page

    def device(self) -> Page:
        """A phone of the organiser's at the door that holds the list."""
        page = self.arrive(PHONE)
        self.prepare(page)
        return page

    def prepare(self, page: Page) -> None:
        """Sign in as the organiser and put the list on the device."""
        sign_in_as(page, "boss@example.org", PASSWORD)
        page.goto(f"{self.path}/check-in")
        page.get_by_role("button", name="Prepare this device").click()
        expect(page.locator("[data-own]")).to_be_visible()
        expect(page.locator("[data-state]")).to_contain_text("This device holds the list until")
        page.wait_for_function(_KEPT_PAGE)

    def arrivals(self) -> int:
        """How many have arrived, as the site has it."""
        with self.site.database.reading() as session:
            return session.scalar(sa.select(sa.func.count(CheckIn.id))) or 0

    def has_heard_of(self, arrivals: int) -> None:
        """Wait until the site knows of so many: "sent" may still be said of what went before."""
        until = time.monotonic() + PATIENCE_MS / 1000
        while self.arrivals() != arrivals and time.monotonic() < until:
            time.sleep(0.05)
        assert self.arrivals() == arrivals

    def code(self, name: str) -> str:
        """The code of somebody who takes part."""
        return self.cast.parts[name].code


# The line about the list may come before page and files are kept, which happens right after.
_KEPT_PAGE = """async () => {
  await navigator.serviceWorker.ready;
  const script = document.querySelector("script[src*='events_door']").src;
  while (!(await caches.match(script))) await new Promise((go) => setTimeout(go, 50));
  return true;
}"""


@pytest.fixture
def day(live_site: LiveSite, arrive: Arrive) -> Day:
    with live_site.database.writing() as session:
        cast = make_cast(session, utc_now())
    return Day(live_site, cast, arrive)


def _type(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")


def _cut(page: Page) -> None:
    """Take the network away, and open the page anew: it must come from the device itself."""
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("[data-state]")).to_contain_text("No network", timeout=PATIENCE_MS)


def test_two_devices_check_in_without_network_and_sync_later(day: Day) -> None:
    first, second = day.device(), day.device()
    for page in (first, second):
        _cut(page)
    for page, name in ((first, "Lan"), (first, "Wu"), (second, "Wu"), (second, "Chen")):
        _type(page, day.code(name.lower()).upper())
        expect(page.locator("[data-result]")).to_contain_text("Checked in")
        expect(page.locator("[data-result]")).to_contain_text(name)
    _type(first, day.code("lan"))
    expect(first.locator("[data-result]")).to_contain_text("Was checked in before")
    _type(second, "no-such-code")
    expect(second.locator("[data-result]")).to_contain_text("Not on this device's list")
    assert day.arrivals() == 0
    assert too_wide(second) == []

    first.context.set_offline(False)
    expect(first.locator("[data-state]")).to_contain_text("Everything is sent", timeout=PATIENCE_MS)
    assert day.arrivals() == 2
    second.context.set_offline(False)
    expect(second.locator("[data-state]")).to_contain_text(
        "Everything is sent", timeout=PATIENCE_MS
    )
    assert day.arrivals() == 3
    reports = second.locator("[data-report-list]")
    expect(reports).to_contain_text("Wu: Was checked in before")
    expect(reports).to_contain_text("Nobody here has this code")
    # The first hears of what the second sent without being loaded anew.
    expect(first.locator("[data-arrived]")).to_have_text("3", timeout=PATIENCE_MS)
    with day.site.database.reading() as session:
        found = session.scalars(sa.select(CheckIn).order_by(CheckIn.id)).all()
        assert len({each.device_id for each in found}) == 2
        assert all(each.at <= each.received_at for each in found)


def test_a_device_deletes_its_list_when_it_is_withdrawn_or_expires(day: Day) -> None:
    first, second = day.device(), day.device()
    organiser = day.page("boss", WIDE)
    organiser.goto(f"{day.path}/check-in")
    organiser.get_by_role("button", name="Withdraw").last.click()
    expect(first.locator("[data-state]")).to_contain_text("withdrawn", timeout=PATIENCE_MS)
    first.locator("#q").fill("lan")
    expect(first.locator("[data-list]")).not_to_contain_text("Lan")

    _type(second, day.code("zhao"))
    expect(second.locator("[data-result]")).to_contain_text("Zhao")
    day.has_heard_of(1)  # or what the device asked before meets the end of the list first
    with day.site.database.writing() as session:
        session.execute(sa.update(Device).values(roster_until=utc_now()))
    expect(second.locator("[data-state]")).to_contain_text(
        "The list has expired", timeout=PATIENCE_MS
    )
    kept = second.evaluate(_KEPT)
    assert kept == {"lists": 0, "noted": 0}
    _type(second, day.code("lan"))
    expect(second.locator("[data-result]")).to_contain_text("The list has expired")
    assert day.arrivals() == 1
    second.get_by_role("button", name="Renew the list").click()
    expect(second.locator("[data-state]")).to_contain_text("holds the list until")
    _type(second, day.code("lan"))
    expect(second.locator("[data-result]")).to_contain_text("Checked in")


_KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open("tenon-door");
  asked.onsuccess = () => {
    const found = {}, change = asked.result.transaction(["lists", "noted"]);
    for (const name of ["lists", "noted"]) {
      const counted = change.objectStore(name).count();
      counted.onsuccess = () => { found[name] = counted.result; };
    }
    change.oncomplete = () => resolve(found);
  };
})"""


def test_the_list_on_a_device_checks_in_by_a_tap(day: Day) -> None:
    page = day.device()
    page.locator("#q").fill("zha")
    page.locator("[data-list] button").click()
    expect(page.locator("[data-result]")).to_contain_text("Zhao")
    expect(page.locator("[data-list]")).to_contain_text("Here since")
    day.has_heard_of(1)
    expect(page.locator("[data-state]")).to_contain_text("Everything is sent", timeout=PATIENCE_MS)


def test_a_camera_reads_a_badge_without_network(
    day: Day, chromium: Browser, tmp_path: Path
) -> None:
    """The camera is a file of pictures of a badge's code; this browser reads none by itself."""
    film = tmp_path / "badge.y4m"
    show_code(film, day.code("chen"))
    flags = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    browser = chromium.browser_type.launch(
        executable_path=chromium_program(),
        args=[*FLAGS, *flags, f"--use-file-for-fake-video-capture={film}"],
    )
    with visitor(browser, day.site.url, PHONE) as page:
        assert page.evaluate("'BarcodeDetector' in window") is False
        day.prepare(page)
        _cut(page)
        page.get_by_role("button", name="Use the camera").click()
        expect(page.locator("[data-result]")).to_contain_text("Chen", timeout=PATIENCE_MS)
        assert day.arrivals() == 0
        page.context.set_offline(False)
        day.has_heard_of(1)
    browser.close()
    with day.site.database.reading() as session:
        assert session.scalars(sa.select(CheckIn.way)).all() == ["camera"]


def test_the_door_works_without_scripts(day: Day) -> None:
    page = day.page("boss", NO_SCRIPTS)
    page.goto(f"{day.path}/check-in")
    page.locator("#code").fill(day.code("lan"))
    page.get_by_role("button", name="Check in").click()
    expect(page.locator(".flashes")).to_contain_text("Lan: Checked in")
    assert day.arrivals() == 1


def test_the_board_follows_the_hall_by_itself(day: Day) -> None:
    board, phone = day.page("boss", WIDE), day.page("boss")
    board.goto(f"{day.path}/hall?screen=1")
    expect(board.locator("[data-board]")).to_contain_text("0 / 4")
    phone.goto(f"{day.path}/check-in")
    _type(phone, day.code("lan"))
    expect(phone.locator(".flashes")).to_contain_text("Lan: Checked in")
    expect(board.locator("[data-board]")).to_contain_text("1 / 4", timeout=PATIENCE_MS)
    phone.goto(f"{day.path}/hall")
    assert axe(phone) == []
    assert too_wide(phone) == []
    phone.locator("summary", has_text="Mark").first.click()
    phone.get_by_role("button", name="Chen did not come").first.click()
    expect(board.locator("[data-board]")).to_contain_text("did not come", timeout=PATIENCE_MS)


@pytest.mark.parametrize("look", [PHONE, PHONE_ZH], ids=str)
def test_a_phone_shows_where_to_go_next_and_what_to_ask(day: Day, look: Look) -> None:
    page = day.page("lan", look)
    page.goto(f"{day.path}/agenda")
    expect(page.locator("[data-countdown]")).to_have_text(re.compile(r"\d"))
    expect(page.locator(".agenda-next")).to_contain_text("Chen")
    assert page.locator("svg.qr path").count() == 1
    assert too_wide(page) == []
    assert axe(page) == []
    with page.expect_navigation():
        page.locator(".agenda-next a.button").click()
    expect(page.locator("h1")).to_contain_text("Chen")
    assert too_wide(page) == []
    assert axe(page) == []


def test_a_device_sees_that_a_mistake_was_taken_back_and_a_poster_is_nobody(day: Day) -> None:
    device, organiser = day.device(), day.page("boss", WIDE)
    _type(device, "https://events.example.org/events/" + "a" * 60)
    expect(device.locator("[data-result]")).to_contain_text("Nobody here has this code")
    _type(device, day.code("lan"))
    day.has_heard_of(1)
    organiser.goto(f"{day.path}/check-in?q=lan")
    organiser.get_by_role("button", name="Undo").click()
    expect(device.locator("[data-arrived]")).to_have_text("0", timeout=PATIENCE_MS)
    _type(device, day.code("lan"))
    expect(device.locator("[data-result]")).to_contain_text("Checked in")
    expect(device.locator("[data-arrived]")).to_have_text("1")
