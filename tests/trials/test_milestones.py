"""Milestones: delivered, returned, delivered again, accepted; then their payment falls due."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.trials import queries, services
from tenon.trials.checks import milestones_accepted
from tests.deals.cast import Cast
from tests.factories.deals import make_terms
from tests.trials.conftest import MILESTONES, MORNING, MakeDeal

DAY = timedelta(days=1)


def deliver(session: Session, deal: Deal, cast: Cast, number: int = 1) -> None:
    """The university delivers a milestone."""
    services.deliver(
        session,
        deal,
        milestone=number,
        note="报告见附件",
        by=cast.actor("seller_in_charge"),
        now=MORNING,
    )


def answer(session: Session, deal: Deal, cast: Cast, *, accepted: bool, note: str = "") -> None:
    """The firm answers the first milestone's delivery."""
    services.answer_delivery(
        session,
        deal,
        milestone=1,
        accepted=accepted,
        note=note,
        by=cast.actor("buyer_in_charge"),
        now=MORNING + DAY,
    )


def test_returned_with_what_is_missing_then_delivered_again_and_accepted(
    session: Session, cast: Cast, works_deal: MakeDeal
) -> None:
    """Every attempt stays to be read."""
    deal = works_deal(session, cast)
    deliver(session, deal, cast)
    with pytest.raises(Invalid):
        answer(session, deal, cast, accepted=False)
    answer(session, deal, cast, accepted=False, note="缺少能耗数据")
    deliver(session, deal, cast)
    answer(session, deal, cast, accepted=True)
    first, second = queries.milestones_of(session, deal)
    assert [each.state for each in first.deliveries] == ["returned", "accepted"]
    assert (first.state, second.state) == ("accepted", "open")
    refusal = milestones_accepted(session, deal, step="complete", now=MORNING)
    assert refusal is not None
    assert refusal.facts["titles"] == "2. 样机"


def test_one_delivery_waits_at_a_time(session: Session, cast: Cast, works_deal: MakeDeal) -> None:
    """A second before the answer, or after the acceptance, is refused."""
    deal = works_deal(session, cast)
    deliver(session, deal, cast)
    with pytest.raises(Conflict):
        deliver(session, deal, cast)
    answer(session, deal, cast, accepted=True)
    with pytest.raises(Conflict):
        deliver(session, deal, cast)


@pytest.mark.parametrize(
    ("role", "error"),
    [
        ("stranger", NotFound),
        ("nobody", NotFound),
        ("other_broker", NotFound),
        ("seller_member", NotFound),
        ("operator", Forbidden),
        ("broker", Forbidden),
        ("buyer_editor", Forbidden),
    ],
)
def test_nobody_but_the_seller_delivers(
    session: Session, cast: Cast, works_deal: MakeDeal, role: str, error: type[Exception]
) -> None:
    """Who may not know of the deal learns nothing of it."""
    deal = works_deal(session, cast)
    with pytest.raises(error):
        services.deliver(session, deal, milestone=1, note="", by=cast.actor(role), now=MORNING)


def test_a_milestone_that_was_not_agreed_is_not_there(
    session: Session, cast: Cast, works_deal: MakeDeal
) -> None:
    """The third of two."""
    deal = works_deal(session, cast)
    with pytest.raises(NotFound):
        deliver(session, deal, cast, number=3)


def test_an_amendment_leaves_every_milestone_what_was_delivered_for_it(
    session: Session, cast: Cast, works_deal: MakeDeal
) -> None:
    """A milestone that comes in before the accepted first is open, and is delivered by itself."""
    deal = works_deal(session, cast)
    deliver(session, deal, cast)
    answer(session, deal, cast, accepted=True)
    before = accepted_terms(session, deal)
    assert before is not None
    before.state = "replaced"
    session.flush()
    small = {"title": "小试", "criterion": "评审通过", "minor": 5_000_000, "due": None}
    first, second = MILESTONES
    make_terms(session, deal, values={"milestones": [small, second, first]}, number=2)
    found = queries.milestones_of(session, deal)
    assert [(each.place, each.title, each.number, each.state) for each in found] == [
        (1, "小试", 3, "open"),
        (2, "样机", 2, "open"),
        (3, "方案", 1, "accepted"),
    ]
    deliver(session, deal, cast, number=3)
    assert queries.milestones_of(session, deal)[0].state == "delivered"
    refusal = milestones_accepted(session, deal, step="complete", now=MORNING)
    assert refusal is not None
    assert refusal.facts["titles"] == "1. 小试; 2. 样机"


def test_of_two_who_answer_at_once_one_wins(
    database: Database, committed: Session, settled: Cast, works_deal: MakeDeal
) -> None:
    """One accepts while the other returns: one answer stands, the other is told."""
    deal = works_deal(committed, settled)
    deliver(committed, deal, settled)
    committed.commit()
    told: list[str] = []
    ready = Barrier(2)

    def act(accepted: bool) -> None:
        with database.writer() as session:
            mine = session.scalars(sa.select(Deal).where(Deal.id == deal.id)).one()
            session.rollback()
            ready.wait()
            try:
                answer(session, mine, settled, accepted=accepted, note="缺数据")
                session.commit()
                told.append("done")
            except Conflict:
                session.rollback()
                told.append("told")

    threads = [Thread(target=act, args=(accepted,)) for accepted in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["done", "told"]
