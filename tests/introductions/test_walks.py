"""Random walks of steps by random people, and time that passes, keep what must always hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.errors import Conflict, DomainError
from tenon.history import HistoryEntry, proof
from tenon.introductions import services
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.introductions.stages import patience
from tenon.introductions.states import LIVE_STATES, OPEN_STATES
from tenon.listings.models import ListingGrant
from tenon.outbox.models import OutboxMessage
from tests.introductions.cast import ROLES, Cast, express, propose, take

STEPS = (
    "express",
    "turn_down",
    "give_back",
    "pass_on",
    "refuse",
    "ask_back",
    "reply",
    "decline",
    "accept",
    "demand_nda",
    "agree",
    "withdraw",
    "end",
)
WALKERS = [role for role in ROLES if role not in ("visitor", "nobody", "stranger")]
# What moves it on comes more often than chance would have it, so that walks get somewhere.
FORWARD = (
    ("express", "from_editor"),
    ("pass_on", "broker"),
    ("ask_back", "to_editor"),
    ("reply", "from_editor"),
    ("accept", "to_editor"),
    ("agree", "from_editor"),
    ("agree", "to_editor"),
)
moves = st.one_of(
    st.sampled_from(FORWARD),
    st.sampled_from(FORWARD),
    st.tuples(st.sampled_from(STEPS), st.sampled_from(WALKERS)),
    st.tuples(st.just("days"), st.integers(1, 31)),
)
walks = st.tuples(st.booleans(), st.booleans(), st.lists(moves, min_size=3, max_size=14))


def _open_grants(session: Session, it: Introduction, now: datetime) -> set[tuple[int, int, str]]:
    rows = session.execute(
        sa.select(ListingGrant.listing_id, ListingGrant.organisation_id, ListingGrant.tier).where(
            ListingGrant.origin_kind == "introduction",
            ListingGrant.origin_id == it.id,
            sa.or_(ListingGrant.ends_at.is_(None), ListingGrant.ends_at > now),
        )
    ).all()
    found = {(listing, house, tier) for listing, house, tier in rows}
    assert len(found) == len(rows)
    return found


def _due_grants(session: Session, it: Introduction) -> set[tuple[int, int, str]]:
    tiers = []
    if it.state in OPEN_STATES:
        tiers.append("introduction")
        nda = session.scalars(sa.select(IntroductionNda).filter_by(introduction_id=it.id)).first()
        if nda is not None and nda.agreed_at is not None:
            tiers.append("nda")
    sides = [(it.listing_id, it.from_organisation_id)]
    if it.own_listing_id is not None:
        sides.append((it.own_listing_id, it.to_organisation_id))
    return {(listing, house, tier) for listing, house in sides for tier in tiers}


def _holds(session: Session, cast: Cast, it: Introduction, now: datetime) -> None:
    session.flush()
    session.expire(it)
    assert (it.live_key is not None) == (it.state in LIVE_STATES)
    consents = (it.from_consented_at, it.to_consented_at)
    assert (it.opened_at is not None) == (None not in consents)
    assert it.state not in OPEN_STATES or it.opened_at is not None
    assert (it.state in patience()) == (it.due_at is not None)
    if it.due_at is not None and it.due_step is not None:
        assert it.due_at == it.stage_since + timedelta(days=patience()[it.state][it.due_step])
        assert it.due_at > now
    assert _open_grants(session, it, now) == _due_grants(session, it)
    chain = session.scalars(
        sa.select(HistoryEntry).filter_by(chain_id=it.public_id).order_by(HistoryEntry.sequence)
    ).all()
    moved = [each.facts["to"] for each in chain if "to" in each.facts]
    assert moved[-1] == it.state
    messages = sa.select(sa.func.count(OutboxMessage.id)).where(
        OutboxMessage.topic == "introduction.moved"
    )
    assert len(moved) == session.scalar(messages) == it.version


def _walk(
    session: Session,
    cast: Cast,
    now: datetime,
    *,
    proposed: bool,
    paired: bool,
    steps: list[tuple[str, Any]],
) -> None:
    own = cast.need if paired else None
    start = propose if proposed else express
    it = start(session, cast, own_listing=own, now=now)
    for step, by in steps:
        if step == "days":
            now += timedelta(days=by)
            services.work_off_due(session, now=now)
        else:
            nested = session.begin_nested()
            try:
                take(session, it, step, by=cast.actor(by), now=now)
                nested.commit()
            except DomainError:
                nested.rollback()
                session.expire(it)
        _holds(session, cast, it, now)
    if it.state in LIVE_STATES and paired:
        with pytest.raises(Conflict) as caught:
            express(
                session,
                cast,
                listing=cast.need,
                own_listing=cast.result,
                organisation_id=cast.university.id,
                by=cast.actor("to_editor"),
                now=now,
            )
        assert caught.value.code == "already_introduced"
    assert list(proof.verify(session)) == []


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(walk=walks)
def test_walks_keep_what_must_hold(
    session: Session, cast: Cast, now: datetime, walk: tuple[bool, bool, list[tuple[str, Any]]]
) -> None:
    proposed, paired, steps = walk
    session.flush()
    example = session.begin_nested()
    try:
        _walk(session, cast, now, proposed=proposed, paired=paired, steps=steps)
    finally:
        example.rollback()
        session.expire_all()


def test_days_are_in_order_and_every_live_stage_that_waits_has_them() -> None:
    assert set(patience()) == set(LIVE_STATES) - {"connected"}
    for days in patience().values():
        assert list(days) == ["remind", "escalate", "lapse"]
        assert list(days.values()) == sorted(set(days.values()))
