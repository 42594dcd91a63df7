"""One click from a meeting to an introduction or a deal; a second click opens what is there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import Conflict, Forbidden
from tenon.events.models import Meeting
from tenon.events.results.queries.brought import brought_to
from tenon.events.results.services.following_up import (
    begin_deal,
    begin_introduction,
    may_deal,
    may_introduce,
)
from tenon.introductions import services as introductions
from tenon.introductions.models import Introduction
from tenon.introductions.services.asking import live_key
from tests.conftest import NOW
from tests.events.results.cast import Cast, make_cast
from tests.events.results.conftest import Browse
from tests.factories.accounts import grant_role, make_membership, make_user, post
from tests.factories.introductions import make_introduction
from tests.factories.network import make_station
from tests.introductions.cast import ANSWERS

FORM = "licence_nonexclusive"


def _introduce(session: Session, cast: Cast, role: str) -> Introduction:
    return begin_introduction(session, cast.meeting, language="en", by=cast.actor(role), now=NOW)


def _deal(session: Session, cast: Cast, role: str, form: str = FORM) -> Deal:
    return begin_deal(session, cast.meeting, form=form, language="zh", by=cast.actor(role), now=NOW)


def test_a_side_asks_with_both_listings_and_the_meeting_as_origin(
    session: Session, cast: Cast
) -> None:
    made = _introduce(session, cast, "company")
    assert (made.listing_id, made.own_listing_id) == (cast.result.id, cast.need.id)
    assert (made.origin_kind, made.origin_id) == ("meeting", cast.meeting.id)
    assert made.from_organisation_id == cast.houses["firm"].id
    assert "Photonics matchmaking" in (made.interest or "")
    assert cast.meeting.introduction_id == made.id
    assert _introduce(session, cast, "researcher").id == made.id
    assert session.scalar(sa.select(sa.func.count(Introduction.id))) == 1


def test_the_organisers_broker_proposes_it(session: Session, cast: Cast) -> None:
    made = _introduce(session, cast, "broker")
    assert (made.state, made.proposer_id) == ("proposed", cast.people["broker"].id)
    assert made.from_organisation_id == cast.houses["firm"].id


def test_an_anonymous_need_is_not_given_away(session: Session, cast: Cast) -> None:
    cast.event.title_zh = f"{cast.houses['firm'].name_zh}专场"
    cast.event.title_en = "Sample Works day"
    cast.need.anonymous = True
    session.flush()
    made = _introduce(session, cast, "company")
    assert "Sample Works" not in f"{made.interest}{made.offer}{made.proposal}"


def test_a_live_introduction_of_the_pair_becomes_the_meetings(session: Session, cast: Cast) -> None:
    before = introductions.express_interest(
        session,
        listing=cast.need,
        own_listing=cast.result,
        answers=ANSWERS,
        organisation_id=cast.houses["university"].id,
        by=cast.actor("researcher"),
        now=NOW,
    )
    assert _introduce(session, cast, "researcher").id == before.id
    assert cast.meeting.introduction_id == before.id


def test_it_lies_where_its_listings_do_and_out_of_sight_it_is_not_the_meetings(
    session: Session, cast: Cast
) -> None:
    cast.need.station_id = make_station(session).id
    nested = session.begin_nested()
    made = _introduce(session, cast, "broker")
    assert (made.from_station_id, made.to_station_id) == (cast.need.station_id, None)
    nested.rollback()
    session.expire_all()
    test_a_live_introduction_of_the_pair_becomes_the_meetings(session, cast)
    cast.meeting.introduction_id = None
    session.flush()
    with pytest.raises(Conflict) as caught:  # the organiser's broker works at no place
        _introduce(session, cast, "broker")
    assert caught.value.code == "already_introduced"
    assert cast.meeting.introduction_id is None


@pytest.mark.parametrize("role", ["rival", "host", "stranger", "visitor"])
def test_others_begin_nothing(session: Session, cast: Cast, role: str) -> None:
    actor = cast.actor(role)
    assert not may_introduce(actor, cast.meeting, NOW)
    assert not may_deal(actor, cast.meeting, NOW)
    with pytest.raises((Forbidden, Conflict)):
        _introduce(session, cast, role)
    with pytest.raises(Forbidden):
        _deal(session, cast, role)
    assert session.scalar(sa.select(sa.func.count(Introduction.id))) == 0
    assert session.scalar(sa.select(sa.func.count(Deal.id))) == 0


def test_a_deal_takes_both_sides_and_what_they_brought(session: Session, cast: Cast) -> None:
    made = _deal(session, cast, "company")
    assert made.seller_organisation_id == cast.houses["university"].id
    assert made.buyer_organisation_id == cast.houses["firm"].id
    assert {each.id for each in made.listings} == {cast.result.id, cast.need.id}
    assert (made.origin_kind, made.origin_id) == ("meeting", cast.meeting.id)
    assert _deal(session, cast, "broker", "assignment").id == made.id


def test_a_deal_of_those_who_are_introduced_keeps_their_broker_and_people(
    session: Session, cast: Cast
) -> None:
    other = grant_role(session, make_user(session, name="Introduces"), "broker")
    it = make_introduction(
        session,
        state="connected",
        listing=cast.result,
        own_listing=cast.need,
        from_user=cast.people["colleague"],
        to_user=cast.people["researcher"],
        broker=other,
    )
    it.live_key = live_key(cast.result.id, cast.need.id, cast.houses["firm"].id)
    session.flush()
    made = _deal(session, cast, "company")
    assert (made.origin_kind, made.origin_id) == ("meeting", cast.meeting.id)
    assert made.broker_id == other.id
    assert (made.buyer_user_id, made.seller_user_id) == (
        cast.people["colleague"].id,
        cast.people["researcher"].id,
    )
    assert {each.id for each in made.listings} == {cast.result.id, cast.need.id}
    assert cast.meeting.introduction_id == it.id


def test_one_result_alone_is_enough_and_says_why_no_need(session: Session, cast: Cast) -> None:
    cast.meeting.need_id, cast.meeting.achievement_id = None, None
    cast.there.listings = []
    session.flush()
    session.expire(cast.meeting)
    about = brought_to(cast.meeting, NOW)
    assert about.buyer is not None
    assert about.buyer.id == cast.houses["firm"].id
    made = _deal(session, cast, "researcher")
    assert "光电子技术对接会" in (made.no_need_reason or "")


def test_nothing_public_nothing_to_introduce(session: Session, cast: Cast) -> None:
    cast.result.state = "withdrawn"
    session.flush()
    with pytest.raises(Conflict, match="nothing_to_introduce"):
        _introduce(session, cast, "company")


@pytest.mark.parametrize("into", ["introduction", "deal"])
def test_two_who_press_at_once_begin_one(database: Database, into: str) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        make_membership(session, cast.people["stranger"], cast.houses["university"], "editor")
        key, actors = cast.meeting.id, [cast.actor("researcher"), cast.actor("company")]
    barrier = threading.Barrier(2)

    def press(by: Actor) -> Any:
        barrier.wait(timeout=30)
        with database.writing() as session:
            meeting = session.get_one(Meeting, key)
            if into == "deal":
                return begin_deal(session, meeting, form=FORM, language="zh", by=by, now=NOW).id
            return begin_introduction(session, meeting, language="zh", by=by, now=NOW).id

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(press, actors)
    assert one == two
    table = Deal if into == "deal" else Introduction
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 1


def test_buttons_lead_there_twice(browse: Browse, settled: Cast, committed: Session) -> None:
    place = f"/events/meetings/{settled.meeting.public_id}"
    client = browse("company")
    page = client.get(f"{place}/outcome").text
    assert "Make it an introduction" in page
    assert "Make it a deal" in page
    for into, fields in (("introduction", {}), ("deal", {"form": FORM})):
        first = post(client, f"{place}/follow-up", into=into, **fields)
        again = post(client, f"{place}/follow-up", into=into, **fields)
        assert first.status_code == again.status_code == 303
        assert first.location == again.location
        began = client.get(again.location)
        assert began.status_code == 200
        assert "Where it began" in began.text
        assert "Photonics matchmaking" in began.text
    page = client.get(f"{place}/outcome").text
    assert "Open the introduction" in page
    assert "Open the deal" in page
    other = browse("researcher")
    asked = post(other, f"{place}/follow-up", into="introduction")
    assert asked.location.endswith("/outcome")  # a broker is still looking at it
    assert "asked for it already" in other.get(asked.location).text
    for role, status in (("stranger", 404), ("rival", 404), ("visitor", 302)):
        assert post(browse(role), f"{place}/follow-up", into="deal").status_code == status


def test_a_form_that_is_none_is_told(browse: Browse, settled: Cast) -> None:
    place = f"/events/meetings/{settled.meeting.public_id}"
    client = browse("company")
    answer = post(client, f"{place}/follow-up", into="deal", form="barter")
    assert answer.status_code == 303
    assert "Please choose what kind of deal" in client.get(f"{place}/outcome").text
