"""When a firm has its answer, when a case is over, and what opens it anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings import services as listings
from tenon.listings import tasks
from tenon.listings.states import LISTING
from tenon.notices.models import Notice
from tenon.outbox import OutboxMessage
from tenon.routing import queries, services
from tenon.routing.models import NeedCase
from tests.factories.introductions import make_introduction
from tests.factories.listings import NOW, make_achievement
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    kinds,
    make_firm,
    make_scene,
    moves,
    told,
)


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def case(session: Session, scene: Scene) -> NeedCase:
    """A need that the first broker looks after."""
    firm, person = make_firm(session, region=HONGSHAN)
    found = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert found is not None
    services.assign(session, found, scene.broker, by=actor(scene.head), now=NOW)
    return found


def test_a_reply_answers_once(session: Session, scene: Scene, case: NeedCase) -> None:
    with pytest.raises(Invalid):
        services.reply(session, case, text="", by=actor(scene.broker), now=NOW)
    with pytest.raises(Forbidden):
        services.reply(session, case, text="A", by=actor(scene.second), now=NOW)
    with pytest.raises(NotFound):
        services.reply(session, case, text="A", by=actor(scene.sibling), now=NOW)
    services.reply(session, case, text="We look for it.", by=actor(scene.broker), now=NOW)
    later = NOW + timedelta(days=1)
    services.reply(session, case, text="Found.", by=actor(scene.head), now=later)
    assert (case.state, case.answered_how, case.answered_at) == ("answered", "reply", NOW)
    assert [each.text for each in queries.replies_of(session, case)] == [
        "Found.",
        "We look for it.",
    ]
    person = case.listing.author_id
    assert told(session, "reply") == [person, person]
    assert kinds(session, case).count("answered") == 1
    assert_log_tells(session, case)


def test_introductions_answer(session: Session, case: NeedCase) -> None:
    LISTING.move(case.listing, "publish", by=SYSTEM, now=NOW)
    offer = make_achievement(session, state="published")
    # Proposed to the other side: the firm knows of nothing yet.
    towards = make_introduction(session, state="proposed", listing=case.listing, own_listing=offer)
    services.follow_introduction(session, towards, step="propose", now=NOW)
    assert case.state == "open"
    services.follow_introduction(session, towards, step="pass_on", now=NOW)
    assert (case.state, case.answered_how) == ("answered", "passed_on")
    assert_log_tells(session, case)


def test_a_proposal_to_the_firm_answers(session: Session, case: NeedCase) -> None:
    LISTING.move(case.listing, "publish", by=SYSTEM, now=NOW)
    made = make_introduction(
        session,
        state="proposed",
        listing=make_achievement(session, state="published"),
        own_listing=case.listing,
    )
    services.follow_introduction(session, made, step="propose", now=NOW)
    services.follow_introduction(session, made, step="propose", now=NOW)
    assert (case.state, case.answered_how) == ("answered", "proposed")
    assert kinds(session, case).count("answered") == 1


def follow(session: Session, case: NeedCase, step: str, came_from: str = "published") -> None:
    services.follow_listing(session, case.listing, step=step, came_from=came_from, now=NOW)


def test_withdrawn_is_closed_and_handed_in_again_is_open_where_it_came_in(
    session: Session, scene: Scene, case: NeedCase
) -> None:
    person = session.get_one(type(scene.head), case.listing.author_id)
    by = actor(person)
    listings.withdraw(session, case.listing, by=by, now=NOW)
    follow(session, case, "withdraw")
    follow(session, case, "withdraw")
    assert (case.state, case.closed_how) == ("closed", "withdrawn")
    with pytest.raises(Conflict):
        services.reply(session, case, text="A", by=actor(scene.broker), now=NOW)
    listings.reopen(session, case.listing, by=by, now=NOW)
    follow(session, case, "reopen", "withdrawn")
    assert case.state == "closed"
    listings.submit(session, case.listing, by=by, now=NOW)
    follow(session, case, "submit", "draft")
    assert (case.state, case.closed_how, case.risen) == ("open", None, 0)
    assert kinds(session, case)[-2:] == ["closed", "reopened"]
    assert_log_tells(session, case)


def test_an_edit_of_a_public_need_reopens_nothing(session: Session, case: NeedCase) -> None:
    LISTING.move(case.listing, "publish", by=SYSTEM, now=NOW)
    case.state, case.answered_at, case.answered_how = "answered", NOW, "reply"
    session.flush()
    before = len(moves(session, case))
    for step, came_from in (("publish", "in_review"), ("start_matching", "published")):
        follow(session, case, step, came_from)
    assert (case.state, len(moves(session, case))) == ("answered", before)


def test_expired_and_renewed_stays_answered(session: Session, case: NeedCase) -> None:
    LISTING.move(case.listing, "publish", by=SYSTEM, now=NOW)
    services.follow_introduction(
        session,
        make_introduction(session, state="asked", listing=case.listing, with_own=True),
        step="pass_on",
        now=NOW,
    )
    LISTING.move(case.listing, "expire", by=SYSTEM, now=NOW)
    follow(session, case, "expire")
    assert (case.state, case.closed_how) == ("closed", "expired")
    LISTING.move(case.listing, "renew", by=SYSTEM, now=NOW)
    follow(session, case, "renew", "expired")
    assert (case.state, case.answered_how) == ("answered", "passed_on")
    assert_log_tells(session, case)


def test_who_takes_it_for_review_is_logged(session: Session, scene: Scene, case: NeedCase) -> None:
    listings.take(session, case.listing, by=actor(scene.second), now=NOW)
    services.follow_broker(session, case, now=NOW)
    services.follow_broker(session, case, now=NOW)
    assert case.broker_id == scene.second.id
    assert kinds(session, case) == ["received", "assigned", "taken"]
    emitted = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic == "listings.taken")
    ).one()
    tasks.taken(session, emitted.payload, NOW)
    notice = session.scalars(sa.select(Notice).where(Notice.kind == "listing_taken")).one()
    assert notice.user_id == scene.broker.id  # who looked after it until then
    assert_log_tells(session, case)


def test_revised_gives_the_place_its_days_again(session: Session, case: NeedCase) -> None:
    due = case.due_on
    LISTING.move(case.listing, "return", by=SYSTEM, now=NOW)
    later = NOW + timedelta(days=30)
    assert services.work_off(session, now=later) is None
    assert case.risen == 0  # it waits for the firm
    LISTING.move(case.listing, "submit", by=SYSTEM, now=later)
    services.follow_listing(session, case.listing, step="submit", came_from="returned", now=later)
    assert case.due_on > due + timedelta(days=30)
    assert_log_tells(session, case)
