"""What time does by itself: remind, escalate, lapse; listings that go; each once, whatever dies."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Forbidden, IllegalTransition
from tenon.history import HistoryEntry, proof
from tenon.introductions import services
from tenon.introductions.models import Introduction
from tenon.introductions.stages import patience
from tenon.introductions.states import WAITING_STATES
from tenon.listings import services as listings
from tenon.listings.queries import open_tiers
from tenon.listings.services.ending import expire_due
from tenon.notices.models import Notice
from tenon.outbox import emit
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.introductions.cast import Cast, bring_to, express, make_cast, take

DAY = timedelta(days=1)


def _nudges(session: Session) -> list[tuple[str, str]]:
    """Return (step, stage) of every reminder that was queued, in order."""
    rows = session.scalars(
        sa.select(OutboxMessage.payload)
        .where(OutboxMessage.topic == "introductions.due")
        .order_by(OutboxMessage.id)
    )
    return [(each["step"], each["stage"]) for each in rows]


@pytest.mark.parametrize("stage", patience())
def test_a_stage_reminds_escalates_and_lapses_on_its_days(
    session: Session, cast: Cast, now: datetime, stage: str
) -> None:
    it = bring_to(session, cast, stage, now=now)
    days = patience()[stage]
    for day in range(days["lapse"] + 1):
        for hour in (0, 12):
            services.work_off_due(session, now=now + timedelta(days=day, hours=hour))
        due = [step for step in ("remind", "escalate") if days[step] <= day]
        assert [step for step, of in _nudges(session) if of == stage] == due, day
        assert (it.state == "lapsed") == (day == days["lapse"])
    assert (it.live_key, it.due_at, it.due_step) == (None, None, None)


@pytest.mark.parametrize(
    ("days", "nudges", "state"),
    [
        (4, [], "asked"),
        (9, ["remind"], "asked"),
        (12, ["escalate"], "asked"),  # one word for two that fell due while the site was away
        (30, [], "lapsed"),
    ],
)
def test_a_site_that_was_away_says_one_thing(
    session: Session, cast: Cast, now: datetime, days: int, nudges: list[str], state: str
) -> None:
    it = bring_to(session, cast, "asked", now=now)
    back = now + days * DAY
    for _ in range(3):
        services.work_off_due(session, now=back)
    assert [step for step, _ in _nudges(session)] == nudges
    assert it.state == state
    if days == 12:
        assert (it.due_step, it.due_at) == ("lapse", now + patience()["asked"]["lapse"] * DAY)


def test_a_new_stage_begins_its_days_anew(session: Session, cast: Cast, now: datetime) -> None:
    it = bring_to(session, cast, "asked", now=now)
    later = now + 9 * DAY
    services.work_off_due(session, now=later)
    take(session, it, "ask_back", by=cast.actor("to_editor"), now=later)
    services.work_off_due(session, now=now + 13 * DAY)
    assert _nudges(session) == [("remind", "asked")]
    services.work_off_due(session, now=later + 5 * DAY)
    assert _nudges(session) == [("remind", "asked"), ("remind", "asked_back")]


@pytest.mark.parametrize("step", ["accept", "decline", "ask_back", "withdraw"])
def test_an_answer_after_lapse_is_too_late(
    session: Session, cast: Cast, now: datetime, step: str
) -> None:
    it = bring_to(session, cast, "asked", now=now)
    later = now + 22 * DAY
    services.work_off_due(session, now=later)
    role = "from_editor" if step == "withdraw" else "to_editor"
    with pytest.raises(IllegalTransition) as caught:
        take(session, it, step, by=cast.actor(role), now=later)
    assert caught.value.facts["state"] == "lapsed"
    express(session, cast, now=later)  # the pair is free to begin again


def test_an_answer_in_time_is_good_though_nobody_swept(
    session: Session, cast: Cast, now: datetime
) -> None:
    """Overdue, and not lapsed yet: who answers is not punished for the site's delay."""
    it = bring_to(session, cast, "asked", now=now)
    take(session, it, "accept", by=cast.actor("to_editor"), now=now + 22 * DAY)
    services.work_off_due(session, now=now + 22 * DAY)
    assert it.state == "nda"


def _many(session: Session, cast: Cast, count: int, now: datetime) -> None:
    """Insert requests that wait for an answer since ``now``, of the firm to the university."""
    session.flush()
    row = {
        "state": "asked",
        "listing_id": cast.result.id,
        "from_organisation_id": cast.firm.id,
        "to_organisation_id": cast.university.id,
        "broker_id": cast.people["broker"].id,
        "interest": "x",
        "stage_since": now,
        "passed_on_at": now,
        "due_step": "remind",
        "due_at": now + 5 * DAY,
        "created_at": now,
    }
    session.execute(
        sa.insert(Introduction), [row | {"live_key": f"many:{number}"} for number in range(count)]
    )


def _reminded(session: Session) -> Counter[str]:
    return Counter(
        session.scalars(
            sa.select(HistoryEntry.chain_id).where(
                HistoryEntry.chain_kind == "introduction", HistoryEntry.kind == "remind"
            )
        )
    )


def test_many_due_at_once_go_in_slices_and_each_once_though_it_dies_between(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 40
    for module in ("services.ending", "tasks"):
        monkeypatch.setattr(f"tenon.introductions.{module}.AT_A_TIME", size)
    with database.writing() as session:
        _many(session, make_cast(session), 3 * size + 7, now)
    later = now + 6 * DAY
    with database.writer() as session:  # killed after the work, before its commit
        assert services.work_off_due(session, now=later) == size
        session.rollback()
    with database.writing() as session:  # killed after the first slice
        assert services.work_off_due(session, now=later) == size
    with database.writing() as session:
        emit(session, "introductions.work_off", {}, now=later)
    drain(database, now=later)
    with database.reading() as session:
        assert set(_reminded(session).values()) == {1}
        assert len(_reminded(session)) == 3 * size + 7
        open_messages = sa.and_(
            OutboxMessage.done_at.is_(None), OutboxMessage.topic.startswith("introduction")
        )
        assert session.scalars(sa.select(OutboxMessage.topic).where(open_messages)).all() == []
        told = Counter(session.scalars(sa.select(Notice.kind)))
        assert told == {"introduction_remind": 3 * size + 7}
        assert list(proof.verify(session)) == []


def test_two_sweeps_at_once_remind_nobody_twice(database: Database, now: datetime) -> None:
    with database.writing() as session:
        _many(session, make_cast(session), 60, now)

    def sweep(_: int) -> None:
        with database.writing() as session:
            services.work_off_due(session, now=now + 6 * DAY)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(sweep, range(3)))
    with database.reading() as session:
        assert (len(_reminded(session)), set(_reminded(session).values())) == (60, {1})


@pytest.mark.parametrize("state", [*WAITING_STATES, "nda", "connected"])
@pytest.mark.parametrize("gone", ["withdraw", "conclude", "expire"])
def test_a_listing_that_goes_voids_what_waits_and_leaves_what_is_open(
    database: Database, now: datetime, state: str, gone: str
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        key = bring_to(session, cast, state, now=now).id
        other = express(session, cast, own_listing=None, now=now).id
    later = now + DAY
    with database.writing() as session:
        listing = session.get_one(type(cast.need), cast.need.id)
        if gone == "expire":
            listing.expires_at = later
            expire_due(session, now=later)
        else:
            getattr(listings, gone)(session, listing, by=cast.actor("from_editor"), now=later)
    drain(database, now=later)
    with database.reading() as session:
        it = session.get_one(Introduction, key)
        assert it.state == ("void" if state in WAITING_STATES else state)
        assert session.get_one(Introduction, other).state == "checking"  # about the result alone
        if state == "connected":
            reader = cast.actor("from_editor")
            assert open_tiers(session, it.listing, to=reader, now=later)[-1] == "nda"
        kinds = Counter(session.scalars(sa.select(Notice.kind)))
        assert kinds["introduction_void"] == (
            {"proposed": 2, "checking": 2, "returned": 2, "asked": 3, "asked_back": 3}.get(state, 0)
        )


@pytest.mark.parametrize("which", ["need", "result"])
def test_before_the_message_arrives_a_gone_listing_stops_each_step(
    session: Session, cast: Cast, now: datetime, which: str
) -> None:
    checking = express(session, cast, now=now)
    getattr(cast, which).state = "concluded"
    with pytest.raises(Conflict) as caught:
        take(session, checking, "pass_on", by=cast.actor("broker"), now=now)
    assert caught.value.code == "not_public"
    getattr(cast, which).state = "published"
    take(session, checking, "pass_on", by=cast.actor("broker"), now=now)
    getattr(cast, which).expires_at = now
    with pytest.raises(Conflict) as caught:
        take(session, checking, "accept", by=cast.actor("to_editor"), now=now)
    assert caught.value.code == "not_public"
    assert checking.state == "asked"


def test_a_suspended_organisation_gets_no_further(
    session: Session, cast: Cast, now: datetime
) -> None:
    it = express(session, cast, own_listing=None, now=now)
    cast.firm.state = "suspended"
    with pytest.raises(Forbidden) as caught:
        take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    assert caught.value.code == "organisation_not_approved"
