"""What waits for a person, in SQL, is what permissions say, for every role."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance import clock, queries
from tenon.compliance.days import day_of
from tenon.compliance.models import Approval, FirstRefusal
from tenon.compliance.permissions import may_answer, may_approve
from tenon.compliance.services import approving, chains
from tenon.compliance.services.chains import StepInput
from tenon.deals.permissions import may_read
from tests.compliance.cast import ROLES, Cast, agreed, published
from tests.factories.listings import NOW


@pytest.fixture
def asked(session: Session, cast: Cast) -> list[Approval]:
    """Approvals of two deals and chains on both sides, by roles and by a person."""
    person = cast.people["buyer_member"].id
    for house, role, given in (
        (cast.university, "seller_administrator", StepInput(name_zh="一", role="editor")),
        (cast.university, "seller_administrator", StepInput(name_zh="二", role="administrator")),
        (cast.firm, "buyer_administrator", StepInput(name_zh="三", user_id=person)),
    ):
        chains.add_step(session, house, given, by=cast.actor(role), now=NOW)
    agreed(session, cast, "assignment")
    agreed(session, cast)
    first = session.scalars(sa.select(Approval).order_by(Approval.id)).first()
    assert first is not None
    approving.decide(session, first, decision="approved", by=cast.actor("seller_editor"), now=NOW)
    return list(session.scalars(sa.select(Approval)))


@pytest.mark.parametrize("role", ROLES)
def test_sql_and_permissions_agree(
    session: Session, cast: Cast, asked: list[Approval], role: str
) -> None:
    by = cast.actor(role)
    mine = {
        each.id
        for each in asked
        if each.state == "waiting"
        and approving.is_next(session, each)
        and may_approve(by, each, each.deal)
    }
    assert {each.id for each in queries.waiting_approvals(session, by)} == mine
    refusals = session.scalars(sa.select(FirstRefusal)).all()
    answers = {each.id for each in refusals if may_answer(by, each)}
    today = day_of(NOW)
    assert {e.id for e in queries.waiting_first_refusals(session, by, today)} == answers
    assert queries.count_waiting(session, by, today) == len(mine) + len(answers)


@pytest.mark.parametrize("role", ROLES)
def test_the_clock_tells_nobody_of_a_deal_that_they_may_not_read(
    session: Session, cast: Cast, asked: list[Approval], role: str
) -> None:
    deal = published_one(session, cast)
    by = cast.actor(role)
    dates = clock.of_actor(session, by, now=NOW)
    assert all(may_read(by, each.deal) for each in dates)
    assert (deal in {each.deal.id for each in dates}) is may_read(by, asked[0].deal)
    sides = {each.side for each in asked if each.state == "waiting"}
    told = {each.what.zh for each in dates if each.kind == "approval" and each.what}
    if role.startswith("seller_e"):
        assert told == {"一", "二"}
    assert sides == {"seller", "buyer"}


def published_one(session: Session, cast: Cast) -> int:
    """A further deal whose price is being published; its chains are taken off first."""
    for house, role in ((cast.university, "seller"), (cast.firm, "buyer")):
        by = cast.actor(f"{role}_administrator")
        for step in chains.steps_of(session, house.id):
            chains.remove_step(session, house, step, by=by, now=NOW)
    return published(session, cast).id


def test_dates_come_in_order_and_late_ones_are_marked(session: Session, cast: Cast) -> None:
    published_one(session, cast)
    by = cast.actor("seller_editor")
    dates = clock.of_actor(session, by, now=NOW + timedelta(days=400))
    assert [each.on for each in dates] == sorted(each.on for each in dates)
