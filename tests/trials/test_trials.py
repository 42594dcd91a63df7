"""A trial: begun under fixed terms, insured, measured, extended, accepted, rejected, converted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.guards import RuleBroken, open_points
from tenon.deals.models import Deal
from tenon.deals.services import step_of, take_step
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.outbox import OutboxMessage
from tenon.payments.models import Obligation
from tenon.trials import queries, services
from tenon.trials.models import Trial, TrialReading
from tenon.trials.watching import watch_trials
from tests.deals.cast import ROLES, Cast
from tests.factories.deals import make_terms
from tests.trials.conftest import MORNING, TERMS, MakeDeal

DAY = timedelta(days=1)
ON = date(2026, 6, 1)


def begin(session: Session, deal: Deal, cast: Cast) -> Trial:
    """The buyer says that it uses the technology, on 1 June 2026."""
    take_step(session, deal, "start_use", by=cast.actor("buyer_in_charge"), now=MORNING)
    return session.scalars(sa.select(Trial).where(Trial.deal_id == deal.id)).one()


def sell(session: Session, deal: Deal, cast: Cast, minor: int, *, days: int) -> TrialReading:
    """The buyer reports sales of a day, on that day."""
    return services.report_reading(
        session,
        deal,
        kind="sales",
        on=ON + days * DAY,
        sold_minor=minor,
        by=cast.actor("buyer_editor"),
        now=MORNING + days * DAY,
    )


def test_a_trial_runs_the_months_agreed_from_the_day_on_which_use_begins(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """Six months from 1 June are until 1 December; the history says who began."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    trial = begin(session, deal, cast)
    assert (trial.started_on, trial.ends_on) == (ON, date(2026, 12, 1))
    assert deal.state == "in_force.in_use"
    kinds = session.scalars(sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "deal"))
    assert "start_use" in kinds.all()


def test_use_does_not_begin_before_the_paid_terms_are_fixed(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """Without a trigger or a way of paying the start is refused, with the place to mend it."""
    deal = trial_deal(session, cast, state="in_force.trial_approved", triggers=[])
    with pytest.raises(RuleBroken) as refused:
        begin(session, deal, cast)
    assert [each.guard for each in refused.value.refusals] == ["trial_terms_fixed"]
    assert refused.value.refusals[0].path.endswith("/terms")
    assert queries.trial_of(session, deal) is None


@pytest.mark.parametrize(("triggers", "waits"), [(["date"], False), ([], True)])
def test_whoever_is_to_accept_is_told_of_the_version_that_is_proposed(
    session: Session, cast: Cast, triggers: list[str], waits: bool
) -> None:
    deal = cast.deal(session, form="pay_after_use", state="terms", now=MORNING)
    values = {**TERMS, "triggers": triggers}
    make_terms(session, deal, values=values, state="proposed", now=MORNING)
    agree = step_of(deal, "agree")
    found = [each.guard for each in open_points(session, deal, agree, now=MORNING)]
    assert ("trial_terms_fixed" in found) is waits


def test_where_the_terms_want_insurance_use_begins_under_a_policy_that_covers_the_day(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """No policy, no use; one that begins tomorrow does not cover today."""
    deal = trial_deal(session, cast, state="in_force.trial_approved", insurance="buyer")
    with pytest.raises(RuleBroken):
        begin(session, deal, cast)
    policy = services.Policy(
        insurer="示例保险公司",
        number="P-1",
        sum_minor=10**8,
        currency="CNY",
        begins_on=ON,
        ends_on=date(2026, 12, 31),
    )
    with pytest.raises(Forbidden):
        services.record_policy(session, deal, policy, by=cast.actor("seller_editor"), now=MORNING)
    services.record_policy(session, deal, policy, by=cast.actor("buyer_editor"), now=MORNING)
    with pytest.raises(Conflict):
        services.record_policy(session, deal, policy, by=cast.actor("buyer_editor"), now=MORNING)
    with pytest.raises(RuleBroken):
        take_step(session, deal, "start_use", by=cast.actor("buyer_editor"), now=MORNING - DAY)
    assert begin(session, deal, cast).started_on == ON


def test_a_measured_value_counts_once_the_other_side_has_confirmed_it(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """The seller's own figure converts nothing; confirmed by the buyer it does."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    later = MORNING + 10 * DAY
    reading = services.report_reading(
        session,
        deal,
        kind="metric",
        on=ON + 9 * DAY,
        value=Decimal("1.75"),
        by=cast.actor("seller_editor"),
        now=later,
    )
    assert watch_trials(session, now=later) == 0
    with pytest.raises(Forbidden):
        services.confirm_reading(
            session, deal, reading.public_id, by=cast.actor("seller_administrator"), now=later
        )
    services.confirm_reading(
        session, deal, reading.public_id, by=cast.actor("buyer_editor"), now=later
    )
    assert watch_trials(session, now=later) == 1
    trial = queries.trial_of(session, deal)
    assert trial is not None
    assert (trial.trigger, trial.triggered_on) == ("metric", ON + 9 * DAY)
    assert (trial.outcome, deal.state) == ("converted", "in_force.converted")


def test_conversion_makes_the_price_due_and_runs_the_paid_term_from_its_day(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """300,000 within 30 days of 11 June; 60 months until 11 June 2031."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    sell(session, deal, cast, 100, days=10)
    assert watch_trials(session, now=MORNING + 10 * DAY) == 1
    owed = session.scalars(sa.select(Obligation).where(Obligation.deal_id == deal.id)).all()
    price = next(each for each in owed if each.kind == "buy_out")
    assert price.due_on == date(2026, 7, 11)
    assert deal.ends_on == date(2031, 6, 11)
    assert watch_trials(session, now=MORNING + 11 * DAY) == 0


def test_sales_add_up_until_they_reach_the_sum(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """499,999.99 convert nothing, one fen more does."""
    deal = trial_deal(
        session, cast, state="in_force.trial_approved", triggers=["sales"], trigger_date=None
    )
    begin(session, deal, cast)
    sell(session, deal, cast, 30_000_000, days=3)
    sell(session, deal, cast, 19_999_999, days=5)
    assert watch_trials(session, now=MORNING + 5 * DAY) == 0
    sell(session, deal, cast, 1, days=6)
    assert watch_trials(session, now=MORNING + 6 * DAY) == 1


def test_a_trial_is_extended_as_often_as_agreed_and_not_after_a_trigger(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """Once, by three months; the second time is refused."""
    deal = trial_deal(session, cast, state="in_force.trial_approved", triggers=["metric"])
    trial = begin(session, deal, cast)
    seller = cast.actor("seller_editor")
    take_step(session, deal, "extend", reason="timing", by=seller, now=MORNING + 90 * DAY)
    assert (deal.state, trial.ends_on, trial.extensions) == (
        "in_force.extended",
        date(2027, 3, 1),
        1,
    )
    with pytest.raises(RuleBroken) as refused:
        take_step(session, deal, "extend", reason="timing", by=seller, now=MORNING + 91 * DAY)
    assert refused.value.refusals[0].guard == "extension_allowed"


def test_what_was_triggered_cannot_be_rejected_any_more(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """The first sale makes it payable: rejecting comes too late."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    sell(session, deal, cast, 100, days=1)
    buyer = cast.actor("buyer_administrator")
    with pytest.raises(RuleBroken) as refused:
        take_step(session, deal, "reject", reason="technology", by=buyer, now=MORNING + 2 * DAY)
    assert refused.value.refusals[0].guard == "not_triggered"


def test_a_rejected_trial_owes_no_price_and_teaches_the_owner(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """Rejected before any trigger; what was learned reaches the result's page."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    buyer = cast.actor("buyer_editor")
    with pytest.raises(IllegalTransition):
        services.write_lesson(session, deal, text="太早", by=buyer, now=MORNING + DAY)
    take_step(session, deal, "reject", reason="technology", by=buyer, now=MORNING + 30 * DAY)
    services.write_lesson(
        session, deal, text="粉尘大时换热片两周就堵。", by=buyer, now=MORNING + 31 * DAY
    )
    lessons = queries.lessons_of(session, cast.result.id)
    assert [each.trial.learned for each in lessons] == ["粉尘大时换热片两周就堵。"]
    topics = session.scalars(sa.select(OutboxMessage.topic)).all()
    assert topics.count("trials.learned") == 1
    waiting = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id, Obligation.state.in_(("planned", "due"))
        )
    ).all()
    assert waiting == []


def test_both_sides_are_reminded_once_before_the_end_and_once_after_it(
    session: Session, cast: Cast, trial_deal: MakeDeal
) -> None:
    """30 days before 1 December, and after it, however often the watch looks."""
    deal = trial_deal(session, cast, state="in_force.trial_approved", triggers=["metric"])
    begin(session, deal, cast)
    for days in (150, 153, 154, 160, 184, 190):
        watch_trials(session, now=MORNING + days * DAY)
    told = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.topic == "trials.remind")
    ).all()
    assert [each.payload["what"] for each in told] == ["ending", "over"]


def test_a_retried_report_notes_once(session: Session, cast: Cast, trial_deal: MakeDeal) -> None:
    """The same key of the form gives the reading that stands."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    sent: dict[str, Any] = {"kind": "sales", "on": ON, "sold_minor": 7, "request_key": "k" * 16}
    buyer = cast.actor("buyer_editor")
    first = services.report_reading(session, deal, **sent, by=buyer, now=MORNING)
    second = services.report_reading(session, deal, **sent, by=buyer, now=MORNING)
    assert first.id == second.id


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "metric", "on": ON}, "value"),
        ({"kind": "metric", "on": ON, "value": Decimal("0.0000001")}, "value"),
        ({"kind": "sales", "on": ON}, "sold"),
        ({"kind": "sales", "on": ON, "sold_minor": -1}, "sold"),
        ({"kind": "sales", "on": ON - DAY, "sold_minor": 1}, "on"),
        ({"kind": "sales", "on": ON + DAY, "sold_minor": 1}, "on"),
        ({"kind": "rumour", "on": ON}, "kind"),
        ({"kind": "sales", "on": ON, "sold_minor": 1, "note": "长" * 501}, "note"),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused_at_its_field(
    session: Session,
    cast: Cast,
    trial_deal: MakeDeal,
    sent: dict[str, Any],
    field: str,
) -> None:
    """Nothing is noted, and the field says what is wrong."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    with pytest.raises(Invalid) as refused:
        services.report_reading(
            session,
            deal,
            **sent,
            by=cast.actor("buyer_editor"),
            now=MORNING,
        )
    assert field in refused.value.fields
    assert queries.readings_of(session, deal) == []


@pytest.mark.parametrize("role", ROLES)
def test_only_the_buyer_reports_sales(
    session: Session, cast: Cast, trial_deal: MakeDeal, role: str
) -> None:
    """Its editors, administrators and person in charge; everybody else learns 403 or 404."""
    deal = trial_deal(session, cast, state="in_force.trial_approved")
    begin(session, deal, cast)
    actor = cast.actor(role)

    def report() -> TrialReading:
        return services.report_reading(
            session, deal, kind="sales", on=ON, sold_minor=1, by=actor, now=MORNING
        )

    if role in ("buyer_in_charge", "buyer_editor", "buyer_administrator"):
        assert report().sold_minor == 1
        return
    knows = role in (
        "seller_in_charge",
        "seller_editor",
        "seller_administrator",
        "broker",
        "operator",
    )
    with pytest.raises(Forbidden if knows else NotFound):
        report()
