"""A listing's life: the table walked, who may take which step, and what each step leaves behind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.listings import services
from tenon.listings.models import Listing, Review
from tenon.listings.rubric import Scores
from tenon.listings.states import LISTING, PUBLIC_STATES, STATES
from tenon.outbox.models import OutboxMessage
from tests.factories.listings import make_achievement, make_need
from tests.listings.people import People, make_people
from tests.listings.writing import achievement, need

GOOD = Scores(4, 3, 4, 3)
MIDDLING = Scores(2, 2, 2, 1)
POOR = Scores(1, 1, 1, 1)


def _review(session: Session, listing: Listing, now: datetime, **values: object) -> Review:
    standard = {
        "scores": GOOD,
        "outcome": "publish",
        "remarks": "",
        "listing_days": 365,
        "now": now,
    }
    return services.review(session, listing, **standard | values)  # type: ignore[arg-type]  # mixed keywords


def _need(session: Session, people: People, now: datetime) -> Listing:
    by = people.actor("engineer")
    listing = services.create(session, side="need", content=need(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)
    return listing


def test_every_state_is_reachable_and_only_conclusion_is_final() -> None:
    reached = {STATES[0]}
    while True:
        further = {change.target for change in LISTING.changes.values() if change.sources & reached}
        if further <= reached:
            break
        reached |= further
    assert reached == set(STATES)
    assert [state for state in STATES if not LISTING.allowed(state)] == ["concluded"]


@given(st.lists(st.integers(min_value=0, max_value=20), max_size=25))
def test_any_walk_publishes_only_by_publish_or_renewal(choices: list[int]) -> None:
    state = "draft"
    for choice in choices:
        steps = LISTING.allowed(state)
        if not steps:
            break
        step = steps[choice % len(steps)]
        target = LISTING.changes[step].target
        if target in PUBLIC_STATES and state not in PUBLIC_STATES:
            assert step in {"publish", "renew"}
        state = target
    assert state in STATES


def test_need_goes_to_a_broker_at_once(session: Session, now: datetime) -> None:
    listing = _need(session, make_people(session), now)
    assert (listing.state, listing.submitted_at) == ("in_review", now)


def test_achievement_waits_for_its_institution(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)
    assert (listing.state, listing.submitted_at) == ("draft", now)
    with pytest.raises(Conflict) as caught:
        services.submit(session, listing, by=by, now=now)
    assert caught.value.code == "handed_in_already"
    with pytest.raises(Forbidden):
        services.approve(session, listing, by=by, now=now)
    services.approve(session, listing, by=people.actor("administrator"), now=now)
    assert listing.state == "in_review"


def test_achievement_approved_unasked_waits_for_its_author(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.approve(session, listing, by=people.actor("administrator"), now=now)
    assert listing.state == "approved"
    services.submit(session, listing, by=by, now=now)
    assert listing.state == "in_review"


def test_achievement_of_an_administrator_needs_no_second_approval(
    session: Session, now: datetime
) -> None:
    by = make_people(session).actor("administrator")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)
    assert listing.state == "in_review"


def test_institution_can_send_a_draft_back(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = services.create(session, side="achievement", content=achievement(), by=by, now=now)
    services.submit(session, listing, by=by, now=now)
    services.send_back(session, listing, by=people.actor("administrator"), now=now)
    assert (listing.state, listing.submitted_at) == ("draft", None)


def test_submit_names_all_that_lacks(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    content = achievement(summary="短", advantages="", fields=(), deal_forms=(), readiness=None)
    listing = services.create(session, side="achievement", content=content, by=by, now=now)
    people.university.state = "pending"
    with pytest.raises(Invalid) as caught:
        services.submit(session, listing, by=by, now=now)
    assert caught.value.fields == {
        "summary": "too_short",
        "advantages": "required",
        "readiness": "required",
        "fields": "required",
        "deal_forms": "required",
        "": "organisation_not_approved",
    }


def test_submit_refuses_an_anonymous_need_that_names_its_firm(
    session: Session, now: datetime
) -> None:
    by = make_people(session).actor("engineer")
    content = need(anonymous=True, title="示例电缆 有限公司求测温办法")
    listing = services.create(session, side="need", content=content, by=by, now=now)
    with pytest.raises(Invalid) as caught:
        services.submit(session, listing, by=by, now=now)
    assert caught.value.fields == {"title": "names_owner"}


def test_review_publishes_for_a_term(session: Session, now: datetime) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    judged = _review(session, listing, now, by=people.actor("broker"), listing_days=30)
    assert (listing.state, listing.published_at) == ("published", now)
    assert listing.expires_at == now + timedelta(days=30)
    assert (listing.reviewed_version, listing.broker_id) == (1, people.broker.id)
    assert (judged.substance, judged.clarity, judged.expectations, judged.wording) == GOOD.points


@pytest.mark.parametrize(
    ("scores", "outcome", "state"),
    [
        (MIDDLING, "hold", "on_hold"),
        (MIDDLING, "return", "returned"),
        (POOR, "reject", "rejected"),
        (GOOD, "return", "returned"),
        (Scores(5, 5, 5, 0), "hold", "on_hold"),
    ],
)
def test_review_outcomes(
    session: Session, now: datetime, scores: Scores, outcome: str, state: str
) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    by = people.actor("broker")
    with pytest.raises(Invalid) as caught:
        _review(session, listing, now, by=by, scores=scores, outcome=outcome)
    assert caught.value.fields == {"remarks": "required"}
    _review(session, listing, now, by=by, scores=scores, outcome=outcome, remarks="请补数据")
    assert listing.state == state


@pytest.mark.parametrize(
    ("scores", "outcome", "faults"),
    [
        (MIDDLING, "publish", {"outcome": "against_thresholds"}),
        (GOOD, "reject", {"outcome": "against_thresholds"}),
        (Scores(6, 3, 3, 3), "publish", {"substance": "out_of_range"}),
        (Scores(5, 5, 5, 0), "publish", {"outcome": "against_thresholds"}),
    ],
)
def test_review_keeps_to_the_thresholds(
    session: Session, now: datetime, scores: Scores, outcome: str, faults: dict[str, str]
) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    values = {"by": people.actor("broker"), "scores": scores, "outcome": outcome, "remarks": "x"}
    with pytest.raises(Invalid) as caught:
        _review(session, listing, now, **values)
    assert caught.value.fields == faults
    assert listing.state == "in_review"


def test_nobody_reviews_their_own(session: Session, now: datetime) -> None:
    from tests.factories.accounts import grant_role, make_membership

    people = make_people(session)
    listing = _need(session, people, now)
    grant_role(session, people.engineer, "broker")
    grant_role(session, people.reader, "broker")
    make_membership(session, people.reader, people.firm, "member")
    for name in ("engineer", "reader"):
        with pytest.raises(Forbidden) as caught:
            _review(session, listing, now, by=people.actor(name))
        assert caught.value.code == "own_review"
    listing.author_id = people.second_broker.id
    with pytest.raises(Forbidden):
        _review(session, listing, now, by=people.actor("second_broker"))


@pytest.mark.parametrize(("name", "error"), [("administrator", NotFound), ("stranger", NotFound)])
def test_review_is_for_brokers(
    session: Session, now: datetime, name: str, error: type[Exception]
) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    with pytest.raises(error):
        _review(session, listing, now, by=people.actor(name))


def test_second_review_of_the_same_state_is_a_conflict(session: Session, now: datetime) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    seen = listing.version
    _review(session, listing, now, by=people.actor("broker"), expected_version=seen)
    with pytest.raises(Conflict):
        _review(session, listing, now, by=people.actor("second_broker"), expected_version=seen)


def test_edited_public_listing_is_confirmed_or_taken_off(session: Session, now: datetime) -> None:
    people = make_people(session)
    owner, broker = people.actor("engineer"), people.actor("broker")
    listing = _need(session, people, now)
    _review(session, listing, now, by=broker)
    term = listing.expires_at
    services.edit(session, listing, content=need(title="改过"), by=owner, now=now)
    later = now + timedelta(days=3)
    _review(session, listing, later, by=broker)
    assert (listing.state, listing.reviewed_version, listing.expires_at) == ("published", 2, term)
    with pytest.raises(IllegalTransition):
        _review(session, listing, later, by=broker)
    services.edit(session, listing, content=need(title="又改"), by=owner, now=now)
    _review(session, listing, later, by=broker, outcome="return", remarks="请改回")
    assert listing.state == "returned"


def test_take_makes_a_broker_and_resumes(session: Session, now: datetime) -> None:
    people = make_people(session)
    listing = _need(session, people, now)
    services.take(session, listing, by=people.actor("broker"), now=now)
    assert (listing.state, listing.broker_id) == ("in_review", people.broker.id)
    listing.state = "on_hold"
    services.take(session, listing, by=people.actor("second_broker"), now=now)
    assert (listing.state, listing.broker_id) == ("in_review", people.second_broker.id)


def test_withdraw_conclude_reopen(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("engineer")
    listing = make_need(session, organisation=people.firm, state="published")
    with pytest.raises(Forbidden):
        services.withdraw(session, listing, by=people.actor("broker"), now=now)
    services.withdraw(session, listing, by=by, now=now)
    services.reopen(session, listing, by=by, now=now)
    assert (listing.state, listing.submitted_at, listing.published_at) == ("draft", None, None)
    other = make_need(session, organisation=people.firm, state="in_matching")
    services.conclude(session, other, by=by, now=now)
    assert other.state == "concluded"
    with pytest.raises(IllegalTransition):
        services.withdraw(session, other, by=by, now=now)


def test_renew_extends_or_brings_back(session: Session, now: datetime) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    matching = make_achievement(session, organisation=people.university, state="in_matching")
    matching.reminded_at = now
    services.renew(session, matching, by=by, now=now, listing_days=10)
    assert (matching.state, matching.version) == ("in_matching", 2)
    assert session.scalar(sa.select(Listing.reminded_at)) is None
    assert matching.expires_at == now + timedelta(days=10)
    expired = make_achievement(session, organisation=people.university, state="expired")
    services.renew(session, expired, by=by, now=now, listing_days=10)
    assert expired.state == "published"


def test_expire_due_takes_what_is_over_and_no_more(session: Session, now: datetime) -> None:
    due = [
        make_achievement(session, state=state, expires_at=now - timedelta(hours=1))
        for state in PUBLIC_STATES
    ]
    fresh = make_achievement(session, state="published")
    assert services.expire_due(session, now=now, limit=1) == 1
    assert services.expire_due(session, now=now) == 1
    assert services.expire_due(session, now=now) == 0
    assert [listing.state for listing in (*due, fresh)] == ["expired", "expired", "published"]


def test_remind_due_reminds_once(session: Session, now: datetime) -> None:
    people = make_people(session)
    soon = make_achievement(
        session,
        organisation=people.university,
        author=people.researcher,
        state="published",
        expires_at=now + timedelta(days=13),
    )
    make_achievement(session, state="published", expires_at=now + timedelta(days=15))
    assert services.remind_due(session, now=now, reminder_days=14) == 1
    assert services.remind_due(session, now=now, reminder_days=14) == 0
    assert soon.reminded_at == now


def test_matching_starts_and_stops(session: Session, now: datetime) -> None:
    listing = make_achievement(session, state="published")
    services.start_matching(listing, by=SYSTEM, now=now)
    services.start_matching(listing, by=SYSTEM, now=now)
    assert listing.state == "in_matching"
    services.stop_matching(listing, by=SYSTEM, now=now)
    assert listing.state == "published"
    with pytest.raises(IllegalTransition):
        services.start_matching(make_need(session), by=SYSTEM, now=now)
    moves = session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [move.payload["change"] for move in moves] == ["start_matching", "stop_matching"]
