"""The one way in which a deal changes its state: rights, guards, the table, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import effects, forms, guards, permissions, terms
from tenon.deals.forms.schema import SIGNED_STAGES, Form, Step
from tenon.deals.models import END_REASONS, Deal
from tenon.deals.queries.deals import accepted_terms
from tenon.errors import Conflict, Invalid, NotFound
from tenon.notices import delivery
from tenon.states import Change, StateMachine

REMARK_LIMIT = 2000


@lru_cache(maxsize=64)
def machine(form: Form) -> StateMachine:
    """Return the table of a form."""
    return StateMachine(
        "deal",
        [state.code for state in form.states],
        [Change(step.name, frozenset(step.sources), step.target) for step in form.steps],
    )


def step_of(deal: Deal, name: str) -> Step:
    """Return a step of the deal's form; raises NotFound."""
    step = forms.get(deal.form).step(name)
    if step is None:
        raise NotFound(kind="step")
    return step


def require_version(deal: Deal, expected: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` where the deal is not as the actor's page showed it."""
    if expected is not None and deal.version != expected:
        raise Conflict("changed_meanwhile", kind="deal")


def take_step(
    session: Session,
    deal: Deal,
    name: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    remark: str = "",
    expected_version: int | None = None,
) -> None:
    """Take a step by a button.

    Raises NotFound, Forbidden, IllegalTransition; Invalid at ``reason`` or ``remark``; Conflict
    where somebody was faster; ``guards.RuleBroken`` with every rule that stands in the way.
    """
    step = step_of(deal, name)
    if step.done_by_service:
        raise NotFound(kind="step")
    permissions.require_step(by, deal, step)
    columns: dict[str, Any] = {}
    if step.reason:
        if reason not in END_REASONS:
            raise Invalid({"reason": "required" if not reason else "unknown_code"})
        if len(remark) > REMARK_LIMIT:
            raise Invalid({"remark": "too_long"})
        stage = forms.get(deal.form).stage_of(step.target)
        if stage in ("terminated", "dropped"):
            columns = {"end_reason": reason, "end_remark": remark.strip() or None}
    advance(
        session,
        deal,
        step,
        by=by,
        now=now,
        facts={"reason": reason} if step.reason else None,
        along=columns,
        expected_version=expected_version,
    )


def advance(
    session: Session,
    deal: Deal,
    step: Step,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    along: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
) -> None:
    """Take a step whose right to it the caller has checked: guards, state, what follows.

    ``along`` are further columns of the same statement. Raises IllegalTransition, Conflict and
    ``guards.RuleBroken``.
    """
    require_version(deal, expected_version)
    form = forms.get(deal.form)
    if deal.state in step.sources:  # otherwise the machine says so
        guards.require(session, deal, step, now=now)
    stage = form.stage_of(step.target)
    columns: dict[str, Any] = {"stage": stage, "state_since": now, **(along or {})}
    if stage != deal.stage:
        columns["stage_since"] = now
    today = now.astimezone(delivery.current().zone).date()
    if stage in ("completed", "terminated", "lapsed", "dropped"):
        columns["ended_on"] = today
    columns |= _days(session, deal, form, step, stage, today, known=columns)
    machine(form).move(deal, step.name, by=by, now=now, facts=facts, along=columns)
    effects.follow(session, deal, step, by=by, now=now)


def _days(
    session: Session,
    deal: Deal,
    form: Form,
    step: Step,
    stage: str,
    today: date,
    *,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the days that a step decides.

    An offer that is taken up and paid is a contract without signatures: its day is that one's.
    """
    found: dict[str, Any] = {}
    events = {step.name: today}
    if stage in SIGNED_STAGES and deal.signed_on is None and "signed_on" not in known:
        effective_on = deal.effective_on or today
        found = {"signed_on": today, "effective_on": effective_on}
        events |= {"signed": today, "effective": effective_on}
    if form.runs is not None and form.runs.after in events and "ends_on" not in known:
        agreed = accepted_terms(session, deal)
        if agreed is not None:
            found["ends_on"] = terms.ends_on(form, agreed.values, events)
    return found


def change_columns(
    session: Session, deal: Deal, *, expected_version: int | None = None, **columns: Any
) -> None:
    """Change columns outside a step, by comparing and swapping the version.

    Raises Conflict ``changed_meanwhile``. History is the caller's business.
    """
    require_version(deal, expected_version)
    session.flush()
    result = session.execute(
        sa.update(Deal)
        .where(Deal.id == deal.id, Deal.version == deal.version)
        .values(version=deal.version + 1, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="deal")
    session.refresh(deal, ["version", *columns])
