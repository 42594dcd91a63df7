"""Matchmaking events: from the short form to the report; and a place that becomes free.

Each of the three has a browser of their own; days pass by the site's clock.
"""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tenon.events.models import Meeting
from tenon.introductions.models import Introduction
from tests.browser.dealing import Stage, send
from tests.browser.journeys import press, sound, work_done
from tests.browser.looking import PHONE, PHONE_ZH, WIDE
from tests.browser.matchmaking import (
    BROKER,
    COMPANY,
    RESEARCHER,
    day_comes,
    make_strangers,
    make_timetable,
    part_of,
    register,
    say_what_came_of_it,
    see_table_and_time,
    set_up,
    wish,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-events")]


def test_from_the_short_form_to_the_report(stage: Stage) -> None:
    make_strangers(stage)
    event = set_up(stage)
    parts = {
        RESEARCHER: register(stage, event, RESEARCHER, WIDE, "researcher"),
        COMPANY: register(stage, event, COMPANY, PHONE_ZH, "company"),
    }
    stage.days.pass_(1)  # who has just registered is in the index by then
    stage.site.index()
    for role, look in ((RESEARCHER, WIDE), (COMPANY, PHONE_ZH)):
        wish(stage, event, role, look)
    make_timetable(stage, event)
    meeting = see_table_and_time(stage, event)
    day_comes(stage, event, parts[RESEARCHER])
    say_what_came_of_it(stage, event)
    _follow_up(stage, meeting)
    _see_the_report(stage, event)


def _follow_up(stage: Stage, meeting: str) -> None:
    """One press makes it an introduction that knows whence it comes."""
    page = stage.at(COMPANY, PHONE_ZH, f"{meeting}/outcome")
    sound(page)
    send(page, "/follow-up")
    expect(page).to_have_url(re.compile(r"/introductions/[\w-]+$"))
    sound(page)
    with stage.site.database.reading() as session:
        held = session.scalars(sa.select(Meeting)).one()
        it = session.get_one(Introduction, held.introduction_id)
        assert page.url.endswith(it.public_id)
        assert (it.origin_kind, it.origin_id) == ("meeting", held.id)


def _see_the_report(stage: Stage, event: str) -> None:
    """The report counts what happened, and each number leads to its rows."""
    page = stage.at(BROKER, WIDE, f"{event}/report")
    sound(page)
    for figure, number in (("checked_in", "1"), ("outcome.follow_up", "2")):
        link = page.locator(f"main a[href='{event}/report/rows?figure={figure}']")
        expect(link.first).to_have_text(number)
    press(page, f"main a[href='{event}/report/rows?figure=checked_in']")
    expect(page.locator("main tbody tr")).to_have_count(1)
    sound(page)


def test_who_waits_longest_is_offered_the_place_that_becomes_free(stage: Stage) -> None:
    event = set_up(stage, capacity="1")
    first = register(stage, event, RESEARCHER, PHONE, "researcher")
    assert first.state == "confirmed"
    second = register(stage, event, COMPANY, PHONE_ZH, "company")
    assert (second.state, second.place) == ("waiting", 1)
    page = stage.at(COMPANY, PHONE_ZH, f"{event}/my-part")
    expect(page.locator("main .alert").first).to_contain_text("1")

    leaving = stage.at(RESEARCHER, PHONE, f"{event}/my-part")
    leaving.locator("main aside details summary").last.click()
    send(leaving, "/cancel")
    work_done(stage.site)

    page.goto(f"{event}/my-part")
    sound(page)
    send(page, "/take")
    assert part_of(stage.site, second.public_id).state == "confirmed"
    assert part_of(stage.site, first.public_id).state == "cancelled"
    expect(page.locator("main form[action$='/take']")).to_have_count(0)
    sound(page)
