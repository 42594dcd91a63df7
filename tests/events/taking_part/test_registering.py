"""Registering: who may, for whom, with what; what is wrong comes back at its field."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Absence, EventSession, EventSpeaker, Registration
from tenon.events.taking_part import services
from tenon.events.taking_part.queries.availability import absences, slots_for_all
from tenon.events.taking_part.queries.people import rank_in_queue
from tenon.history import HistoryEntry, proof
from tests.events.taking_part.cast import Cast, answers, register
from tests.factories.accounts import actor_for, make_user
from tests.factories.events import make_event, make_registration, slots
from tests.factories.listings import make_need


def test_one_registers_for_ones_house_with_a_listing(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = register(
        session,
        cast.event,
        cast.people["buyer"],
        now=now,
        house=cast.firm.id,
        listings=(cast.need.public_id,),
        absent={0, 3},
        most_meetings=5,
        wants_interpreter=True,
        shows_contact=True,
    )
    session.expire_all()
    assert (part.state, part.group.code, part.place) == ("confirmed", "company", None)
    assert [each.id for each in part.listings] == [cast.need.id]
    assert (part.most_meetings, part.wants_interpreter, part.shows_contact) == (5, True, True)
    assert len(part.code) == 8
    wanted = {slot.id for slot in slots(session, cast.event) if slot.number in {0, 3}}
    assert absences(session, cast.event) == {part.id: wanted}
    entries = session.scalars(sa.select(HistoryEntry).filter_by(chain_id=part.public_id)).all()
    assert [each.kind for each in entries] == ["register"]
    assert "在线测温办法" not in str(entries[0].facts)
    assert list(proof.verify(session)) == []


def test_nobody_is_turned_away_without_a_house_or_listing(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = register(session, cast.event, cast.people["nobody"], now=now, seeks="", about="样品")
    assert (part.state, part.organisation_id) == ("confirmed", None)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"group": ""}, "group", "required"),
        ({"group": "kings"}, "group", "unknown_code"),
        ({"seeks": ""}, "seeks", "listing_or_words"),
        ({"seeks": "x" * 501}, "seeks", "too_long"),
        ({"about": "x" * 501}, "about", "too_long"),
        ({"languages": ()}, "languages", "required"),
        ({"languages": ("xx",)}, "languages", "unknown_code"),
        ({"absent": range(8)}, "availability", "never_free"),
        ({"most_meetings": 13}, "most_meetings", "out_of_range"),
        ({"listings": ("no-such",)}, "listings", "unknown_code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    session: Session, cast: Cast, now: datetime, values: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as told:
        register(session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id, **values)
    assert told.value.fields == {field: code}


def test_only_ones_own_public_named_listings_come_along(
    session: Session, cast: Cast, now: datetime
) -> None:
    others = [
        cast.result,
        make_need(session, organisation=cast.firm, state="draft"),
        make_need(session, organisation=cast.firm, state="published", anonymous=True),
    ]
    for listing in others:
        with pytest.raises(Invalid) as told:
            register(
                session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id,
                listings=(cast.need.public_id, listing.public_id),
            )  # fmt: skip
        assert told.value.fields == {"listings": "unknown_code"}


def test_editors_register_colleagues_and_nobody_else(
    session: Session, cast: Cast, now: datetime
) -> None:
    made = register(
        session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id,
        by=cast.people["colleague"],
    )  # fmt: skip
    own = register(session, cast.event, cast.people["colleague"], now=now, house=cast.firm.id)
    assert made.user_id != own.user_id
    for name in ("helper", "stranger", "broker"):
        with pytest.raises(Forbidden):
            register(
                session, cast.event, cast.people["nobody"], now=now, house=cast.firm.id,
                by=cast.people[name],
            )  # fmt: skip
    with pytest.raises(Forbidden):  # a member who is no editor
        register(
            session, cast.event, cast.people["colleague"], now=now, house=cast.firm.id,
            by=cast.people["buyer"],
        )  # fmt: skip
    with pytest.raises(Invalid):  # an editor, for somebody who is not of their house
        register(
            session, cast.event, cast.people["maker"], now=now, house=cast.firm.id,
            by=cast.people["colleague"],
        )  # fmt: skip
    with pytest.raises(Invalid):  # oneself, for a house one is not of
        register(session, cast.event, cast.people["nobody"], now=now, house=cast.firm.id)


def test_a_person_registers_once_and_may_come_back(
    session: Session, cast: Cast, now: datetime
) -> None:
    buyer = cast.people["buyer"]
    part = register(session, cast.event, buyer, now=now)
    with pytest.raises(Conflict, match="already_registered"):
        register(session, cast.event, buyer, now=now)
    services.cancel(session, part, by=actor_for(buyer), now=now)
    assert (part.state, part.live_key) == ("cancelled", None)
    again = register(session, cast.event, buyer, now=now)
    services.decline(session, again, reason="名额有限", by=cast.actor("broker"), now=now)
    with pytest.raises(Conflict, match="not_admitted"):
        register(session, cast.event, buyer, now=now)


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"registration_from": timedelta(days=1)}, "registration_not_yet"),
        ({"registration_until": timedelta(0)}, "registration_over"),
        ({"state": "draft"}, "event_not_open"),
        ({"state": "over"}, "event_over"),
        ({"state": "called_off"}, "event_called_off"),
        ({"ends_at": timedelta(0), "starts_at": timedelta(days=-1)}, "event_over"),
    ],
)
def test_phases_are_kept(
    session: Session, cast: Cast, now: datetime, columns: dict[str, object], code: str
) -> None:
    for name, value in columns.items():
        moment = now + value if isinstance(value, timedelta) else value
        setattr(cast.event, name, moment)
    session.flush()
    with pytest.raises(Conflict, match=code):
        register(session, cast.event, cast.people["buyer"], now=now)


def test_what_was_said_is_changed_once_at_a_time(
    session: Session, cast: Cast, now: datetime
) -> None:
    buyer = cast.people["buyer"]
    part = register(session, cast.event, buyer, now=now, house=cast.firm.id, absent={1})
    version = part.version
    services.change(
        session, part, answers=answers(seeks="新的说法", absent={2}), by=actor_for(buyer),
        now=now, expected_version=version,
    )  # fmt: skip
    assert part.seeks == "新的说法"
    numbers = session.scalars(sa.select(Absence.slot_id)).all()
    assert len(numbers) == 1
    with pytest.raises(Conflict, match="changed_meanwhile"):
        services.change(
            session, part, answers=answers(), by=cast.actor("colleague"), now=now,
            expected_version=version,
        )  # fmt: skip
    for name in ("maker", "helper", "stranger"):
        with pytest.raises(Forbidden):
            services.change(session, part, answers=answers(), by=cast.actor(name), now=now)


def test_organiser_admits_as_many_as_fit_and_the_rest_wait(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.event.needs_approval, cast.event.capacity = True, 2
    session.flush()
    parts = [register(session, cast.event, make_user(session), now=now) for _ in range(4)]
    assert {each.state for each in parts} == {"pending"}
    with pytest.raises(Forbidden):
        services.approve(session, parts[0], by=cast.actor("helper"), now=now)
    chosen = [(each.public_id, each.version) for each in parts[:3]]
    outcomes = services.decide_many(
        session, cast.event, chosen, decision="approve", by=cast.actor("broker"), now=now
    )
    assert [each.code for each in outcomes] == ["", "", ""]
    assert [each.state for each in parts] == ["confirmed", "confirmed", "waiting", "pending"]
    assert rank_in_queue(session, parts[2]) == 1
    with pytest.raises(Invalid):
        services.decline(session, parts[0], reason=" ", by=cast.actor("broker"), now=now)
    services.decline(session, parts[0], reason="请派一人", by=cast.actor("broker"), now=now)
    assert [each.state for each in parts] == ["declined", "confirmed", "offered", "pending"]
    stale = services.decide_many(
        session, cast.event, chosen, decision="approve", by=cast.actor("broker"), now=now
    )
    assert all(each.code for each in stale)


def test_decisions_of_nothing_and_of_others_do_nothing(
    session: Session, cast: Cast, now: datetime
) -> None:
    with pytest.raises(Invalid):
        services.decide_many(
            session, cast.event, [], decision="approve", by=cast.actor("broker"), now=now
        )
    elsewhere = make_registration(session, make_event(session), state="pending")
    outcomes = services.decide_many(
        session, cast.event, [(elsewhere.public_id, None)], decision="decline", reason="x",
        by=cast.actor("broker"), now=now,
    )  # fmt: skip
    assert [each.code for each in outcomes] == ["not_found"]
    assert elsewhere.state == "pending"


def test_speakers_are_absent_while_they_speak_and_all_while_a_session_is_for_all(
    session: Session, cast: Cast, now: datetime
) -> None:
    part = register(session, cast.event, cast.people["buyer"], now=now)
    first, second, third = slots(session, cast.event)[:3]
    talk = EventSession(
        event_id=cast.event.id, kind="talk", title_zh="报告",
        starts_at=first.starts_at, ends_at=second.starts_at + timedelta(minutes=1),
    )  # fmt: skip
    talk.speakers.append(EventSpeaker(registration_id=part.id))
    opening = EventSession(
        event_id=cast.event.id, kind="opening", title_zh="开幕", for_all=True,
        starts_at=third.starts_at, ends_at=third.ends_at,
    )  # fmt: skip
    session.add_all([talk, opening])
    session.flush()
    assert absences(session, cast.event) == {part.id: {first.id, second.id}}
    assert slots_for_all(session, cast.event) == {third.id}


def test_registrations_of_one_event_only(session: Session, cast: Cast, now: datetime) -> None:
    register(session, cast.event, cast.people["buyer"], now=now)
    number = session.scalar(sa.select(sa.func.count(Registration.id)))
    assert number == 1
