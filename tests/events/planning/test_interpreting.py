"""Interpreters are entered, changed and taken out, unless a meeting needs them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import (
    DraftMeeting,
    Event,
    EventInterpreter,
    Meeting,
    TimetableDraft,
)
from tenon.events.planning import services
from tenon.events.planning.queries import history_of
from tenon.events.planning.services import InterpreterRow
from tenon.events.queries import interpreters_of, slots_of
from tests.events.planning.browsing import browser, words
from tests.events.planning.scenes import Cast, announced, begun, broker, outline
from tests.factories.accounts import actor_for, post
from tests.factories.events import make_meeting, make_registration


def _change(session: Session, event: Event, cast: Cast, now: datetime, *rows: Any) -> None:
    services.change_interpreters(
        session, event, rows, version=event.version, by=broker(cast), now=now
    )


def _one(session: Session, event: Event, **columns: Any) -> EventInterpreter:
    values = {"name": "示例译员", "languages": ["zh", "en"], "closed": []} | columns
    made = EventInterpreter(event_id=event.id, **values)
    session.add(made)
    session.flush()
    return made


def _meeting(session: Session, event: Event, number: int, **columns: Any) -> Meeting:
    first = make_registration(session, event, group="researcher")
    second = make_registration(session, event, group="company")
    first.user.name, second.user.name = "示例甲", "示例乙"  # type: ignore[union-attr]  # made just now
    return make_meeting(session, first, second, slots_of(session, event)[number], **columns)


def test_several_are_entered_changed_and_taken_out(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    version = event.version
    _change(
        session,
        event,
        cast,
        now,
        InterpreterRow(None, "译员甲", ("en", "zh"), "1-3, 5；7"),
        InterpreterRow(None, "译员乙", ("zh", "fr", "de")),
    )
    first, second = interpreters_of(session, event)
    assert (first.name, first.languages, first.closed) == ("译员甲", ["zh", "en"], [0, 1, 2, 4, 6])
    assert (second.languages, second.closed) == (["zh", "fr", "de"], [])
    _change(
        session,
        event,
        cast,
        now,
        InterpreterRow(first.id, "", gone=True),
        InterpreterRow(second.id, "译员丙", ("zh", "ja"), "2 - 3"),
    )
    left = interpreters_of(session, event)
    assert [(one.id, one.name, one.languages, one.closed) for one in left] == [
        (second.id, "译员丙", ["zh", "ja"], [1, 2])
    ]
    assert event.version == version + 2
    kinds = [each.kind for each in history_of(session, event)]
    assert kinds.count("change_interpreters") == 2


@pytest.mark.parametrize(
    ("row", "part", "code"),
    [
        (InterpreterRow(None, "", ("zh", "en")), "name", "required"),
        (InterpreterRow(None, "名" * 81, ("zh", "en")), "name", "too_long"),
        (InterpreterRow(999_999, "译员", ("zh", "en")), "name", "gone_meanwhile"),
        (InterpreterRow(None, "译员", ("zh",)), "languages", "two_languages"),
        (InterpreterRow(None, "译员", ("zh", "xx")), "languages", "unknown_code"),
        (InterpreterRow(None, "译员", ("zh", "en"), "0-2"), "closed", "not_slots"),
        (InterpreterRow(None, "译员", ("zh", "en"), "3-2"), "closed", "not_slots"),
        (InterpreterRow(None, "译员", ("zh", "en"), "1, 999"), "closed", "not_slots"),
        (InterpreterRow(None, "译员", ("zh", "en"), "上午"), "closed", "not_slots"),
    ],
)
def test_what_cannot_be_is_refused_where_it_stands(
    session: Session, cast: Cast, now: datetime, row: InterpreterRow, part: str, code: str
) -> None:
    event = begun(session, cast, now)
    good = InterpreterRow(None, "译员", ("zh", "en"))
    with pytest.raises(Invalid) as refused:
        _change(session, event, cast, now, good, row)
    assert refused.value.fields == {f"interpreters-1-{part}": code}


def test_another_events_interpreter_is_none_of_this_one(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, other = begun(session, cast, now), begun(session, cast, now)
    theirs = _one(session, other)
    with pytest.raises(Invalid):
        _change(session, event, cast, now, InterpreterRow(theirs.id, "x", ("zh", "en")))
    _change(session, event, cast, now, InterpreterRow(theirs.id, "", gone=True))
    assert [one.id for one in interpreters_of(session, other)] == [theirs.id]


def test_one_who_is_planned_stays_and_the_page_says_for_what(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    one = _one(session, event)
    meeting = _meeting(session, event, 2, interpreter_id=one.id)
    with pytest.raises(Invalid) as refused:
        _change(session, event, cast, now, InterpreterRow(one.id, "", gone=True))
    assert refused.value.fields == {"interpreters-0-name": "interprets_then"}
    assert str(refused.value.facts["names"]).startswith("示例译员: 3 (示例")
    away = InterpreterRow(one.id, "示例译员", ("zh", "en"), "2-4")
    with pytest.raises(Invalid) as refused:
        _change(session, event, cast, now, away)
    assert refused.value.fields == {"interpreters-0-closed": "interprets_then"}
    _change(session, event, cast, now, InterpreterRow(one.id, "示例译员", ("zh", "en"), "1-2"))
    meeting.state, meeting.live_pair, meeting.called_off_reason = "called_off", None, "other"
    session.flush()
    _change(session, event, cast, now, InterpreterRow(one.id, "", gone=True))
    session.refresh(meeting)
    assert (meeting.interpreter_id, list(interpreters_of(session, event))) == (None, [])


@pytest.mark.parametrize("state", ["ready", "running"])
def test_a_draft_does_without_one_who_goes_unless_it_is_being_made(
    session: Session, cast: Cast, now: datetime, state: str
) -> None:
    event = announced(session, cast, now)
    one = _one(session, event)
    draft = TimetableDraft(event_id=event.id, number=1, state=state, created_at=now)
    session.add(draft)
    session.flush()
    a, b = sorted(make_registration(session, event, group=g).id for g in ("researcher", "company"))
    placed = DraftMeeting(
        timetable_id=draft.id,
        slot_id=slots_of(session, event)[0].id,
        a_id=a,
        b_id=b,
        interpreter_id=one.id,
    )
    session.add(placed)
    session.flush()
    gone = InterpreterRow(one.id, "", gone=True)
    if state == "running":
        with pytest.raises(Invalid) as refused:
            _change(session, event, cast, now, gone)
        assert refused.value.fields == {"interpreters-0-name": "being_made"}
        return
    _change(session, event, cast, now, gone)
    session.refresh(placed)
    assert placed.interpreter_id is None


def test_who_saves_second_is_told_and_strangers_are_refused(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    rows = [InterpreterRow(None, "译员", ("zh", "en"))]
    seen = event.version
    _change(session, event, cast, now, *rows)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        services.change_interpreters(session, event, rows, version=seen, by=broker(cast), now=now)
    with pytest.raises(Forbidden):
        services.change_interpreters(
            session, event, rows, version=event.version, by=actor_for(cast.stranger), now=now
        )


def test_a_copy_brings_them_along(session: Session, cast: Cast, now: datetime) -> None:
    source = begun(session, cast, now)
    _one(session, source, languages=["zh", "ru"], closed=[0, 1])
    copy = services.copy_event(session, source, outline(cast.host), by=broker(cast), now=now)
    found = [(one.name, one.languages, one.closed) for one in interpreters_of(session, copy)]
    assert found == [("示例译员", ["zh", "ru"], [])]


def test_the_page_keeps_what_was_typed_and_saves(
    app: Flask, database: Database, committed: Session, settled: Cast, event: Event
) -> None:
    client = browser(app, settled.editor)
    place = f"/events/{event.public_id}/set-up/interpreters"
    sent = {
        "interpreters-0-name": "",
        "interpreters-1-name": "译员甲",
        "interpreters-1-languages": ["zh", "ko"],
        "interpreters-1-closed": "nine",
        "interpreters-2-name": "译员乙",
        "interpreters-2-languages": ["zh"],
    }
    wrong = post(client, place, version="1", **sent)
    assert wrong.status_code == 422
    assert 'id="interpreters-1-closed-error"' in wrong.text
    assert 'id="interpreters-2-languages-error"' in wrong.text
    assert 'value="nine"' in wrong.text
    assert "Tick at least two languages" in words(wrong)
    assert "Please look at these again" in wrong.text
    assert "Somebody else changed" not in wrong.text
    sent |= {"interpreters-1-closed": "2-3", "interpreters-2-languages": ["zh", "es"]}
    assert post(client, place, version="1", **sent).status_code == 303
    late = post(client, place, version="1", **sent)
    assert (late.status_code, "译员甲" in late.text) == (409, True)
    assert "Somebody else changed" in late.text
    with database.reading() as session:
        first, second = interpreters_of(session, event)
    shown = words(client.get(place))
    assert 'value="2, 3"' in shown
    out = {
        "interpreters-0-key": str(first.id),
        "interpreters-0-name": "译员甲",
        "interpreters-0-languages": ["zh", "ko"],
        "interpreters-0-gone": "y",
        "interpreters-1-key": str(second.id),
        "interpreters-1-name": "",
    }
    _meeting(committed, event, 4, interpreter_id=first.id)
    committed.commit()
    kept = post(client, place, version="2", **out)
    assert kept.status_code == 422
    assert 'id="interpreters-0-name-error"' in kept.text
    assert "They interpret then, by slot: 译员甲: 5 (" in words(kept)
    del out["interpreters-0-gone"]
    assert post(client, place, version="2", **out).status_code == 303
    with database.reading() as session:
        assert [one.id for one in interpreters_of(session, event)] == [first.id]
