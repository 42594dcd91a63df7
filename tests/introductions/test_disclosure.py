"""Before and after consent: tiers of both listings, names, people, threads, for every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.introductions import permissions, queries, services
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.states import STATES
from tenon.listings.models import Listing
from tenon.listings.queries import open_tiers
from tests.factories.accounts import actor_for, make_membership, make_user
from tests.introductions.cast import PATHS, ROLES, Cast, bring_to, express, make_cast, take

OWN_NEED = {"from_member", "from_editor", "from_administrator", "broker_of_from"}
OWN_RESULT = {"to_member", "to_editor", "to_administrator", "broker_of_to"}
ALL = ("public", "signed_in", "introduction", "nda")
CLOSED, INTRODUCED, AGREED = ALL[:2], ALL[:3], ALL

TIERS_AFTER: Mapping[str, tuple[str, ...]] = {
    "proposed": CLOSED,
    "checking": CLOSED,
    "returned": CLOSED,
    "asked": CLOSED,
    "asked_back": CLOSED,
    "nda": INTRODUCED,
    "connected": AGREED,
    "declined": CLOSED,
    "refused": CLOSED,
    "withdrawn": CLOSED,
    "lapsed": CLOSED,
    "void": CLOSED,
    "ended": CLOSED,
}
"""State -> what each side reads of the other's listing; all others never read more than CLOSED."""


def _tiers(session: Session, cast: Cast, listing: Listing, now: datetime) -> dict[str, object]:
    return {role: open_tiers(session, listing, to=cast.actor(role), now=now) for role in ROLES}


def _due(other_side: set[str], own: set[str], opened: tuple[str, ...]) -> dict[str, object]:
    due: dict[str, object] = dict.fromkeys(ROLES, CLOSED)
    due["visitor"] = ("public",)
    due |= dict.fromkeys(own | {"operator", "system"}, ALL)
    return due | dict.fromkeys(other_side, opened)


@pytest.mark.parametrize("state", STATES)
def test_tiers_of_both_listings_by_state_and_role(
    session: Session, cast: Cast, now: datetime, state: str
) -> None:
    bring_to(session, cast, state, now=now)
    later = now + timedelta(days=60)
    opened = TIERS_AFTER[state]
    assert _tiers(session, cast, cast.result, later) == _due(OWN_NEED, OWN_RESULT, opened)
    assert _tiers(session, cast, cast.need, later) == _due(OWN_RESULT, OWN_NEED, opened)


@pytest.mark.parametrize(
    ("state", "reason", "left"),
    [
        ("nda", "no_fit", CLOSED),
        ("nda", "led_on", INTRODUCED),
        ("connected", "other", CLOSED),
        ("connected", "led_on", AGREED),
    ],
)
def test_what_an_end_leaves_open(
    session: Session, cast: Cast, now: datetime, state: str, reason: str, left: tuple[str, ...]
) -> None:
    it = bring_to(session, cast, state, now=now)
    by = cast.actor("to_editor")
    services.end(session, it, reason=reason, remark="双方另有安排。", by=by, now=now)
    session.flush()
    for listing, other in ((cast.result, "from_member"), (cast.need, "to_member")):
        assert open_tiers(session, listing, to=cast.actor(other), now=now) == left
    revoked = session.scalar(
        sa.select(sa.func.count(history.HistoryEntry.id)).where(
            history.HistoryEntry.kind == "revoke"
        )
    )
    assert revoked == (0 if reason == "led_on" else {"nda": 2, "connected": 4}[state])


def test_a_lapsed_agreement_closes_what_was_open(
    session: Session, cast: Cast, now: datetime
) -> None:
    it = bring_to(session, cast, "nda", now=now)
    take(session, it, "agree", by=cast.actor("from_editor"), now=now)
    later = now + timedelta(days=31)
    services.work_off_due(session, now=later)
    assert it.state == "lapsed"
    assert open_tiers(session, cast.result, to=cast.actor("from_editor"), now=later) == CLOSED
    assert open_tiers(session, cast.need, to=cast.actor("to_editor"), now=later) == CLOSED


def test_ending_one_introduction_leaves_what_another_opened(
    session: Session, cast: Cast, now: datetime
) -> None:
    first = bring_to(session, cast, "connected", now=now)
    second = express(session, cast, own_listing=None, now=now)
    for step, role in PATHS["connected"]:
        take(session, second, step, by=cast.actor(role), now=now)
    take(session, first, "end", by=cast.actor("to_editor"), now=now)
    session.flush()
    assert open_tiers(session, cast.result, to=cast.actor("from_editor"), now=now) == AGREED
    assert open_tiers(session, cast.need, to=cast.actor("to_editor"), now=now) == CLOSED


KNOW_BEFORE = {"operator", "system"}
KNOW_AFTER = {*OWN_NEED, *OWN_RESULT, "broker", "proposer", "operator", "system"}


def _knowing(cast: Cast, it: Introduction, side: str) -> set[str]:
    return {role for role in ROLES if permissions.may_know_name(cast.actor(role), it, side)}


def _knowing_people(cast: Cast, it: Introduction, side: str) -> set[str]:
    return {role for role in ROLES if permissions.may_know_people(cast.actor(role), it, side)}


@pytest.mark.parametrize("state", STATES)
def test_name_of_an_anonymous_firm_that_asks(session: Session, now: datetime, state: str) -> None:
    cast = make_cast(session, need={"anonymous": True})
    cast.need.broker_id = cast.people["proposer"].id  # its own broker knows, and proposes
    it = bring_to(session, cast, state, now=now)
    opened = state in {"nda", "connected", "ended"}
    before = KNOW_BEFORE | OWN_NEED | {"proposer"}
    assert _knowing(cast, it, "from") == (KNOW_AFTER if opened else before)
    assert _knowing(cast, it, "to") == set(ROLES)
    people = KNOW_BEFORE | OWN_NEED
    assert _knowing_people(cast, it, "from") == (KNOW_AFTER if opened else people)
    people = KNOW_BEFORE | OWN_RESULT
    assert _knowing_people(cast, it, "to") == (KNOW_AFTER if opened else people)


@pytest.mark.parametrize("state", [*PATHS, "void", "lapsed"])
def test_name_of_an_anonymous_firm_that_is_approached(
    session: Session, now: datetime, state: str
) -> None:
    cast = _turned(make_cast(session, need={"anonymous": True}))
    it = bring_to(session, cast, state, now=now)
    opened = state in {"nda", "connected", "ended"}
    before = KNOW_BEFORE | OWN_RESULT | {"broker"}
    assert _knowing(cast, it, "to") == (KNOW_AFTER if opened else before)
    assert _knowing(cast, it, "from") == set(ROLES)


def _turned(cast: Cast) -> Cast:
    """The university asks for the firm's need, and the broker looks after that."""
    people, actors = dict(cast.people), dict(cast.actors)
    for one, other in zip(sorted(OWN_NEED), sorted(OWN_RESULT), strict=True):
        people[one], people[other] = cast.people[other], cast.people[one]
        actors[one], actors[other] = cast.actors[other], cast.actors[one]
    cast.need.broker_id, cast.result.broker_id = cast.people["broker"].id, None
    return replace(
        cast,
        firm=cast.university,
        university=cast.firm,
        need=cast.result,
        result=cast.need,
        people=people,
        actors=actors,
    )


@pytest.mark.parametrize("own", [True, False])
def test_unnamed_asker_is_a_secret_until_accepted(
    session: Session, cast: Cast, now: datetime, own: bool
) -> None:
    listing = cast.need if own else None
    it = express(session, cast, own_listing=listing, unnamed=True, now=now)
    take(session, it, "give_back", by=cast.actor("broker"), now=now)
    take(session, it, "express", by=cast.actor("from_editor"), now=now)
    assert it.unnamed  # writing it better does not open the name
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    assert _knowing(cast, it, "from") == KNOW_BEFORE | OWN_NEED
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    assert _knowing(cast, it, "from") == KNOW_AFTER - {"proposer"}  # who had no part in it


def _in_both(session: Session, cast: Cast) -> list[Actor]:
    """A person of both houses, acting for one, the other, neither."""
    person = make_user(session, name="Both")
    for house in (cast.firm, cast.university):
        make_membership(session, person, house, "editor")
    actor = actor_for(person)
    houses = (cast.firm.id, cast.university.id, None)
    return [replace(actor, organisation_id=house) for house in houses]


def test_sql_says_the_same_as_the_predicates(session: Session, cast: Cast, now: datetime) -> None:
    made = []
    for state in STATES:
        it = bring_to(session, cast, state, now=now)
        it.live_key = None if it.live_key is None else f"{it.live_key}:{state}"[:60]
        made.append(it)
        for audience in ("all", "from", "to", "brokers"):
            for speaker in ("from", "to", "broker"):
                session.add(
                    IntroductionMessage(
                        introduction_id=it.id,
                        kind="message",
                        speaker=speaker,
                        audience=audience,
                        text=f"{speaker} to {audience}",
                        at=now,
                    )
                )
        session.flush()
    actors = [cast.actor(role) for role in ROLES] + _in_both(session, cast)
    for actor in actors:
        found = set(session.scalars(sa.select(Introduction.id).where(queries.visible_to(actor))))
        assert found == {it.id for it in made if permissions.may_see(actor, it)}, actor
        for it in made:
            _same_thread(session, it, actor)
            if permissions.may_read(actor, it):
                assert permissions.may_see(actor, it)


def _same_thread(session: Session, it: Introduction, actor: Actor) -> None:
    rows = session.scalars(sa.select(IntroductionMessage).filter_by(introduction_id=it.id)).all()
    wanted = [each.id for each in rows if permissions.may_read_message(actor, it, each)]
    read, more = queries.thread(session, it, by=actor)
    got = [each.message.id for each in read]
    assert got == (sorted(wanted) if permissions.may_read(actor, it) else [])
    assert not more
    if permissions.may_read(actor, it) and actor.user_id is not None:
        others = [each for each in read if each.message.author_id != actor.user_id]
        assert queries.unread_of(session, [it], by=actor).get(it.id, 0) == len(others)
    known = {each.message.speaker for each in read if each.author is not None}
    for side in ("from", "to"):
        assert side not in known or permissions.may_know_people(actor, it, side)


def test_thread_is_read_once_and_in_pages(session: Session, cast: Cast, now: datetime) -> None:
    it = bring_to(session, cast, "connected", now=now)
    sender, reader = cast.actor("from_editor"), cast.actor("to_editor")
    for number in range(5):
        services.write_message(session, it, text=f"第{number}条", by=sender, now=now)
    assert queries.unread_of(session, [it], by=reader) == {it.id: 5}
    assert queries.unread_of(session, [it], by=sender) == {it.id: 1}  # what the broker proposed
    last, more = queries.thread(session, it, by=reader, limit=2)
    assert ([each.message.text for each in last], more) == (["第3条", "第4条"], True)
    before, more = queries.thread(session, it, by=reader, limit=9, before=last[0].message.id)
    assert [each.message.text for each in before][-3:] == ["第0条", "第1条", "第2条"]
    assert all(each.new for each in before)
    services.mark_read(session, it, by=reader, now=now)
    services.mark_read(session, it, by=reader, now=now)
    assert queries.unread_of(session, [it], by=reader) == {}
    assert not any(each.new for each in queries.thread(session, it, by=reader)[0])
