"""What follows from an answer: credit for those who introduced, what the ranking learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.credit.models import CreditConcerned, CreditEntry
from tenon.credit.queries.reading import ledger_of, may_read
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.history import HistoryEntry
from tenon.introductions import services
from tenon.introductions.models import DECLINE_REASONS, Introduction
from tenon.introductions.states import STATES
from tenon.introductions.tasks import introduction_moved
from tenon.matches.models import DECLINE_REASONS as RANKED
from tenon.matches.models import MatchFeedback, MatchOutcome
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.factories.accounts import actor_for, make_membership, make_user
from tests.introductions.cast import (
    PATHS,
    ROLES,
    Cast,
    bring_to,
    express,
    make_cast,
    propose,
    take,
)


def _credited(session: Session, it: Introduction) -> list[tuple[str, str]]:
    rows = session.scalars(
        sa.select(CreditEntry).filter_by(thing_id=it.public_id).order_by(CreditEntry.id)
    )
    return [(each.act, each.user.name) for each in rows]


@pytest.mark.parametrize("state", STATES)
def test_introducing_is_credited_once_and_only_when_accepted(
    session: Session, cast: Cast, now: datetime, state: str
) -> None:
    it = bring_to(session, cast, state, now=now)
    opened = state in {"nda", "connected", "ended"}
    due = [("introduced", "broker"), ("introduced", "proposer")] if opened else []
    assert _credited(session, it) == due
    outcomes = session.scalars(sa.select(MatchOutcome)).all()
    assert [(o.kind, o.origin_kind, o.origin_id, o.own) for o in outcomes] == (
        [("introduced", "introduction", it.id, False)] if opened else []
    )
    concerned = set(session.scalars(sa.select(CreditConcerned.organisation_id)))
    assert concerned == ({cast.firm.id, cast.university.id} if opened else set())


def test_one_who_proposed_and_checked_is_credited_once(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.result.broker_id = cast.people["proposer"].id
    it = bring_to(session, cast, "checking", now=now)
    take(session, it, "pass_on", by=cast.actor("proposer"), now=now)
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    assert _credited(session, it) == [("introduced", "proposer")]


def test_who_passed_it_on_is_credited_not_whose_listing_it_was(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.result.broker_id = None
    it = express(session, cast, now=now)
    for step, role in (("pass_on", "other_broker"), ("accept", "to_editor")):
        take(session, it, step, by=cast.actor(role), now=now)
    assert _credited(session, it) == [("introduced", "other_broker")]


def test_ledger_is_read_by_those_concerned(session: Session, cast: Cast, now: datetime) -> None:
    it = bring_to(session, cast, "connected", now=now)
    thing = ("introduction", it.public_id)
    readers = {role for role in ROLES if may_read(session, thing=thing, actor=cast.actor(role))}
    outsiders = {"visitor", "nobody", "stranger", "other_broker"}
    assert readers == set(ROLES) - outsiders
    lines = ledger_of(session, thing=thing, actor=cast.actor("to_member"))
    assert [(line.entry.user.name, line.named) for line in lines] == [
        ("broker", True),
        ("proposer", True),
    ]


def test_without_own_listing_nothing_is_ranked(session: Session, cast: Cast, now: datetime) -> None:
    it = express(session, cast, own_listing=None, now=now)
    for step, role in PATHS["connected"]:
        take(session, it, step, by=cast.actor(role), now=now)
    assert session.scalars(sa.select(MatchOutcome)).all() == []
    assert _credited(session, it) == [("introduced", "broker")]


def test_two_houses_in_one_hand_teach_the_ranking_nothing(
    session: Session, cast: Cast, now: datetime
) -> None:
    both = make_user(session, name="Both")
    for house in (cast.firm, cast.university):
        make_membership(session, both, house, "editor")
    it = express(session, cast, now=now)
    take(session, it, "pass_on", by=cast.actor("broker"), now=now)
    by = replace(actor_for(both), organisation_id=cast.university.id)
    services.accept(session, it, consent=True, by=by, now=now)
    assert [each.own for each in session.scalars(sa.select(MatchOutcome))] == [True]


@pytest.mark.parametrize("reason", DECLINE_REASONS)
def test_a_decline_counts_once_and_tells_the_author_once(
    session: Session, cast: Cast, now: datetime, reason: str
) -> None:
    it = bring_to(session, cast, "asked", now=now)
    by = cast.actor("to_editor")
    services.decline(session, it, reason=reason, remark="现场温度更高。", by=by, now=now)
    words = session.scalars(sa.select(MatchFeedback)).all()
    assert [(w.kind, w.reason, w.organisation_id) for w in words] == (
        [("declined", reason, cast.university.id)] if reason in RANKED else []
    )
    session.flush()
    moved = [
        each.payload
        for each in session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.topic == "introduction.moved")
        )
    ]
    for payload in moved:
        introduction_moved(session, payload, now)
    notice = session.scalars(sa.select(Notice).where(Notice.kind.contains("declin"))).one()
    assert notice.kind == "introduction_decline"
    assert notice.user_id == cast.people["from_editor"].id
    assert set(notice.facts["advice"]) == {"zh", "en"}  # what to do about it, in both languages
    kinds = session.scalars(
        sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "listing")
    ).all()
    assert kinds.count("match_declined") == (1 if reason in RANKED else 0)


def test_a_later_decline_replaces_the_earlier_word(
    session: Session, cast: Cast, now: datetime
) -> None:
    for reason in ("too_early", "scientific_doubt"):
        it = express(session, cast, now=now)
        take(session, it, "pass_on", by=cast.actor("broker"), now=now)
        services.decline(session, it, reason=reason, by=cast.actor("to_editor"), now=now)
    words = session.scalars(sa.select(MatchFeedback)).all()
    assert [(word.kind, word.reason) for word in words] == [("declined", "scientific_doubt")]


def test_a_decline_of_who_asked_unnamed_says_nothing_of_a_listing_with_their_name(
    session: Session, cast: Cast, now: datetime
) -> None:
    for anonymous, words in ((False, 0), (True, 1)):
        cast.need.anonymous = anonymous
        it = express(session, cast, unnamed=True, now=now)
        take(session, it, "pass_on", by=cast.actor("broker"), now=now)
        by = cast.actor("to_editor")
        services.decline(session, it, reason="too_early", by=by, now=now)
        assert len(session.scalars(sa.select(MatchFeedback)).all()) == words


def test_what_a_broker_refuses_is_no_word_of_either_side(
    session: Session, cast: Cast, now: datetime
) -> None:
    bring_to(session, cast, "refused", now=now)
    assert session.scalars(sa.select(MatchFeedback)).all() == []


def test_a_broker_who_left_is_not_credited_and_hinders_nobody(
    session: Session, cast: Cast, now: datetime
) -> None:
    it = bring_to(session, cast, "asked", now=now)
    cast.people["broker"].erased_at = now
    take(session, it, "accept", by=cast.actor("to_editor"), now=now)
    assert _credited(session, it) == [("introduced", "proposer")]


@pytest.mark.parametrize(
    ("keeper", "looks_after"),
    [
        ("broker", "broker"),
        ("operator", "operator"),
        ("broker_of_from", None),
        ("broker_of_to", None),
        ("nobody", None),  # was a broker once
    ],
)
@pytest.mark.parametrize("begin", [express, propose])
def test_a_listings_broker_who_may_not_check_it_stands_in_nobodys_way(
    session: Session,
    cast: Cast,
    now: datetime,
    keeper: str,
    looks_after: str | None,
    begin: Callable[..., Introduction],
) -> None:
    cast.result.broker_id = cast.people[keeper].id
    it = begin(session, cast, now=now)
    assert it.broker_id == (None if looks_after is None else cast.people[looks_after].id)
    if it.state == "proposed":
        take(session, it, "express", by=cast.actor("from_editor"), now=now)
    take(session, it, "pass_on", by=cast.actor(looks_after or "other_broker"), now=now)


def test_who_may_be_put_in_charge(session: Session, now: datetime) -> None:
    cast = make_cast(session)
    it = bring_to(session, cast, "asked", now=now)
    operator = cast.actor("operator")

    def assign(role: str) -> None:
        key = cast.people[role].id
        services.take_over(session, it, broker_id=key, by=operator, now=now)

    for role, error in (
        ("stranger", Invalid),
        ("from_editor", Invalid),
        ("broker_of_from", Forbidden),
        ("broker_of_to", Forbidden),
    ):
        with pytest.raises(error):
            assign(role)
    with pytest.raises(Invalid):
        services.take_over(session, it, broker_id=10**9, by=operator, now=now)
    for role in ("other_broker", "broker_of_to", "system"):  # another's; one's own house; nobody
        with pytest.raises(Forbidden):
            services.take_over(session, it, by=cast.actor(role), now=now)
    version = it.version
    assign("other_broker")
    assert (it.broker_id, it.version) == (cast.people["other_broker"].id, version + 1)
    services.take_over(session, it, by=operator, now=now)
    assert it.broker_id == cast.people["operator"].id
    take(session, it, "withdraw", by=cast.actor("from_editor"), now=now)
    with pytest.raises(Conflict):
        assign("broker")
    kinds = session.scalars(
        sa.select(HistoryEntry.kind).filter_by(chain_id=it.public_id).order_by(HistoryEntry.id)
    ).all()
    assert kinds[-3:] == ["assign", "take_over", "withdraw"]


def _told(session: Session, cast: Cast) -> list[tuple[str, str]]:
    names = {person.id: role for role, person in cast.people.items()}
    rows = session.execute(sa.select(Notice.user_id, Notice.kind).order_by(Notice.id))
    return [(names[user_id], kind.removeprefix("introduction_")) for user_id, kind in rows]


@pytest.mark.parametrize("audience", ["all", "to"])
def test_a_message_does_not_tell_a_side_of_what_was_not_passed_on(
    database: Database, now: datetime, audience: str
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        it = express(session, cast, now=now)
        by = cast.actor("broker")
        services.write_message(session, it, text="请补充。", audience=audience, by=by, now=now)
    drain(database, now=now)
    with database.reading() as session:
        told = _told(session, cast)
        assert ("broker", "express") in told
        assert [each for each in told if each[0].startswith("to_")] == []
        assert (("from_editor", "said") in told) == (audience == "all")


@pytest.mark.parametrize(
    ("state", "role", "told"),
    [
        ("proposed", "proposer", {"from_editor", "broker"}),
        ("checking", "from_editor", {"broker"}),
        ("asked", "from_editor", {"to_editor", "broker"}),
    ],
)
def test_who_hears_of_a_withdrawal(
    database: Database, now: datetime, state: str, role: str, told: set[str]
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        it = bring_to(session, cast, state, now=now)
        take(session, it, "withdraw", by=cast.actor(role), now=now)
    drain(database, now=now)
    with database.reading() as session:
        heard = {who for who, kind in _told(session, cast) if kind == "withdraw"}
    assert heard == told
