"""Who may know of what: SQL and predicate agree, and drafts never leak."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, VISITOR, Actor
from tenon.errors import NotFound
from tenon.listings.models import Expert, Listing
from tenon.listings.permissions import may_know_owner, may_see, may_see_expert
from tenon.listings.queries import (
    experts_visible_to,
    find_listing,
    listings_on,
    own_counts,
    own_listings,
    public_experts,
    public_listings,
    queue_counts,
    results_of,
    review_queue,
    visible_to,
    whole_listings,
)
from tenon.listings.states import PUBLIC_STATES, STATES
from tests.factories.listings import make_achievement, make_expert, make_ip_right, make_need
from tests.listings.people import People, make_people

NAMES = ("researcher", "administrator", "reader", "engineer", "broker", "operator", "stranger")


def _all_states(session: Session, people: People, now: datetime) -> list[Listing]:
    owner: dict[str, Any] = {"organisation": people.university, "author": people.researcher}
    made = [make_achievement(session, state=state, **owner) for state in STATES]
    over = now - timedelta(seconds=1)
    made.append(make_achievement(session, state="published", expires_at=over, **owner))
    made.append(make_achievement(session, state="withdrawn", submitted_at=None, **owner))
    made.append(make_achievement(session, state="draft", submitted_at=now, **owner))
    return made


def _actors(people: People) -> dict[str, Actor]:
    return {name: people.actor(name) for name in NAMES} | {"visitor": VISITOR, "system": SYSTEM}


def test_visible_to_agrees_with_may_see(session: Session, now: datetime) -> None:
    people = make_people(session)
    made = _all_states(session, people, now)
    for name, actor in _actors(people).items():
        found = set(session.scalars(sa.select(Listing.id).where(visible_to(actor, now=now))))
        expected = {listing.id for listing in made if may_see(actor, listing, now)}
        assert found == expected, name


@pytest.mark.parametrize("name", ["visitor", "stranger", "engineer"])
def test_outsiders_see_what_is_public_and_nothing_else(
    session: Session, now: datetime, name: str
) -> None:
    people = make_people(session)
    _all_states(session, people, now)
    actor = _actors(people)[name]
    rows = session.scalars(sa.select(Listing).where(visible_to(actor, now=now)))
    assert sorted(listing.state for listing in rows) == sorted(PUBLIC_STATES)


def test_brokers_see_neither_drafts_nor_what_was_never_handed_in(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    _all_states(session, people, now)
    rows = session.scalars(sa.select(Listing).where(visible_to(people.actor("broker"), now=now)))
    seen = sorted(listing.state for listing in rows)
    assert seen == sorted([*(s for s in STATES if s not in {"draft", "approved"}), "published"])


def test_anonymous_owner_is_known_to_its_own_its_broker_and_operators(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    listing = make_need(
        session,
        organisation=people.firm,
        anonymous=True,
        state="published",
        broker_id=people.broker.id,
    )
    knowing = [name for name, a in _actors(people).items() if may_know_owner(a, listing)]
    assert knowing == ["engineer", "broker", "operator", "system"]
    assert not may_know_owner(people.actor("second_broker"), listing)


def test_find_listing_hides_what_may_not_be_seen(session: Session, now: datetime) -> None:
    people = make_people(session)
    draft = make_achievement(session, organisation=people.university)
    by = people.actor("reader")
    assert find_listing(session, draft.public_id, by=by, now=now) is draft
    for actor in (VISITOR, people.actor("broker"), people.actor("engineer")):
        with pytest.raises(NotFound):
            find_listing(session, draft.public_id, by=actor, now=now)


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    """Every statement that the session's engine is sent, from now on."""
    sent: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 30])
def test_public_listings_in_order_with_a_fixed_number_of_statements(
    session: Session, now: datetime, statements: list[str], count: int
) -> None:
    people = make_people(session)
    made = [
        make_achievement(
            session,
            organisation=people.university,
            state="published",
            fields=[("hitech", "1")],
            deal_forms=["service"],
        )
        for _ in range(count)
    ]
    hidden = make_achievement(session, organisation=people.university)
    ids = [listing.id for listing in reversed(made)] + [hidden.id, 10**9]
    session.expunge_all()
    statements.clear()
    found = public_listings(session, ids, now=now)
    for listing in found:
        assert listing.text("zh").title
        assert listing.organisation.name("zh")
        assert [each.code for each in listing.fields] == ["1"]
        assert [each.form for each in listing.deal_forms] == ["service"]
    assert [listing.id for listing in found] == ids[:count]
    assert len(statements) == 4


@pytest.mark.parametrize("count", [1, 30])
def test_whole_listings_and_own_listings_are_bounded(
    session: Session, now: datetime, statements: list[str], count: int
) -> None:
    people = make_people(session)
    made = [make_need(session, organisation=people.firm, state="published") for _ in range(count)]
    ids = [listing.id for listing in made]
    session.expunge_all()
    statements.clear()
    found = whole_listings(session, ids, public_at=now)
    assert [len(listing.requirements) for listing in found] == [1] * count
    assert len(statements) == 6
    session.expunge_all()
    statements.clear()
    rows, total = own_listings(session, organisation_id=people.firm.id, limit=50)
    assert [row.text("zh").title for row in rows] == ["求高温管道在线测温办法"] * count
    assert (total, len(statements)) == (count, 3)
    assert own_counts(session, organisation_id=people.firm.id) == {"published": count}


def test_experts_are_seen_when_published_or_by_their_own(session: Session) -> None:
    people = make_people(session)
    public = make_expert(session, organisation=people.university)
    hidden = make_expert(
        session, organisation=people.university, user=people.reader, published=False
    )
    for name, actor in _actors(people).items():
        found = set(session.scalars(sa.select(Expert.id).where(experts_visible_to(actor))))
        assert found == {e.id for e in (public, hidden) if may_see_expert(actor, e)}, name
    assert public_experts(session, [hidden.id, public.id]) == [public]


def test_results_of_expert_are_public_ones(session: Session, now: datetime) -> None:
    expert = make_expert(session)
    shown = make_achievement(
        session, state="published", contributors=[expert], ip_rights=[make_ip_right(session)]
    )
    make_achievement(session, contributors=[expert])
    assert results_of(session, [expert.id, 7_000], now=now) == {expert.id: [shown], 7_000: []}


@pytest.mark.parametrize("count", [1, 30])
def test_queue_results_and_listings_on_a_right_are_bounded(
    session: Session, now: datetime, statements: list[str], count: int
) -> None:
    people = make_people(session)
    right, expert = make_ip_right(session), make_expert(session)
    for _ in range(count):
        make_need(session, organisation=people.firm, state="in_review")
        make_achievement(session, state="published", contributors=[expert], ip_rights=[right])
    by, keys = people.actor("broker"), [expert.id]
    session.expunge_all()
    statements.clear()
    waiting, total = review_queue(session, queue="waiting", by=by, limit=50)
    assert [row.organisation.id for row in waiting] == [people.firm.id] * count
    assert [row.text("zh").language for row in waiting] == ["zh"] * count
    assert (total, len(statements)) == (count, 3)
    assert queue_counts(session, by=by) == {"waiting": count, "edited": 0, "on_hold": 0}
    session.expunge_all()
    statements.clear()
    results = results_of(session, keys, now=now)[expert.id]
    assert [row.text("zh").language for row in results] == ["zh"] * count
    assert len(statements) == 3
    session.expunge_all()
    statements.clear()
    assert len(listings_on(session, right, now=now)) == count
    assert len(statements) == 3
