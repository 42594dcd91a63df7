"""The organiser registers somebody by their address; places that are added are offered at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Event, Registration
from tenon.events.planning.services import Limits, change_limits
from tenon.events.taking_part import services
from tenon.history.models import HistoryEntry
from tenon.notices import wording
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tests.events.taking_part.cast import Cast, browser, make_cast, read_anew, register, words
from tests.factories.accounts import actor_for, make_user, post
from tests.factories.events import make_registration


def _told(database: Database, user: User) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(
            sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.id)
        )
        return [wording.words(each.kind, each.facts, "zh") for each in rows]


def _enter(session: Session, cast: Cast, email: str, now: datetime, **more: str) -> Registration:
    group = more.get("group", "company")
    return services.enter(
        session, cast.event, email=email, group=group, by=cast.actor("broker"), now=now
    )


def test_somebody_is_registered_for_their_house_and_told_and_may_cancel(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, needs_approval=True)
        user = cast.people["buyer"]
        part = _enter(session, cast, f"  {user.email.upper()} ", now)
        assert (part.state, part.group.code, part.languages) == ("confirmed", "company", ["en"])
        assert (part.user_id, part.organisation_id) == (user.id, cast.firm.id)
        assert part.listings == []
        entry = session.scalars(sa.select(HistoryEntry).filter_by(chain_id=part.public_id)).one()
        assert (entry.kind, entry.actor_id) == ("enter", cast.people["broker"].id)
        key, by = part.id, actor_for(user)
    drain(database, now=now)
    told = _told(database, user)
    assert len(told) == 1
    assert "主办方替您报了名，您已获得名额" in told[0]
    with database.writing() as session:
        services.cancel(session, session.get_one(Registration, key), by=by, now=now)
        assert session.get_one(Registration, key).state == "cancelled"


def test_who_waits_is_told_their_number_and_those_before_come_first(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, capacity=1)
        register(session, cast.event, cast.people["buyer"], now=now)
        register(session, cast.event, cast.people["maker"], now=now)
        user = cast.people["nobody"]
        part = _enter(session, cast, user.email, now)
        assert (part.state, part.organisation_id) == ("waiting", None)
    drain(database, now=now)
    assert "候补第 2 位" in _told(database, user)[0]


def test_it_works_after_registration_closed_but_not_after_the_event(
    session: Session, cast: Cast, now: datetime
) -> None:
    user = cast.people["nobody"]
    make_registration(session, cast.event, user=user, state="declined")
    cast.event.registration_until = now - timedelta(days=1)
    assert _enter(session, cast, user.email, now).state == "confirmed"
    with pytest.raises(Conflict, match="already_registered"):
        _enter(session, cast, user.email, now)
    cast.event.state = "over"
    with pytest.raises(Conflict, match="event_over"):
        _enter(session, cast, user.email, now)


def test_all_who_cannot_be_registered_are_refused_alike(
    session: Session, cast: Cast, now: datetime
) -> None:
    blocked, unconfirmed = make_user(session), make_user(session)
    blocked.active, unconfirmed.confirmed_at = False, None
    session.flush()
    for email in ("nobody@example.org", blocked.email, unconfirmed.email):
        with pytest.raises(Invalid) as refused:
            _enter(session, cast, email, now)
        assert refused.value.fields == {"email": "nobody_to_register"}
        assert refused.value.facts == {}
    for email, group, fields in (
        ("", "", {"email": "required", "group": "required"}),
        ("no address", "company", {"email": "not_an_address"}),
        (cast.people["buyer"].email, "x", {"group": "unknown_code"}),
    ):
        with pytest.raises(Invalid) as refused:
            _enter(session, cast, email, now, group=group)
        assert refused.value.fields == fields
    assert session.scalar(sa.select(sa.func.count(Registration.id))) == 0


def test_only_the_organiser_may(session: Session, cast: Cast, now: datetime) -> None:
    email = cast.people["buyer"].email
    for name in ("buyer", "colleague", "stranger"):
        with pytest.raises(Forbidden):
            services.enter(
                session, cast.event, email=email, group="company", by=cast.actor(name), now=now
            )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_form_says_plainly_what_is_wrong_and_registers(
    app: Flask, settled: Cast, committed: Session, now: datetime, language: str
) -> None:
    client = browser(app, settled.people["host_editor"], language)
    place = f"/events/{settled.event.public_id}/people"
    user = settled.people["maker"]
    committed.commit()
    assert f'action="{place}/enter"' in client.get(place).text
    wrong = post(client, f"{place}/enter", email="somebody@example.org", group="researcher")
    assert wrong.status_code == 422
    assert 'id="email-error"' in wrong.text
    assert 'value="somebody@example.org"' in wrong.text
    said = "Nobody can be registered" if language == "en" else "无法用这个邮箱登记任何人"
    assert said in words(wrong)
    sent = {"email": user.email, "group": "researcher"}
    assert post(client, f"{place}/enter", **sent).status_code == 303
    part = read_anew(committed, sa.select(Registration).filter_by(user_id=user.id))
    assert (part.state, part.organisation_id) == ("confirmed", settled.university.id)
    again = post(client, f"{place}/enter", **sent)
    assert again.status_code == 409
    assert 'id="email-error"' in again.text
    own = browser(app, user, language)
    assert own.get(f"/events/{settled.event.public_id}/my-part").status_code == 200
    assert own.get(f"/events/parts/{part.public_id}/edit").status_code == 200


@pytest.mark.parametrize("capacity", [3, None])
def test_places_that_are_added_are_offered_at_once(
    database: Database, now: datetime, capacity: int | None
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, capacity=1)
        for name in ("buyer", "maker", "helper", "nobody"):
            register(session, cast.event, cast.people[name], now=now)
        key, by = cast.event.id, cast.actor("broker")
    drain(database, now=now)
    with database.writing() as session:
        event = session.get_one(Event, key)
        limits = Limits(**{name: getattr(event, name) for name in Limits.__dataclass_fields__})
        change_limits(
            session, event, replace(limits, capacity=capacity), version=event.version,
            by=by, now=now,
        )  # fmt: skip
    drain(database, now=now)
    with database.reading() as session:
        wanted = sa.select(Registration.state).where(Registration.event_id == key)
        states = session.scalars(wanted.order_by(Registration.id)).all()
    last = "offered" if capacity is None else "waiting"
    assert states == ["confirmed", "offered", "offered", last]
    assert "为您保留到" in _told(database, cast.people["maker"])[-1]
