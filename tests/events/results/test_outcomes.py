"""What came of a meeting: each side says it, may change it, and reads its own word only."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Meeting, Outcome
from tenon.events.results.services.recording import Said, record_outcome
from tenon.matches.models import MatchOutcome
from tests.conftest import NOW
from tests.events.results.cast import Cast, make_cast, say
from tests.events.results.conftest import Browse
from tests.factories import events
from tests.factories.accounts import post


def _words(session: Session) -> list[tuple[str, int]]:
    rows = session.execute(sa.select(Outcome.outcome, Outcome.rating).order_by(Outcome.id))
    return [(row.outcome, row.rating) for row in rows]


def _say(session: Session, cast: Cast, role: str, **said: object) -> Outcome:
    whole = {"outcome": "follow_up", "rating": 4} | said
    return record_outcome(
        session,
        cast.meeting,
        Said(**whole),  # type: ignore[arg-type]  # the test's own words
        by=cast.actor(role),
        now=NOW,
    )


def test_meeting_is_held_once_both_sides_have_said_something(session: Session, cast: Cast) -> None:
    _say(session, cast, "researcher")
    assert cast.meeting.state == "planned"
    _say(session, cast, "company", outcome="nothing", rating=2)
    assert cast.meeting.state == "held"
    assert _words(session) == [("follow_up", 4), ("nothing", 2)]


def test_a_no_show_that_both_sides_deny_was_held(session: Session, cast: Cast) -> None:
    cast.meeting.state, cast.meeting.missed_by = "no_show", "b"
    session.flush()
    _say(session, cast, "researcher")
    assert cast.meeting.state == "no_show"
    _say(session, cast, "company")
    session.refresh(cast.meeting)
    assert [cast.meeting.state, cast.meeting.missed_by] == ["held", None]


def test_author_changes_a_word_and_the_same_again_changes_nothing(
    session: Session, cast: Cast
) -> None:
    first = _say(session, cast, "researcher", client_key="one")
    again = _say(session, cast, "researcher", client_key="one")
    assert first.id == again.id
    _say(session, cast, "researcher", outcome="nda", rating=5, client_key="two")
    assert _words(session) == [("nda", 5)]


def test_what_comes_late_from_a_phone_does_not_overwrite_a_later_word(
    session: Session, cast: Cast
) -> None:
    _say(session, cast, "researcher", outcome="nda", at=NOW - timedelta(minutes=5))
    _say(session, cast, "researcher", outcome="nothing", at=NOW - timedelta(hours=3))
    assert _words(session) == [("nda", 4)]
    _say(session, cast, "researcher", outcome="contract", at=NOW + timedelta(days=9))
    kept = session.scalars(sa.select(Outcome)).one()
    assert (kept.outcome, kept.changed_at) == ("contract", NOW)


def test_a_key_of_another_meeting_is_refused(session: Session, cast: Cast) -> None:
    slot = events.slots(session, cast.event)[1]
    other = events.make_meeting(session, cast.here, cast.rival, slot)
    say(session, other, cast.here, client_key="taken")
    with pytest.raises(Conflict):
        _say(session, cast, "researcher", client_key="taken")


@pytest.mark.parametrize("role", ["rival", "colleague", "host", "broker", "operator", "stranger"])
def test_nobody_speaks_for_the_two_who_met(session: Session, cast: Cast, role: str) -> None:
    with pytest.raises(Forbidden):
        _say(session, cast, role)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "marriage"}, "outcome"),
        ({"rating": None}, "rating"),
        ({"rating": 6}, "rating"),
        ({"remark": "x" * 501}, "remark"),
    ],
)
def test_bad_words_come_back_at_their_field(
    session: Session, cast: Cast, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        _say(session, cast, "researcher", **said)
    assert set(raised.value.fields) == {field}


def test_not_before_the_meeting_and_not_where_it_was_called_off(session: Session) -> None:
    cast = make_cast(session, start=NOW + timedelta(hours=1), state="open")
    with pytest.raises(Conflict, match="not_begun"):
        _say(session, cast, "researcher")
    past = make_cast(session)
    past.meeting.state, past.meeting.live_pair = "called_off", None
    past.meeting.called_off_reason = "other"
    session.flush()
    with pytest.raises(Conflict, match="called_off"):
        _say(session, past, "researcher")


def test_ranking_learns_once_that_the_pair_met(session: Session, cast: Cast) -> None:
    _say(session, cast, "company", outcome="nothing")
    assert session.scalars(sa.select(MatchOutcome)).all() == []
    _say(session, cast, "researcher", outcome="follow_up")
    _say(session, cast, "researcher", outcome="contract")
    learned = session.scalars(sa.select(MatchOutcome)).one()
    assert (learned.kind, learned.origin_kind, learned.origin_id) == (
        "met",
        "meeting",
        cast.meeting.id,
    )
    assert (learned.need_id, learned.achievement_id) == (cast.need.id, cast.result.id)


def test_both_sides_at_once_hold_the_meeting(database: Database) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        key = cast.meeting.id
        actors = [cast.actor("researcher"), cast.actor("company")]
    barrier = threading.Barrier(2)

    def act(place: int) -> None:
        barrier.wait(timeout=30)
        with database.writing() as session:
            meeting = session.get_one(Meeting, key)
            said = Said(outcome="follow_up", rating=4)
            record_outcome(session, meeting, said, by=actors[place], now=NOW)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, range(2)))
    with database.reading() as session:
        assert session.get_one(Meeting, key).state == "held"
        assert len(_words(session)) == 2


def test_page_takes_an_outcome_and_keeps_the_other_sides_from_view(
    browse: Browse, settled: Cast, committed: Session
) -> None:
    say(committed, settled.meeting, settled.there, "nda", 5, remark="Their secret remark")
    committed.commit()
    place = f"/events/meetings/{settled.meeting.public_id}/outcome"
    mine = f"/events/{settled.event.public_id}/outcomes"
    here = browse("researcher")
    assert "Company · Sample Works" in here.get(mine).text
    show = f"/events/{settled.event.public_id}"
    assert "1 meeting waits for your answer." in here.get(show).text
    assert "waits for your answer" not in browse("rival").get(show).text
    assert post(here, place, outcome="follow_up", rating="4").status_code == 303
    for page in (here.get(place).text, here.get(mine).text):
        assert "We go on talking" in page
        assert "Their secret remark" not in page
        assert "5 of 5 stars" not in page
    organiser = browse("broker").get(place).text
    assert "Their secret remark" in organiser
    assert "4 of 5 stars" in organiser
    assert "洽谈结果" in browse("researcher", "zh").get(mine).text


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("stranger", 404, 404),
        ("rival", 404, 404),
        ("colleague", 200, 403),
        ("broker", 200, 403),
        ("host", 200, 403),
        ("operator", 200, 403),
        ("visitor", 302, 302),
    ],
)
def test_who_may_open_and_write_an_outcome(
    browse: Browse, settled: Cast, role: str, reads: int, writes: int
) -> None:
    place = f"/events/meetings/{settled.meeting.public_id}/outcome"
    client = browse(role)
    assert client.get(place).status_code == reads
    assert post(client, place, outcome="nda", rating="4").status_code == writes


def test_form_comes_back_with_what_was_typed(browse: Browse, settled: Cast) -> None:
    place = f"/events/meetings/{settled.meeting.public_id}/outcome"
    answer = post(browse("researcher"), place, outcome="nda", remark="Typed with care")
    assert answer.status_code == 422
    assert "Typed with care" in answer.text
    assert "Please fill this in." in answer.text


def test_a_device_gets_no_page(browse: Browse, settled: Cast) -> None:
    place = f"/events/meetings/{settled.meeting.public_id}/outcome"
    client = browse("researcher")
    fields = {"outcome": "nda", "rating": "4", "client_key": "k1", "at": "2026-11-22T07:00:00Z"}
    from tests.factories.accounts import csrf_token

    for _ in range(2):
        answer = client.post(
            place,
            data={"csrf_token": csrf_token(client), **fields},
            headers={"Accept": "application/json"},
        )
        assert (answer.status_code, answer.data) == (204, b"")
