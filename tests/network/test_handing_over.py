"""A whole portfolio goes in one step: every kind, by firm, told once, all or nothing, again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.credit.models import CreditEntry
from tenon.db import Database
from tenon.errors import DomainError, Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.network import handing_over as register
from tenon.network.handing_over import Receivers
from tenon.network.models import BrokerProfile, Handover
from tenon.network.queries import portfolio as portfolios
from tenon.network.services import handing_over, portfolio
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tests.factories.accounts import make_membership, make_user
from tests.factories.credit import make_entry
from tests.factories.deals import make_deal
from tests.factories.events import make_event
from tests.factories.introductions import make_introduction
from tests.factories.listings import make_achievement, make_need
from tests.network.cast import ROLES, Cast, firm, make_cast


class Belongings:
    """One of each kind under a broker's care, of two firms, and things that are over."""

    def __init__(self, session: Session, cast: Cast, now: datetime) -> None:
        self.one, self.other = firm(session, "甲示例厂"), firm(session, "乙示例厂")
        portfolio.take(session, [self.one, self.other], by=cast.actor("broker"), now=now)
        owned: dict[str, Any] = {"broker_id": cast.broker.id, "state": "published"}
        self.need = make_need(session, organisation=self.one, **owned)
        self.other_need = make_need(session, organisation=self.other, **owned)
        self.over = make_achievement(session, state="withdrawn", broker_id=cast.broker.id)
        self.asked = make_introduction(session, listing=self.need, broker=cast.broker)
        self.proposed = make_introduction(
            session, state="proposed", listing=self.other_need, proposer=cast.broker
        )
        self.deal = make_deal(session, buyer=self.one, broker=cast.broker)
        self.event = make_event(session, state="draft", owner=cast.broker)

    @property
    def things(self) -> list[object]:
        """Everything that is not over, in the order of ``owners``."""
        return [
            self.need, self.other_need, self.asked, self.proposed, self.deal, self.event, self.over,
        ]  # fmt: skip

    def owners(self, session: Session) -> list[int | None]:
        """Who has each thing now."""
        for each in self.things:
            session.refresh(each)
        return [getattr(each, "broker_id", None) or getattr(each, "owner_id", None)
                for each in self.things]  # fmt: skip


def test_everything_goes_and_each_thing_tells_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    has = Belongings(session, cast, now)
    make_entry(session, cast.broker)
    before = [
        (code, number) for code, _, number in handing_over.belongings(session, cast.broker.id)
    ]
    expected = {"firms": 2, "listings": 2, "introductions": 2, "deals": 1, "events": 1}
    assert {code: number for code, number in before if number} == expected
    to = Receivers(cast.colleague.id, {has.other.id: cast.sibling.id})
    row = handing_over.hand_over(
        session, cast.broker, to, end_places=True, by=cast.actor("head"), now=now
    )
    assert row.counts == expected
    a, b = cast.colleague.id, cast.sibling.id
    assert has.owners(session) == [a, b, a, b, a, a, cast.broker.id]
    assert portfolios.keeper_of(session, has.one.id) == a
    assert portfolios.keeper_of(session, has.other.id) == b
    kept = portfolios.live_row(session, has.other.id)
    assert kept is not None
    assert (kept.station_id, kept.handover_id) == (cast.tree.sibling.id, row.id)
    assert cast.actor("broker").stations == frozenset()
    kinds = session.execute(
        sa.select(HistoryEntry.chain_kind, sa.func.count())
        .where(HistoryEntry.kind.in_(("handed_over", "keeper_handed_over", "name_broker")))
        .group_by(HistoryEntry.chain_kind)
    )
    assert dict(kinds.all()) == {
        "organisation": 2, "listing": 2, "introduction": 2, "deal": 1, "event": 1, "handover": 1,
    }  # fmt: skip
    assert session.scalars(sa.select(CreditEntry.user_id)).all() == [cast.broker.id]
    with pytest.raises(Invalid) as refused:
        handing_over.hand_over(session, cast.broker, to, by=cast.actor("operator"), now=now)
    assert refused.value.fields == {"": "nothing_left"}


def test_what_a_receiver_may_not_have_stays_for_a_second_time(
    session: Session, cast: Cast, now: datetime
) -> None:
    has = Belongings(session, cast, now)
    make_membership(session, cast.colleague, has.one, "editor")
    by, to = cast.actor("head"), Receivers(cast.colleague.id)
    row = handing_over.hand_over(session, cast.broker, to, by=by, now=now)
    assert (row.counts["introductions"], row.counts.get("deals")) == (1, None)
    left = {c: n for c, _, n in handing_over.belongings(session, cast.broker.id) if n}
    assert left == {"introductions": 1, "deals": 1}
    again = handing_over.hand_over(session, cast.broker, Receivers(cast.sibling.id), by=by, now=now)
    assert again.counts == left
    assert has.owners(session)[2] == cast.sibling.id


@pytest.fixture
def broken() -> Iterator[None]:
    """A kind, asked last, that fails."""

    def fail(*_args: object, **_more: object) -> int:
        raise RuntimeError("the disk is gone")

    register.register(register.Kind("broken", "Broken", lambda *_: 1, fail, order=999))
    yield
    register._KINDS.pop("broken")


@pytest.mark.usefixtures("broken")
def test_a_failure_in_one_kind_rolls_all_back(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        has = Belongings(session, cast, now)
        by, to = cast.actor("operator"), Receivers(cast.colleague.id)

    def hand() -> None:
        with database.writing() as session:
            giver = session.get_one(type(cast.broker), cast.broker.id)
            handing_over.hand_over(session, giver, to, by=by, now=now)

    with pytest.raises(RuntimeError):
        hand()
    with database.writing() as session:
        for each in has.things:
            session.add(each)
        assert set(has.owners(session)) == {cast.broker.id, None}  # None: merely proposed
        assert portfolios.firms_of(session, cast.broker.id) == {has.one.id, has.other.id}
        assert session.scalar(sa.select(sa.func.count()).select_from(Handover)) == 0


MAY: dict[str, type[DomainError] | None] = {
    "operator": None,
    "top": None,
    "head": None,
    "chief": None,
    "broker": Forbidden,
}


@pytest.mark.parametrize("role", ROLES)
def test_who_hands_over_for_a_broker(
    session: Session, cast: Cast, now: datetime, role: str
) -> None:
    portfolio.take(session, [firm(session)], by=cast.actor("broker"), now=now)
    by, to = cast.actor(role), Receivers(cast.colleague.id)
    refused = MAY.get(role, NotFound)
    if refused is None:
        handing_over.hand_over(session, cast.broker, to, by=by, now=now)
        assert portfolios.firms_of(session, cast.broker.id) == frozenset()
    else:
        with pytest.raises(refused):
            handing_over.hand_over(session, cast.broker, to, by=by, now=now)


def test_receivers_are_brokers_whom_one_manages_and_their_load_is_shown(
    session: Session, cast: Cast, now: datetime
) -> None:
    has = Belongings(session, cast, now)
    for key, name in ((cast.far.id, "everything"), (cast.reader.id, "everything")):
        with pytest.raises(Invalid) as refused:
            handing_over.check(session, cast.broker, Receivers(key), by=cast.actor("head"))
        assert refused.value.fields == {name: "unknown_code"}
    session.add(
        BrokerProfile(user_id=cast.colleague.id, languages=[], most_firms=0, updated_at=now)
    )
    to = Receivers(cast.colleague.id, {has.other.id: cast.sibling.id})
    loads = handing_over.check(session, cast.broker, to, by=cast.actor("head"))
    assert [(each.user.name, each.more, each.over) for each in loads] == [
        ("colleague", 1, True),
        ("sibling", 1, False),
    ]


def test_those_concerned_are_told_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        has = Belongings(session, cast, now)
        editor = make_user(session)
        make_membership(session, editor, has.one, "editor")
        make_membership(session, make_user(session), has.one, "member")
        row = handing_over.hand_over(
            session, cast.broker, Receivers(cast.colleague.id), by=cast.actor("head"), now=now
        )
    drain(database, now=now)
    with database.reading() as session:
        told = session.execute(
            sa.select(Notice.user_id, Notice.kind, Notice.path).where(Notice.kind.like("network_%"))
        ).all()
    path = f"/network/hand-overs/{row.public_id}"
    assert sorted(tuple(each) for each in told) == sorted(
        [
            (editor.id, "network_keeper", f"/organisations/{has.one.public_id}"),
            (cast.broker.id, "network_handed_from", path),
            (cast.colleague.id, "network_handed_to", path),
        ]
    )


def test_a_record_is_open_to_those_concerned(session: Session, cast: Cast, now: datetime) -> None:
    portfolio.take(session, [firm(session)], by=cast.actor("broker"), now=now)
    row = handing_over.hand_over(
        session, cast.broker, Receivers(cast.colleague.id), by=cast.actor("head"), now=now
    )
    for role in ("operator", "head", "broker", "colleague"):
        assert handing_over.find_handover(session, row.public_id, by=cast.actor(role)) is row
    for role in ("sibling", "reader", "top"):
        with pytest.raises(NotFound):
            handing_over.find_handover(session, row.public_id, by=cast.actor(role))
