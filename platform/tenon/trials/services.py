"""Verbs of trials and milestones: policy, readings, what was learned; deliveries and answers.

The steps themselves (start, extend, accept, reject, convert) are the deal's; checks.py ties them
in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, terms_value
from tenon.errors import Conflict, IllegalTransition, Invalid, NotFound
from tenon.outbox.services import emit
from tenon.payments.obligations.services import reach_milestone
from tenon.trials.checks import day_of
from tenon.trials.models import READING_KINDS, Delivery, TrialPolicy, TrialReading
from tenon.trials.queries import (
    TRIAL_STATES,
    Milestone,
    deliveries_of,
    milestones_of,
    policy_of,
    trial_of,
)

NOTE_LIMIT = 500
TEXT_LIMIT = 5000
_LARGEST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An insurance policy as typed."""

    insurer: str
    number: str
    sum_minor: int
    currency: str
    begins_on: date
    ends_on: date


def record_policy(
    session: Session, deal: Deal, policy: Policy, *, by: Actor, now: datetime
) -> TrialPolicy:
    """Record the trial's insurance, once, by the side that the terms say insures.

    Raises NotFound, Forbidden, Invalid at the policy's fields, IllegalTransition before the trial
    is approved or after it has begun, Conflict where one is recorded already.
    """
    wanted = terms_value(accepted_terms(session, deal), "insurance")
    side = permissions.require_side(by, deal, wanted if wanted in ("seller", "buyer") else None)
    if deal.state != "in_force.trial_approved":
        raise IllegalTransition(step="record_policy", state=deal.state, kind="deal")
    errors = {
        name: "required" for name in ("insurer", "number") if not getattr(policy, name).strip()
    }
    if policy.sum_minor <= 0:
        errors["sum"] = "out_of_range"
    if policy.ends_on < policy.begins_on:
        errors["ends_on"] = "out_of_order"
    if errors:
        raise Invalid(errors)
    if policy_of(session, deal) is not None:
        raise Conflict("already_recorded", kind="policy")
    made = TrialPolicy(
        deal_id=deal.id,
        insurer=policy.insurer.strip()[:200],
        number=policy.number.strip()[:80],
        sum_minor=policy.sum_minor,
        currency=policy.currency,
        begins_on=policy.begins_on,
        ends_on=policy.ends_on,
        side=side,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, deal, "policy", by, now, {"number": made.number, "sum": made.sum_minor})
    return made


def report_reading(
    session: Session,
    deal: Deal,
    *,
    kind: str,
    on: date,
    value: Decimal | None = None,
    sold_minor: int | None = None,
    note: str = "",
    request_key: str | None = None,
    by: Actor,
    now: datetime,
) -> TrialReading:
    """Note what was measured (either side) or sold (the buyer) on a day of the trial.

    A repeated ``request_key`` returns the reading that was noted with it. Raises NotFound,
    Forbidden, IllegalTransition outside of the trial, Invalid at the fields.
    """
    side = permissions.require_side(by, deal, "buyer" if kind == "sales" else None)
    trial = trial_of(session, deal)
    if deal.state not in TRIAL_STATES or trial is None:
        raise IllegalTransition(step="report", state=deal.state, kind="deal")
    if request_key:
        same = sa.select(TrialReading).where(TrialReading.request_key == request_key)
        standing = session.scalars(same).first()
        if standing is not None and standing.deal_id == deal.id:
            return standing
    _check_reading(kind, on, value, sold_minor, note, trial.started_on, day_of(now))
    made = TrialReading(
        public_id=new_public_id(),
        deal_id=deal.id,
        kind=kind,
        on=on,
        value=value if kind == "metric" else None,
        sold_minor=sold_minor if kind == "sales" else None,
        currency=deal.currency if kind == "sales" else None,
        note=note.strip() or None,
        side=side,
        reported_by=by.user_id,
        reported_at=now,
        request_key=request_key,
    )
    session.add(made)
    session.flush()
    facts: dict[str, Any] = {"kind": kind, "on": on.isoformat(), "side": side}
    facts |= {"sold": sold_minor} if kind == "sales" else {"value": str(value)}
    _record(session, deal, "trial_reading", by, now, facts)
    emit(session, "trials.reported", {"deal_id": deal.id, "id": made.id}, now=now)
    return made


def _check_reading(
    kind: str,
    on: date,
    value: Decimal | None,
    sold_minor: int | None,
    note: str,
    first: date,
    today: date,
) -> None:
    errors = {}
    if kind not in READING_KINDS:
        errors["kind"] = "unknown_code"
    if not first <= on <= today:
        errors["on"] = "out_of_range"
    if kind == "metric" and value is None:
        errors["value"] = "required"
    elif value is not None and (abs(value) >= _LARGEST or value != round(value, 6)):
        errors["value"] = "out_of_range"
    if kind == "sales" and sold_minor is None:
        errors["sold"] = "required"
    elif sold_minor is not None and not 0 <= sold_minor < 10**15:
        errors["sold"] = "out_of_range"
    if len(note) > NOTE_LIMIT:
        errors["note"] = "too_long"
    if errors:
        raise Invalid(errors)


def confirm_reading(
    session: Session, deal: Deal, public_id: str, *, by: Actor, now: datetime
) -> TrialReading:
    """Confirm a value that the other side measured; it counts from now on.

    Raises NotFound, Forbidden, Conflict where it was confirmed meanwhile.
    """
    permissions.require_side(by, deal)
    reading = session.scalars(
        sa.select(TrialReading).where(
            TrialReading.deal_id == deal.id, TrialReading.public_id == public_id
        )
    ).first()
    if reading is None or reading.kind != "metric":
        raise NotFound(kind="reading")
    permissions.require_side(by, deal, "buyer" if reading.side == "seller" else "seller")
    result = session.execute(
        sa.update(TrialReading)
        .where(TrialReading.id == reading.id, TrialReading.confirmed_at.is_(None))
        .values(confirmed_at=now, confirmed_by=by.user_id)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="reading")
    session.refresh(reading)
    facts = {"on": reading.on.isoformat(), "value": str(reading.value)}
    _record(session, deal, "trial_reading_confirmed", by, now, facts)
    return reading


def write_lesson(session: Session, deal: Deal, *, text: str, by: Actor, now: datetime) -> None:
    """Write what the firm learned in the trial, for those who look after the result.

    Raises NotFound, Forbidden, Invalid at ``text``, IllegalTransition before the trial has ended.
    """
    permissions.require_side(by, deal, "buyer")
    trial = trial_of(session, deal)
    if trial is None or trial.outcome is None:
        raise IllegalTransition(step="write_lesson", state=deal.state, kind="deal")
    if not text.strip():
        raise Invalid({"text": "required"})
    if len(text) > TEXT_LIMIT:
        raise Invalid({"text": "too_long"})
    first = trial.learned is None
    trial.learned, trial.learned_at, trial.learned_by = text.strip(), now, by.user_id
    session.flush()
    _record(session, deal, "trial_lesson", by, now, {"length": len(text.strip())})
    if first:
        emit(session, "trials.learned", {"deal_id": deal.id}, now=now)


def deliver(
    session: Session, deal: Deal, *, milestone: int, note: str, by: Actor, now: datetime
) -> Delivery:
    """Deliver a milestone, as the seller; raises Conflict where one waits or was accepted."""
    permissions.require_side(by, deal, "seller")
    found = _milestone(session, deal, milestone)
    if found.state in ("delivered", "accepted"):
        raise Conflict("delivered_already", kind="milestone")
    if len(note) > TEXT_LIMIT:
        raise Invalid({"note": "too_long"})
    made = Delivery(
        public_id=new_public_id(),
        deal_id=deal.id,
        milestone=milestone,
        attempt=len(found.deliveries) + 1,
        note=note.strip() or None,
        delivered_by=by.user_id,
        delivered_at=now,
    )
    session.add(made)
    try:
        session.flush()
    except sa.exc.IntegrityError as error:
        raise Conflict("delivered_already", kind="milestone") from error
    facts = {"number": milestone, "attempt": made.attempt}
    _record(session, deal, "milestone_delivered", by, now, facts)
    emit(session, "trials.delivered", {"deal_id": deal.id, "id": made.id}, now=now)
    return made


def answer_delivery(
    session: Session,
    deal: Deal,
    *,
    milestone: int,
    accepted: bool,
    note: str,
    by: Actor,
    now: datetime,
) -> Delivery:
    """Accept a delivery, so that its payment falls due, or return it with what is missing.

    The buyer's people; raises NotFound, Forbidden, Invalid at ``note``, Conflict where somebody
    answered meanwhile.
    """
    permissions.require_side(by, deal, "buyer")
    if not accepted and not note.strip():
        raise Invalid({"note": "required"})
    if len(note) > TEXT_LIMIT:
        raise Invalid({"note": "too_long"})
    _milestone(session, deal, milestone)
    waits = [
        each
        for each in deliveries_of(session, deal)
        if each.milestone == milestone and each.state == "delivered"
    ]
    if not waits:
        raise Conflict("answered_meanwhile", kind="milestone")
    found = waits[-1]
    result = session.execute(
        sa.update(Delivery)
        .where(Delivery.id == found.id, Delivery.state == "delivered")
        .values(
            state="accepted" if accepted else "returned",
            answer=note.strip() or None,
            answered_by=by.user_id,
            answered_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="milestone")
    session.refresh(found)
    today = day_of(now)
    kind = "milestone_accepted" if accepted else "milestone_returned"
    facts = {"number": milestone, "attempt": found.attempt, "on": today.isoformat()}
    _record(session, deal, kind, by, now, facts)
    if accepted:
        reach_milestone(session, deal, number=milestone, on=today, by=by, now=now)
    emit(session, "trials.answered", {"deal_id": deal.id, "id": found.id}, now=now)
    return found


def _milestone(session: Session, deal: Deal, number: int) -> Milestone:
    if deal.stage != "in_force":
        raise IllegalTransition(step="deliver", state=deal.state, kind="deal")
    found = [each for each in milestones_of(session, deal) if each.number == number]
    if not found:
        raise NotFound(kind="milestone")
    return found[0]


def _record(
    session: Session,
    deal: Deal,
    kind: str,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any],
) -> None:
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
