"""The meetings at events in a deal's timeline: which ones, how they are told, and to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.deals.timeline import Item
from tenon.events.models import Meeting
from tenon.events.results.telling_line import items
from tests.conftest import NOW
from tests.events.results.cast import Cast
from tests.events.results.conftest import Browse
from tests.factories import events
from tests.factories.deals import make_deal
from tests.factories.introductions import make_introduction


def _deal(session: Session, cast: Cast, **columns: Any) -> Deal:
    """A deal of the two houses over what they met about; flushed."""
    values: dict[str, Any] = {
        "listings": [cast.result, cast.need],
        "broker": cast.people["broker"],
    } | columns
    return make_deal(session, seller=cast.houses["university"], buyer=cast.houses["firm"], **values)


def _told(session: Session, cast: Cast, deal: Deal, role: str = "company") -> list[Item]:
    return items(session, deal, cast.actor(role))


def _meets_again(session: Session, cast: Cast, **columns: Any) -> Meeting:
    """The same two at a later event; flushed."""
    event = events.make_event(
        session,
        organisation=cast.houses["host"],
        owner=cast.people["broker"],
        starts_at=NOW + timedelta(days=5),
        state="open",
        title_zh="复谈日",
        title_en="Second talks",
    )
    here, there = (
        events.make_registration(
            session, event, group=group, user=cast.people[who], organisation=cast.houses[house]
        )
        for who, house, group in (
            ("researcher", "university", "researcher"),
            ("company", "firm", "company"),
        )
    )
    return events.make_meeting(
        session,
        here,
        there,
        events.slots(session, event)[0],
        table=event.rooms[0].tables[0],
        **columns,
    )


@pytest.mark.parametrize("role", ["company", "colleague", "researcher", "broker"])
def test_who_reads_the_deal_reads_of_the_meeting_it_came_of(
    session: Session, cast: Cast, role: str
) -> None:
    cast.meeting.need_id = cast.meeting.achievement_id = None
    deal = _deal(session, cast, origin_kind="meeting", origin_id=cast.meeting.id)
    cast.meeting.state = "held"
    session.flush()
    (told,) = _told(session, cast, deal, role)
    assert (told.kind, told.at) == ("meeting", cast.meeting.slot.starts_at)
    assert told.title == "Both sides met at “%(event)s”"
    assert told.facts["event"]["zh"] == cast.event.title("zh")
    assert told.path == f"/events/meetings/{cast.meeting.public_id}/outcome"
    assert told.text == ""


@pytest.mark.parametrize("role", ["operator", "rival", "host", "stranger", "visitor"])
def test_nobody_else_reads_of_it(session: Session, cast: Cast, role: str) -> None:
    deal = _deal(session, cast, origin_kind="meeting", origin_id=cast.meeting.id)
    assert _told(session, cast, deal, role) == []


def test_who_has_no_part_in_the_meeting_is_led_to_the_event(session: Session, cast: Cast) -> None:
    deal = _deal(session, cast, broker=cast.people["rival"])
    cast.people["rival"].roles = cast.people["broker"].roles
    session.flush()
    (told,) = _told(session, cast, deal, "rival")
    assert told.path == f"/events/{cast.event.public_id}"


def test_a_meeting_before_the_introduction_counts(session: Session, cast: Cast) -> None:
    cast.meeting.need_id = cast.meeting.achievement_id = None
    introduction = make_introduction(
        session,
        state="connected",
        listing=cast.result,
        from_user=cast.people["company"],
        to_user=cast.people["researcher"],
        origin_kind="meeting",
        origin_id=cast.meeting.id,
    )
    deal = _deal(session, cast, origin_kind="introduction", origin_id=introduction.id)
    assert [each.kind for each in _told(session, cast, deal)] == ["meeting"]


def test_later_meetings_about_the_deal_count_and_others_do_not(
    session: Session, cast: Cast
) -> None:
    deal = _deal(session, cast, origin_kind="meeting", origin_id=cast.meeting.id)
    later = _meets_again(session, cast, achievement_id=cast.result.id)
    assert [each.at for each in _told(session, cast, deal)] == [
        cast.meeting.slot.starts_at,
        later.slot.starts_at,
    ]
    assert _told(session, cast, deal)[1].title == "Both sides are to meet at “%(event)s”"
    later.achievement_id = None  # the same two about something else
    session.flush()
    assert len(_told(session, cast, deal)) == 1


def test_a_deal_without_a_meeting_tells_of_none(session: Session, cast: Cast) -> None:
    other = make_deal(session, seller=cast.houses["university"], buyer=cast.houses["rival"])
    assert cast.meeting.introduction_id is None
    assert items(session, other, cast.actor("rival")) == []


def test_a_meeting_that_was_called_off_is_left_out(session: Session, cast: Cast) -> None:
    deal = _deal(session, cast)
    cast.meeting.state, cast.meeting.called_off_reason = "called_off", "cancelled"
    cast.meeting.live_pair = None
    session.flush()
    assert _told(session, cast, deal) == []


@pytest.mark.parametrize(
    ("language", "title", "kind"),
    [
        ("zh", "双方在“光电子技术对接会”", "会面"),
        ("en", "Both sides met at “Photonics", "Meetings"),
    ],
)
def test_the_page_tells_it_in_the_readers_language(
    browse: Browse, committed: Session, settled: Cast, language: str, title: str, kind: str
) -> None:
    deal = _deal(committed, settled)
    settled.meeting.state = "held"
    committed.commit()
    page = browse("company", language).get(f"/deals/{deal.public_id}/timeline?kind=meeting")
    said = page.get_data(as_text=True)
    assert page.status_code == 200
    assert title in said
    assert kind in said
