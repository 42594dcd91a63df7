"""Briefs: who may read them, whose contact data, what is asked, what there was before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from matching.results import RequirementCheck, Verdict
from tenon.db import Database
from tenon.events.hall.brief import brief_of, likely_forms, questions_on
from tenon.events.models import Registration
from tests.events.hall.cast import Cast, browser
from tests.factories import events, listings
from tests.factories.accounts import make_organisation


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("lan", 200),
        ("chen", 200),
        ("colleague", 200),
        ("boss", 200),
        ("wu", 404),
        ("stranger", 404),
    ],
)
def test_a_brief_is_for_the_two_and_who_acts_for_them(
    app: Flask, today: Cast, role: str, status: int
) -> None:
    answer = browser(app, today, role).get(f"/events/meetings/{today.meetings[0].public_id}")
    assert answer.status_code == status


def test_contact_data_take_consent_and_a_meeting_that_holds(
    app: Flask, database: Database, today: Cast
) -> None:
    path = f"/events/meetings/{today.meetings[0].public_id}"
    assert "chen@example.org" in browser(app, today, "lan").get(path).text
    assert "lan@example.org" not in browser(app, today, "chen").get(path).text
    with database.writing() as session:
        gone = events.make_meeting(
            session, today.parts["wu"], today.parts["chen"], today.slots[6], state="called_off"
        )
        session.get_one(Registration, today.parts["zhao"].id).shows_contact = False
    other = f"/events/meetings/{gone.public_id}"
    assert "chen@example.org" not in browser(app, today, "wu").get(other).text
    zhao = f"/events/meetings/{today.meetings[2].public_id}"
    assert "zhao@example.org" not in browser(app, today, "lan").get(zhao).text


def test_the_reader_comes_second_and_sees_what_the_other_brings(
    session: Session, cast: Cast, now: datetime
) -> None:
    made = brief_of(session, cast.meetings[0], None, by=cast.actor("chen"), now=now)
    mine, theirs = made.sides
    assert (mine.part, theirs.part) == (cast.parts["chen"], cast.parts["lan"])
    assert [each.side for each in theirs.listings] == ["achievement"]
    assert [each.side for each in mine.listings] == ["need"]
    assert mine.me
    assert not theirs.contact


def test_listings_that_the_reader_may_not_see_or_place_stay_away(
    session: Session, cast: Cast, now: datetime
) -> None:
    firm = make_organisation(session, kind="enterprise")
    unnamed = listings.make_need(session, organisation=firm, state="published", anonymous=True)
    draft = listings.make_need(session, organisation=firm)
    part = events.make_registration(
        session, cast.event, group="company", organisation=firm, listings=[unnamed, draft]
    )
    meeting = events.make_meeting(session, cast.parts["lan"], part, cast.slots[6])
    made = brief_of(session, meeting, None, by=cast.actor("lan"), now=now)
    assert made.sides[1].part == part
    assert made.sides[1].listings == []


def test_earlier_meetings_of_the_two_are_told(session: Session, cast: Cast, now: datetime) -> None:
    lan, chen = cast.people["lan"], cast.people["chen"]
    before = events.make_event(session, state="over")
    parts = [
        events.make_registration(session, before, user=user, group=group)
        for user, group in ((lan, "researcher"), (chen, "company"))
    ]
    slots = events.slots(session, before)
    held = events.make_meeting(session, parts[0], parts[1], slots[0], state="held")
    events.make_meeting(session, parts[0], events.make_registration(session, before), slots[1])
    made = brief_of(session, cast.meetings[0], None, by=cast.actor("lan"), now=now)
    assert [each.id for each in made.past.meetings] == [held.id]
    assert made.past.introductions == []
    assert made.past.deals == []


def test_the_organiser_reads_both_sides(session: Session, cast: Cast, now: datetime) -> None:
    made = brief_of(session, cast.meetings[0], None, by=cast.actor("boss"), now=now)
    assert {side.part for side in made.sides} == {cast.parts["lan"], cast.parts["chen"]}
    assert all(side.contact for side in made.sides)
    assert not any(side.me for side in made.sides)


@dataclass
class _Asked:
    """A requirement or a deal form of a listing."""

    text: str = ""
    obligation: str = "must"
    form: str = ""


@dataclass
class _Said:
    """As much of a listing as questions look at."""

    requirements: list[_Asked] = field(default_factory=list)
    deal_forms: list[_Asked] = field(default_factory=list)
    readiness: int | None = None
    money_low: int | None = None
    money_high: int | None = None
    currency: str = "CNY"
    deadline: date | None = None


def test_questions_come_from_what_is_open_musts_first() -> None:
    need = _Said(
        [_Asked("heat"), _Asked("weight", "wish"), _Asked("cost"), _Asked("size")],
        readiness=8,
        money_high=100,
        deadline=date(2026, 12, 31),
    )
    checks = [
        RequirementCheck("weight", True, Verdict.NOT_MET, "It weighs 3 kg.", "3 kg"),
        RequirementCheck("heat", False, Verdict.MET, "Up to 230 ℃.", "230 ℃"),
        RequirementCheck("cost", False, Verdict.NOT_STATED),
    ]
    found = questions_on(need, _Said(readiness=6, money_low=200), checks)  # type: ignore[arg-type]  # as much as is looked at
    assert [(each.kind, each.requirement) for each in found] == [
        ("not_stated", "cost"),
        ("unchecked", "size"),
        ("not_met", "weight"),
        ("readiness", ""),
        ("money", ""),
        ("deadline", ""),
    ]
    assert (found[3].have, found[3].want) == (6, 8)
    assert found[2].found == "It weighs 3 kg."
    assert questions_on(None, None, checks) == []


def test_a_likely_form_is_one_that_both_name() -> None:
    result = _Said(deal_forms=[_Asked(form="service"), _Asked(form="assignment")])
    need = _Said(deal_forms=[_Asked(form="service"), _Asked(form="consulting")])
    nothing = _Said()

    def forms(wanted: _Said | None, offered: _Said | None) -> list[tuple[str, bool]]:
        found = likely_forms(wanted, offered)  # type: ignore[arg-type]  # as much as is looked at
        return [(each.code, each.by_both) for each in found]

    assert forms(need, result) == [("service", True)]
    assert forms(nothing, result) == [("assignment", False), ("service", False)]
    assert forms(need, None) == [("consulting", False), ("service", False)]
    assert forms(None, None) == []


def test_the_page_asks_what_is_open(app: Flask, today: Cast) -> None:
    page = browser(app, today, "lan").get(f"/events/meetings/{today.meetings[0].public_id}").text
    assert "What to ask" in page
    assert "耐温≥200℃" in page
    assert "Meeting with Chen" in page
