"""Meetings agreed on the spot: whom a code or a name means, and the first place that suits both."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.hall.spontaneous import place, whom
from tenon.events.models import Meeting, Seat, Wish
from tests.events.hall.cast import Cast, browser
from tests.factories import events
from tests.factories.accounts import make_user, post


def test_a_code_or_a_part_of_a_name_means_somebody(session: Session, cast: Cast) -> None:
    for said in (cast.parts["zhao"].code, "zhao", "ZHA"):
        assert whom(session, cast.event, said, "first") == cast.parts["zhao"]
    twin = events.make_registration(
        session, cast.event, group="company", user=make_user(session, name="Zhao Er")
    )
    assert whom(session, cast.event, "zhao", "first") == cast.parts["zhao"]
    assert whom(session, cast.event, "zhao er", "first") == twin
    for said, code in (("", "required"), ("zha", "several"), ("nobody", "nobody")):
        with pytest.raises(Invalid) as error:
            whom(session, cast.event, said, "second")
        assert error.value.fields == {"second": code}


def test_two_meet_in_the_first_slot_that_suits_both(
    session: Session, cast: Cast, now: datetime
) -> None:
    new = events.make_registration(session, cast.event, group="company")
    made = place(session, cast.event, cast.parts["lan"], new, by=cast.actor("boss"), now=now)
    assert made.slot == cast.slots[4]  # the third runs; in the fourth Lan meets Zhao
    assert made.table is not None
    assert (made.meeting.origin, made.meeting.state) == ("ad_hoc", "planned")
    seats = sa.select(Seat.registration_id).where(Seat.meeting_id == made.meeting.id)
    assert set(session.scalars(seats)) == {new.id, cast.parts["lan"].id}


def test_what_cannot_be_placed_says_why(session: Session, cast: Cast, now: datetime) -> None:
    lan, boss = cast.parts["lan"], cast.actor("boss")
    with pytest.raises(Conflict, match="pair_twice"):
        place(session, cast.event, lan, cast.parts["chen"], by=boss, now=now)
    with pytest.raises(Invalid):
        place(session, cast.event, lan, lan, by=boss, now=now)
    with pytest.raises(Forbidden):
        place(session, cast.event, lan, cast.parts["chen"], by=cast.actor("lan"), now=now)
    new = events.make_registration(session, cast.event, group="company")
    with pytest.raises(Conflict, match="no_place"):
        place(session, cast.event, lan, new, by=boss, now=cast.slots[-1].starts_at)


def test_whom_a_rule_keeps_apart_is_not_told_to_meet(
    app: Flask, database: Database, today: Cast
) -> None:
    with database.writing() as session:
        new = events.make_registration(
            session, today.event, group="company", user=make_user(session, name="New Firm")
        )
        wish = events.make_wish(session, new, today.parts["lan"], kind="rather_not")
        key = wish.id
    client = browser(app, today, "boss")
    path = f"/events/{today.event.public_id}/hall/meetings"
    refused = post(client, path, first="lan", second="new firm")
    assert refused.status_code == 409
    assert "These two are kept apart: One would rather not." in refused.text
    with database.writing() as session:
        assert session.scalar(sa.select(Meeting.id).where(Meeting.origin == "ad_hoc")) is None
        session.get_one(Wish, key).state = "withdrawn"
    assert post(client, path, first="lan", second="new firm").status_code == 303


def test_the_page_brings_errors_to_their_field(app: Flask, database: Database, today: Cast) -> None:
    with database.writing() as session:
        events.make_registration(
            session, today.event, group="company", user=make_user(session, name="New Firm")
        )
    client = browser(app, today, "boss")
    path = f"/events/{today.event.public_id}/hall/meetings"
    wrong = post(client, path, first="lan", second="nobody")
    assert wrong.status_code == 422
    assert "Nobody with a confirmed place has this code or name." in wrong.text
    assert 'value="lan"' in wrong.text
    twice = post(client, path, first="lan", second="chen")
    assert twice.status_code == 409
    assert "These two have a meeting already." in twice.text
    assert post(client, path, first="lan", second="new firm").status_code == 303
    assert "Both are told." in client.get(f"/events/{today.event.public_id}/hall").text
    with database.reading() as session:
        made = session.scalars(sa.select(Meeting).where(Meeting.origin == "ad_hoc")).one()
        assert made.slot_id == today.slots[4].id
    assert post(browser(app, today, "lan"), path, first="a", second="b").status_code == 403
