"""Random walks of every form with all rooms at work: guards, schedule, ledger, rights, trials.

A deal is brought to its signatures as the demo does it; from there on people pay, wait, amend, and
try every step in any order. Whatever is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.app import load_tasks
from tenon.deals import forms, permissions
from tenon.deals.models import TermVersion
from tenon.deals.queries import accepted_terms
from tenon.deals.services import accept, propose, take_step
from tenon.demo import deal_money
from tenon.demo.deal_roads import Road
from tenon.demo.deals import rows_of_form, walk
from tenon.errors import DomainError
from tenon.history import HistoryEntry, proof
from tenon.ledger.queries import trial_balance
from tenon.listings.models import ListingContributor
from tenon.outbox.models import OutboxMessage
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations.scheduling import fall_due
from tenon.payments.queries.sums import standings
from tenon.trials.watching import watch_trials
from tests.deals.cast import Cast
from tests.factories.listings import make_ip_right

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FORMS = [form.code for form in forms.all_forms() if rows_of_form(form.code)]
SELLER = ("seller_editor", "seller_administrator")
BUYER = ("buyer_editor", "buyer_administrator")
doings = st.lists(
    st.tuples(
        st.sampled_from(["step", "step", "pay", "wait", "amend", "night"]), st.integers(0, 40)
    ),
    min_size=4,
    max_size=10,
)


@pytest.fixture(autouse=True)
def _everything_listens() -> None:
    load_tasks()


def set_out(session: Session, cast: Cast, form: str, folder: Path) -> Road:
    """A deal of a form with its contract signed, as the first of the demo's that gets so far."""
    row = rows_of_form(form)[0]
    right = make_ip_right(session)
    cast.result.ip_rights.append(right)
    if not cast.result.contributors:
        cast.result.contributors.append(ListingContributor(position=1, name="完成人甲"))
    session.flush()
    deal = cast.deal(session, form=form, state=forms.get(form).states[0].code, rights=[right])
    road = Road(
        session=session,
        deal=deal,
        people={**cast.people, "inventor": cast.people["nobody"]},
        sides={"seller": SELLER, "buyer": BUYER},
        folder=folder,
        now=NOW,
    )
    walk(road, row, until="sign", now=NOW)
    return road


def any_step(road: Road, number: int) -> None:
    """Somebody tries one of the form's steps: whoever may, or a stranger to it."""
    steps = forms.get(road.deal.form).steps
    step = steps[number % len(steps)]
    actors = [SYSTEM, *(actor for actor in _actors(road))]
    able = [a for a in actors if any(permissions.has_right(a, road.deal, r) for r in step.by)]
    by = able[number % len(able)] if able and number % 5 else actors[number % len(actors)]
    reason = "other" if step.reason else None
    take_step(road.session, road.deal, step.name, by=by, now=road.now, reason=reason)


def _actors(road: Road) -> list[Actor]:
    return [road.actor(role) for role in (*SELLER, *BUYER)]


def amend(road: Road, number: int) -> None:
    """One side proposes the terms anew, the other accepts: an amendment."""
    agreed = accepted_terms(road.session, road.deal)
    values = dict(agreed.values) if agreed else {}
    values["other_terms"] = f"补充约定第 {number} 条。"
    version = propose(
        road.session, road.deal, values=values, by=road.signer("seller"), now=road.now
    )
    accept(road.session, road.deal, version, by=road.signer("buyer"), now=road.now)


def pay(road: Road, number: int) -> None:
    """What is due is paid, all of it or a part."""
    deal_money.pay(road, {"part": 1 if number % 3 else 0.37})


def wait(road: Road, number: int) -> None:
    """Days pass; what falls due is booked."""
    road.wait(number * 5 + 1)
    fall_due(road.session, road.deal, by=SYSTEM, now=road.now)


def night(road: Road, _number: int) -> None:
    """The nightly watch comes by."""
    watch_trials(road.session, now=road.now)


DOINGS: dict[str, Callable[[Road, int], None]] = {
    "step": any_step,
    "pay": pay,
    "wait": wait,
    "amend": amend,
    "night": night,
}


def snapshot(road: Road) -> tuple[Any, ...]:
    """What a refusal must leave as it was."""
    session, deal = road.session, road.deal

    def rows(table: Any) -> int:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0

    return (
        deal.state,
        deal.stage,
        deal.version,
        *(rows(each) for each in (HistoryEntry, OutboxMessage, TermVersion, Payment, Obligation)),
    )


def must_hold(road: Road) -> None:
    """State in stage, one version in force, books balanced, nothing paid that was not received."""
    session, deal = road.session, road.deal
    form = forms.get(deal.form)
    assert form.stage_of(deal.state) == deal.stage
    in_force = sa.select(sa.func.count()).where(
        TermVersion.deal_id == deal.id, TermVersion.state == "accepted"
    )
    assert (session.scalar(in_force) or 0) <= 1
    books = trial_balance(session, owner=("deal", deal.public_id))
    by_currency: dict[str, int] = {}
    for place, balance in books.items():
        moved = by_currency.get(place.currency, 0)
        by_currency[place.currency] = moved + balance.debit - balance.credit
    assert set(by_currency.values()) <= {0}
    received = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Payment.amount_minor), 0)).where(
            Payment.deal_id == deal.id, Payment.state == "received", Payment.kind == "receipt"
        )
    )
    owed = session.scalars(sa.select(Obligation).where(Obligation.deal_id == deal.id)).all()
    found = standings(session, owed)
    assert sum(each.paid for each in found.values()) <= (received or 0)
    assert all(each.open >= 0 for each in found.values())


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(what=doings)
def test_whatever_people_do_nothing_is_lost(
    session: Session, cast: Cast, tmp_path: Path, form: str, what: list[tuple[str, int]]
) -> None:
    """Each act is done whole or refused whole; the chain of what happened holds at the end."""
    whole = session.begin_nested()
    road = set_out(session, cast, form, tmp_path)
    must_hold(road)
    for name, number in what:
        before, at = snapshot(road), road.now
        act = session.begin_nested()
        try:
            DOINGS[name](road, number)
        except DomainError:
            act.rollback()
            session.expire_all()
            road.now = at
            assert snapshot(road) == before
        else:
            act.commit()
        must_hold(road)
    assert list(proof.verify(session)) == []
    whole.rollback()
    session.expire_all()
