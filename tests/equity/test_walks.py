"""Random walks through rounds, exercises, conversions and time keep what must always hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.equity import queries, services
from tenon.equity.days import today
from tenon.equity.models import LIVE_AGREEMENTS, EquityAgreement
from tenon.equity.services.confirming import fingerprint
from tenon.errors import DomainError
from tenon.history.proof import verify
from tenon.payments.models import Obligation
from tests.deals.cast import Cast
from tests.equity.scenes import GRANT, MILLION, NOW, SUBSCRIPTION, an_agreement, pay_out

moves = st.one_of(
    st.tuples(st.just("round"), st.integers(1, 30), st.integers(5, 200)),
    st.tuples(st.just("split"), st.sampled_from([2, 3]), st.just(0)),
    st.tuples(st.just("transfer"), st.integers(1, 6_000_000), st.just(0)),
    st.tuples(st.just("propose"), st.integers(1, 300_000), st.just(0)),
    st.tuples(st.just("end"), st.sampled_from([0, 1]), st.just(0)),
    st.tuples(st.just("confirm"), st.sampled_from([0, 1]), st.just(0)),
    st.tuples(st.just("confirm"), st.sampled_from([0, 1]), st.just(0)),
    st.tuples(st.just("agree"), st.just(0), st.just(0)),
    st.tuples(st.just("agree"), st.just(0), st.just(0)),
    st.tuples(st.just("round"), st.integers(5, 30), st.integers(30, 200)),
    st.tuples(st.just("withdraw"), st.just(0), st.just(0)),
    st.tuples(st.just("strike"), st.integers(1, 9), st.just(0)),
    st.tuples(st.just("days"), st.integers(1, 300), st.just(0)),
)
SIGNERS = ("seller_administrator", "buyer_administrator")
Move = tuple[str, int, int]


def _record(session: Session, cast: Cast, it: EquityAgreement, move: Move, now: datetime) -> None:
    kind, first, second = move
    by = cast.actor("buyer_editor")
    facts: Mapping[str, Any] = {"seller": "h1", "buyer": "h2", "units": first}
    if kind == "round":
        payer = services.add_holder(session, it.company, name="松果创投", by=by).key
        payments = [{"holder": payer, "amount": first * MILLION}]
        facts = {"payments": payments, "pre_money": second * MILLION, "base": "fully_diluted"}
    elif kind == "split":
        facts = {"ratio": str(first)}
    services.record(session, it.company, kind=kind, day=today(now), facts=facts, by=by, now=now)


def _step(session: Session, cast: Cast, it: EquityAgreement, move: Move, now: datetime) -> None:
    kind, first, _second = move
    by = cast.actor(SIGNERS[first % 2])
    proposal = queries.open_proposal(session, it)
    if kind in ("round", "split", "transfer"):
        _record(session, cast, it, move, now)
    elif kind == "strike":
        firm = cast.actor("buyer_editor")
        services.strike(session, it.company, number=first, source="误录", by=firm, now=now)
    elif kind == "propose" and it.kind == "subscription":
        holder = cast.actor("seller_editor")
        services.propose_exercise(session, it, units=first, by=holder, now=now)
    elif kind == "end" and it.kind == "grant":
        services.propose_closing(session, it, kind=("repaid", "closed")[first], by=by, now=now)
    elif kind == "confirm" and proposal is not None:
        services.confirm(session, proposal, seen=fingerprint(proposal), by=by, now=now)
    elif kind == "agree" and proposal is not None:
        for role in SIGNERS:
            if proposal.live_key is not None:
                seen = fingerprint(proposal)
                services.confirm(session, proposal, seen=seen, by=cast.actor(role), now=now)
    elif kind == "withdraw" and proposal is not None:
        services.withdraw(session, proposal, by=by, now=now)


def _paid(session: Session, it: EquityAgreement) -> int:
    """All that came into the company by events that count."""
    course = queries.course_of(session, it.company)
    return sum(line.amount for stage in course.stages for line in stage.step.lines)


def _holds(session: Session, it: EquityAgreement) -> None:
    session.flush()
    course = queries.course_of(session, it.company)
    state = course.now
    assert state.capital + state.reserve == _paid(session, it)
    assert sum(state.shares().values()) == 1
    alive = it.key in state.rights or it.key in state.grants
    assert alive == (it.state in LIVE_AGREEMENTS)
    assert (it.ended_on is None) == (it.state in LIVE_AGREEMENTS)
    waiting = queries.open_proposal(session, it)
    if it.kind == "grant":
        assert (it.state == "conversion_proposed") == (
            waiting is not None and waiting.kind == "conversion"
        )
    if waiting is not None:
        assert it.state in LIVE_AGREEMENTS
        assert None in (waiting.seller_confirmed_at, waiting.buyer_confirmed_at)
    expected = it.deal.state
    ends = {"exercised": "completed", "lapsed": "lapsed", "closed": "in_force.closed_without_fault"}
    assert expected == ends.get(it.state, f"in_force.{it.state}")
    done = [each for each in queries.proposals_of(session, it) if each.done_at is not None]
    confirmed = [e for e in queries.events(session, it.company) if e.kind in {
        "exercise", "conversion", "grant_closed"
    }]  # fmt: skip
    assert len(done) == len(confirmed)
    backs = session.scalars(
        sa.select(Obligation.net_minor).filter_by(deal_id=it.deal_id, kind="repayment", state="due")
    ).all()
    assert list(backs) == ([GRANT["grant_amount"]["minor"]] if it.state == "repaid" else [])
    assert list(verify(session)) == []


@pytest.mark.parametrize(
    ("form", "terms"), [("share_subscription", SUBSCRIPTION), ("invest_then_equity", GRANT)]
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(walk=st.lists(moves, min_size=3, max_size=12))
def test_walks(
    session: Session, cast: Cast, form: str, terms: Mapping[str, Any], walk: list[Move]
) -> None:
    outer = session.begin_nested()
    now, it = NOW, an_agreement(session, cast, form, terms)
    if it.kind == "grant":
        pay_out(session, cast, it)
    try:
        for move in walk:
            if move[0] == "days":
                now += timedelta(days=move[1])
                services.watch(session, now=now)
            else:
                kept = session.begin_nested()
                try:
                    _step(session, cast, it, move, now)
                    kept.commit()
                except DomainError:
                    kept.rollback()
                session.expire_all()
            _holds(session, it)
        event(f"{form}: {it.state}")
    finally:
        outer.rollback()
        session.expire_all()
