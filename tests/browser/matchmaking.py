"""Steps of a matchmaking event that several journeys take: set up, register, wish, plan, meet.

Pages are found by addresses and names of fields; each step asserts what its people see.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from tenon.events.models import CheckIn, Event, Meeting, Outcome, Registration, TimetableDraft
from tenon.introductions.models import Introduction
from tests.browser.dealing import Stage, send
from tests.browser.journeys import eventually, press, sound, tick, work_done
from tests.browser.looking import PHONE, PHONE_ZH, WIDE_ZH, Look
from tests.browser.site import LiveSite

RESEARCHER, COMPANY, BROKER = "seller_editor", "buyer_editor", "broker"
TITLE_ZH, TITLE_EN = "换热技术对接会", "Heat exchange matchmaking"
DAYS_AHEAD = 10
SEARCH_SECONDS = 120.0


def make_strangers(stage: Stage) -> None:
    """Let the two sides of the stage have nothing to do with each other yet."""
    with stage.site.database.writing() as session:
        session.delete(session.scalars(sa.select(Introduction)).one())


def set_up(stage: Stage, **limits: str) -> str:
    """The broker fills the short form in, announces the event, and everybody finds it."""
    page = stage.at(BROKER, WIDE_ZH, "/events/new")
    sound(page)
    send(
        page,
        "/events/new",
        title_zh=TITLE_ZH,
        title_en=TITLE_EN,
        first_day=stage.days.today(before=-DAYS_AHEAD),
        organisation="",
        host_name="示例理工大学",
        venue_zh="示例会展中心",
        venue_en="Sample Centre",
        tables="3",
    )
    found = re.search(r"(/events/[\w-]{8,})/set-up$", page.url)
    assert found is not None, page.url
    event = found[1]
    sound(page)
    if limits:
        page.goto(f"{event}/set-up/limits")
        send(page, "/set-up/limits", **limits)
        page.goto(f"{event}/set-up")
    send(page, f"{event}/open")
    listed = stage.arrive(PHONE)
    listed.goto("/events")
    press(listed, f"main a[href='{event}']")
    expect(listed.locator("h1")).to_have_text(TITLE_EN)
    sound(listed)
    return event


def register(stage: Stage, event: str, role: str, look: Look, group: str) -> Registration:
    """Register with the listing that one's house has; return the part."""
    page = stage.at(role, look, event)
    press(page, f"#register a[href='{event}/register']")
    sound(page)
    tick(page, "group", group)
    page.locator("main input[name=listings]").first.check()
    tick(page, "shows_contact", "y")
    press(page, "main form.form .buttons button:not([name])")
    expect(page).to_have_url(re.compile(r"/events/parts/[\w-]+$"))
    sound(page)
    return part_of(stage.site, page.url.rsplit("/", 1)[1])


def part_of(site: LiveSite, public_id: str) -> Registration:
    with site.database.reading() as session:
        return session.scalars(
            sa.select(Registration).where(Registration.public_id == public_id)
        ).one()


def wish(stage: Stage, event: str, role: str, look: Look) -> None:
    """Wish to meet whoever is suggested first: the other."""
    page = stage.at(role, look, f"{event}/wishes")
    sound(page)
    first = page.locator("#suggestions li.card").first
    with page.expect_navigation():
        first.locator("button[name=kind][value=must]").click()
    expect(page.locator("#wishes li.card")).to_have_count(1)


def make_timetable(stage: Stage, event: str) -> None:
    """The broker orders a timetable, sees how good it is, and releases it."""
    page = stage.at(BROKER, WIDE_ZH, f"{event}/timetables")
    tick(page, "seconds", "10")
    send(page, f"{event}/timetables")
    draft = re.sub(r"^.*(/events/timetables/[\w-]+)$", r"\1", page.url)

    def ready() -> TimetableDraft | None:
        with stage.site.database.reading() as session:
            made = session.scalars(sa.select(TimetableDraft)).one()
            assert made.state != "failed", made.error
            return made if made.state == "ready" else None

    made = eventually(ready, within=SEARCH_SECONDS)
    page.goto(draft)
    figures = page.locator("#draft-progress .figures__number").all_inner_texts()
    assert made.value is not None
    assert figures[:2] == [str(made.value), str(made.bound)]
    assert made.value == made.bound  # one meeting, and nothing can be better
    expect(page.locator("#draft-progress p > strong")).to_have_count(1)  # the gap, in words
    sound(page)
    press(page, f"main a[href='{draft}/release']")
    sound(page)
    send(page, "/release")
    page.goto(f"{event}/timetable")
    expect(page.locator("main .timetable-cell")).to_have_count(1)
    work_done(stage.site)


def see_table_and_time(stage: Stage, event: str) -> str:
    """Each finds the table and the time on the agenda; return the address of the meeting."""
    with stage.site.database.reading() as session:
        it = session.scalars(sa.select(Meeting)).one()
        found = session.scalars(sa.select(Event)).one()
        assert it.table is not None
        begins, table = f"{found.local(it.slot.starts_at):%H:%M}", it.table.name
        meeting = f"/events/meetings/{it.public_id}"
    for role, look in ((RESEARCHER, PHONE), (COMPANY, PHONE_ZH)):
        page = stage.at(role, look, f"{event}/agenda")
        expect(page.locator(".agenda-next__when")).to_contain_text(begins)
        expect(page.locator(".agenda-next__where")).to_contain_text(table)
        sound(page)
        press(page, f"main a[href='{meeting}']")
        sound(page)
    return meeting


def day_comes(stage: Stage, event: str, part: Registration) -> None:
    """The first slot has begun: the broker checks one in by the code that they say."""
    stage.days.pass_(_days_until_it_begins(stage))
    page = stage.at(BROKER, PHONE_ZH, f"{event}/check-in")
    sound(page)
    page.locator("#code").fill(part.code.upper())
    page.locator("[data-take] [type=submit]").click()
    expect(page.locator("[data-arrived]")).to_have_text("1")
    with stage.site.database.reading() as session:
        assert session.scalars(sa.select(CheckIn.registration_id)).all() == [part.id]
    own = stage.at(RESEARCHER, PHONE, f"{event}/agenda")
    expect(own.locator(".agenda-code .badge")).to_be_visible()


def _days_until_it_begins(stage: Stage) -> float:
    """Return how many days it is until a few minutes after the meeting's begin."""
    with stage.site.database.reading() as session:
        begins = session.scalars(sa.select(Meeting)).one().slot.starts_at
    return (begins - stage.days.now()).total_seconds() / 86_400 + 5 / 1_440


def say_what_came_of_it(stage: Stage, event: str, outcome: str = "follow_up") -> None:
    """Both say it in three taps: what came of it, how it was, save."""
    for role, look in ((RESEARCHER, PHONE), (COMPANY, PHONE_ZH)):
        page = stage.at(role, look, f"{event}/outcomes")
        sound(page)
        _tap(page, "outcome", outcome)
        _tap(page, "rating", "5")
        page.locator("form[data-outcome] button[type=submit]").click()
        expect(page.locator("form[data-outcome]")).to_have_count(0)
    with stage.site.database.reading() as session:
        said = session.scalars(sa.select(Outcome.outcome)).all()
    assert said == [outcome, outcome]


def _tap(page: Page, name: str, value: str) -> None:
    """Touch the words of a choice, as a thumb does."""
    chosen: Locator = page.locator(f"form[data-outcome] input[name='{name}'][value='{value}']")
    page.locator(f"label[for='{chosen.get_attribute('id')}']").tap()
