"""Checking in: once, whoever says so; what devices hold, until when, and what they send later."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.events.hall import devices
from tenon.events.hall.arriving import Seen, check_in, check_in_part, undo
from tenon.events.models import CheckIn, Device
from tenon.history import HistoryEntry
from tests.events.hall.cast import Cast
from tests.factories import events


def _arrivals(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count(CheckIn.id))) or 0


def test_a_code_checks_in_once(session: Session, cast: Cast, now: datetime) -> None:
    boss, code = cast.actor("boss"), cast.parts["lan"].code
    first = check_in(session, cast.event, Seen(code, "typed", now, "k1"), by=boss, now=now)
    again = check_in(session, cast.event, Seen(code, "typed", now, "k1"), by=boss, now=now)
    later = now + timedelta(minutes=3)
    other = check_in(session, cast.event, Seen(code, "scanner", later, "k2"), by=boss, now=later)
    assert [first.result, again.result, other.result] == ["arrived", "repeated", "already"]
    assert other.check_in is not None
    assert other.check_in.at == now
    assert _arrivals(session) == 1


def test_a_code_is_read_however_it_is_typed(session: Session, cast: Cast, now: datetime) -> None:
    code = cast.parts["lan"].code
    typed = f" {code[:4].upper()}-{code[4:]} "
    found = check_in(session, cast.event, Seen(typed, "typed", now), by=cast.actor("boss"), now=now)
    assert (found.result, found.part) == ("arrived", cast.parts["lan"])


def test_what_cannot_be_checked_in_is_said(session: Session, cast: Cast, now: datetime) -> None:
    boss = cast.actor("boss")
    waiting = events.make_registration(session, cast.event, state="waiting")
    elsewhere = events.make_registration(session, events.make_event(session))
    for code, result in (
        ("nonsense", "unknown"),
        ("", "unknown"),
        ("x" * 99, "unknown"),
        (waiting.code, "not_confirmed"),
        (elsewhere.code, "other_event"),
    ):
        found = check_in(session, cast.event, Seen(code, "typed", now), by=boss, now=now)
        assert found.result == result
        assert not found.in_hall
    assert _arrivals(session) == 0


def test_only_the_organiser_checks_in(session: Session, cast: Cast, now: datetime) -> None:
    for role in ("lan", "colleague", "stranger"):
        with pytest.raises(Forbidden):
            check_in(
                session,
                cast.event,
                Seen(cast.parts["lan"].code, "typed", now),
                by=cast.actor(role),
                now=now,
            )


def test_nobody_is_checked_in_at_an_event_called_off(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.event.state = "called_off"
    with pytest.raises(Conflict):
        check_in_part(session, cast.event, cast.parts["lan"], by=cast.actor("boss"), now=now)


def test_a_mistake_is_taken_back_and_kept_in_the_history(
    session: Session, cast: Cast, now: datetime
) -> None:
    boss, lan = cast.actor("boss"), cast.parts["lan"]
    check_in_part(session, cast.event, lan, by=boss, now=now)
    undo(session, cast.event, lan, by=boss, now=now)
    undo(session, cast.event, lan, by=boss, now=now)
    assert _arrivals(session) == 0
    assert check_in_part(session, cast.event, lan, by=boss, now=now).result == "arrived"
    said = session.scalars(
        sa.select(HistoryEntry.kind)
        .where(HistoryEntry.chain_id == lan.public_id)
        .order_by(HistoryEntry.sequence)
    )
    assert list(said) == ["checked_in", "check_in_undone", "checked_in"]


def test_a_clock_that_is_wrong_does_not_write_the_future(
    session: Session, cast: Cast, now: datetime
) -> None:
    boss = cast.actor("boss")
    found = check_in(
        session,
        cast.event,
        Seen(cast.parts["lan"].code, "camera", now + timedelta(days=3)),
        by=boss,
        now=now,
    )
    assert found.check_in is not None
    assert found.check_in.at == now


def _device(session: Session, cast: Cast, now: datetime) -> Device:
    return devices.register(session, cast.event, name="Entrance", by=cast.actor("boss"), now=now)


def test_a_device_holds_names_and_codes_of_the_confirmed(
    session: Session, cast: Cast, now: datetime
) -> None:
    events.make_registration(session, cast.event, state="waiting")
    found = devices.roster(session, _device(session, cast, now), now=now)
    assert {each.code for each in found} == {part.code for part in cast.parts.values()}
    assert {each.name for each in found} == {"Lan", "Wu", "Chen", "Zhao"}


def test_a_device_syncs_what_it_noted_and_is_told_of_the_others(
    session: Session, cast: Cast, now: datetime
) -> None:
    boss = cast.actor("boss")
    one, other = _device(session, cast, now), _device(session, cast, now)
    noted = [
        Seen(cast.parts["lan"].code, "camera", now, "a1"),
        Seen(cast.parts["wu"].code, "typed", now + timedelta(minutes=1), "a2"),
    ]
    later = now + timedelta(minutes=30)
    assert [each.result for each in devices.sync(session, one, noted, by=boss, now=later)] == [
        "arrived",
        "arrived",
    ]
    assert [each.result for each in devices.sync(session, one, noted, by=boss, now=later)] == [
        "repeated",
        "repeated",
    ]
    theirs = [Seen(cast.parts["wu"].code, "typed", now, "b1"), Seen("nobody", "typed", now, "b2")]
    assert [each.result for each in devices.sync(session, other, theirs, by=boss, now=later)] == [
        "already",
        "unknown",
    ]
    kept = session.scalars(sa.select(CheckIn).order_by(CheckIn.id)).all()
    assert [each.device_id for each in kept] == [one.id, one.id]
    assert [each.at for each in kept] == [now, now + timedelta(minutes=1)]
    assert {each.received_at for each in kept} == {later}
    assert one.synced_at == later
    news = [each for each in devices.arrived(session, cast.event) if each[0] > kept[0].id]
    assert [code for _key, code, _at in news] == [cast.parts["wu"].code]


def test_a_list_expires_and_what_was_noted_after_is_refused(
    session: Session, cast: Cast, now: datetime
) -> None:
    device, boss = _device(session, cast, now), cast.actor("boss")
    assert device.roster_until <= now + devices.HELD
    late = device.roster_until + timedelta(minutes=5)
    with pytest.raises(Conflict, match="roster_expired"):
        devices.roster(session, device, now=late)
    before, after = (
        Seen(cast.parts[name].code, "typed", at, name)
        for name, at in (("lan", now), ("wu", late - timedelta(minutes=1)))
    )
    results = devices.sync(session, device, [before, after], by=boss, now=late)
    assert [each.result for each in results] == ["arrived", "expired"]
    assert _arrivals(session) == 1


def test_a_list_can_be_renewed_until_the_event_is_over(
    session: Session, cast: Cast, now: datetime
) -> None:
    device, boss = _device(session, cast, now), cast.actor("boss")
    assert device.roster_until == cast.event.ends_at + devices.AFTER
    device.roster_until = now - timedelta(minutes=1)
    devices.renew(session, device, by=boss, now=now)
    assert devices.roster(session, device, now=now)
    over = cast.event.ends_at + devices.AFTER
    with pytest.raises(Conflict):
        devices.renew(session, device, by=boss, now=over)
    with pytest.raises(Conflict):
        devices.register(session, cast.event, name="Late", by=boss, now=over)


def test_a_withdrawn_device_gets_and_gives_nothing(
    session: Session, cast: Cast, now: datetime
) -> None:
    device, boss = _device(session, cast, now), cast.actor("boss")
    devices.withdraw(session, device, by=boss, now=now)
    devices.withdraw(session, device, by=boss, now=now + timedelta(minutes=1))
    assert device.withdrawn_at == now
    noted = [Seen(cast.parts["lan"].code, "typed", now, "k")]
    with pytest.raises(Conflict, match="device_withdrawn"):
        devices.roster(session, device, now=now)
    with pytest.raises(Conflict, match="device_withdrawn"):
        devices.sync(session, device, noted, by=boss, now=now)
    with pytest.raises(Conflict, match="device_withdrawn"):
        devices.renew(session, device, by=boss, now=now)
    assert _arrivals(session) == 0


def test_devices_are_the_organisers(session: Session, cast: Cast, now: datetime) -> None:
    device = _device(session, cast, now)
    assert devices.find(session, device.public_id, by=cast.actor("boss")) is device
    for role in ("lan", "colleague", "stranger"):
        with pytest.raises(NotFound):
            devices.find(session, device.public_id, by=cast.actor(role))
        with pytest.raises(Forbidden):
            devices.register(session, cast.event, name="Mine", by=cast.actor(role), now=now)


def test_a_device_needs_a_name_and_sends_no_heap(
    session: Session, cast: Cast, now: datetime
) -> None:
    boss = cast.actor("boss")
    with pytest.raises(Invalid):
        devices.register(session, cast.event, name="  ", by=boss, now=now)
    heap = [Seen("x", "typed", now, str(place)) for place in range(devices.AT_ONCE + 1)]
    with pytest.raises(Invalid):
        devices.sync(session, _device(session, cast, now), heap, by=boss, now=now)
