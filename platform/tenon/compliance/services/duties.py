"""Duties beside the pipeline: laid out when a deal is signed, done, waived, chased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.days import day_of
from tenon.compliance.models import ContractRegistration, Duty
from tenon.compliance.recording import record
from tenon.deals import forms
from tenon.deals import permissions as deals
from tenon.deals.forms.schema import Duty as Told
from tenon.deals.models import Deal, DealFile
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.formulas.days import months_later
from tenon.network.queries.days import working_days_later
from tenon.rules.queries import Rule, find_rule

REMARK_LIMIT = 2000
REGISTRATION = "contract_registration"
TITLE = "title_transfer"


def start(session: Session, deal: Deal, *, by: Actor, now: datetime) -> list[Duty]:
    """Lay out the duties that the form names, each with its day by the rule; each once a deal."""
    known = {each.code for each in duties(session, deal)}
    made = []
    for told in forms.get(deal.form).duties:
        if told.code in known:
            continue
        began = _began(deal, told, now)
        due_on, found = _due(session, deal, told, began)
        made.append(
            Duty(
                deal_id=deal.id,
                code=told.code,
                side=told.owner,
                optional=told.optional,
                due_on=due_on,
                source_zh=None if found is None else found.source_zh,
                source_en=None if found is None else found.source_en,
            )
        )
    session.add_all(made)
    session.flush()
    if made:
        facts = {each.code: each.due_on.isoformat() if each.due_on else None for each in made}
        record(session, deal, "duties_started", facts, by=by, now=now)
    return made


def count_from_step(session: Session, deal: Deal, step: str, *, now: datetime) -> int:
    """Set the day of open duties that are counted from a step which was just taken."""
    told = {each.code: each for each in forms.get(deal.form).duties if each.after == step}
    counted = 0
    for each in duties(session, deal):
        if each.code in told and each.state == "open" and each.due_on is None:
            due_on, found = _due(session, deal, told[each.code], day_of(now))
            if found is not None:
                each.due_on, each.source_zh, each.source_en = (
                    due_on,
                    found.source_zh,
                    found.source_en,
                )
                counted += 1
    session.flush()
    return counted


def duties(session: Session, deal: Deal) -> Sequence[Duty]:
    """Return a deal's duties, the next due first."""
    return session.scalars(
        sa.select(Duty)
        .where(Duty.deal_id == deal.id)
        .order_by(Duty.due_on.is_(None), Duty.due_on, Duty.id)
    ).all()


def duty(session: Session, deal: Deal, code: str) -> Duty:
    """Return a duty of a deal; raises NotFound."""
    found = session.scalars(
        sa.select(Duty).where(Duty.deal_id == deal.id, Duty.code == code)
    ).first()
    if found is None:
        raise NotFound(kind="duty")
    return found


def note_applied(
    session: Session, found: Duty, *, applied_on: date, by: Actor, now: datetime
) -> None:
    """Note when the authority received a contract registration: it decides by the rule's day.

    Fifteen working days, thirty from the threshold of technology value on (rules
    ``contract_registration_*``). Raises Forbidden, Invalid at ``applied_on``, Conflict.
    """
    _require_open(found, by)
    deal = found.deal
    if deal.signed_on is not None and not deal.signed_on <= applied_on <= day_of(now):
        raise Invalid({"applied_on": "out_of_range"})
    rule = _decision_rule(session, deal, applied_on)
    columns: dict[str, object] = {"applied_on": applied_on, "reminded_at": None}
    if rule is not None:
        due_on = working_days_later(session, applied_on, rule.number)
        columns |= {"due_on": due_on, "source_zh": rule.source_zh, "source_en": rule.source_en}
    _swap(session, found, columns)
    facts = {"duty": found.code, "applied_on": applied_on.isoformat()}
    record(session, deal, "duty_applied", facts, by=by, now=now)


def do(
    session: Session,
    found: Duty,
    *,
    number: str,
    done_on: date,
    file: DealFile | None = None,
    remark: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Close a duty as done: its number and day, and the paper if there is one.

    Contract registration is closed by ``registering.register``. Raises NotFound, Forbidden, Invalid
    at ``number``, ``done_on``, ``file``, ``remark``; Conflict where it is closed already.
    """
    if found.code == REGISTRATION:
        raise IllegalTransition(step="do", state=found.state, kind="duty")
    _close(session, found, number=number, done_on=done_on, file=file, remark=remark, by=by, now=now)


def waive(session: Session, found: Duty, *, reason: str, by: Actor, now: datetime) -> None:
    """Close a duty as not needed, with the reason; raises as ``do``, Invalid at ``remark``.

    Title transfer cannot be waived while the deal's form passes title.
    """
    _require_open(found, by)
    if not deals.signs_for(by, found.deal, found.side):
        raise Forbidden(action="waive")
    if found.code == TITLE:
        raise IllegalTransition(step="waive", state=found.state, kind="duty")
    words = reason.strip()
    if not words:
        raise Invalid({"remark": "required"})
    if len(words) > REMARK_LIMIT:
        raise Invalid({"remark": "too_long"})
    columns = {"state": "waived", "remark": words, "closed_at": now, "closed_by": by.user_id}
    _swap(session, found, columns)
    record(session, found.deal, "duty_waived", {"duty": found.code}, by=by, now=now)


def close_registration(
    session: Session,
    found: Duty,
    registration: ContractRegistration,
    *,
    file: DealFile | None,
    by: Actor,
    now: datetime,
) -> None:
    """Close the contract registration by what its certificate says."""
    _close(
        session,
        found,
        number=registration.number,
        done_on=registration.registered_on,
        file=file,
        remark="",
        by=by,
        now=now,
    )


def _close(
    session: Session,
    found: Duty,
    *,
    number: str,
    done_on: date,
    file: DealFile | None,
    remark: str,
    by: Actor,
    now: datetime,
) -> None:
    _require_open(found, by)
    deal, errors = found.deal, {}
    if not number.strip():
        errors["number"] = "required"
    elif len(number) > 60:
        errors["number"] = "too_long"
    if done_on > day_of(now):
        errors["done_on"] = "in_the_future"
    elif deal.signed_on is not None and done_on < deal.signed_on:
        errors["done_on"] = "before_signed"
    if file is not None and file.deal_id != deal.id:
        errors["file"] = "unknown_code"
    if len(remark) > REMARK_LIMIT:
        errors["remark"] = "too_long"
    if errors:
        raise Invalid(errors)
    columns = {
        "state": "done",
        "number": number.strip(),
        "done_on": done_on,
        "file_id": None if file is None else file.id,
        "remark": remark.strip() or None,
        "closed_at": now,
        "closed_by": by.user_id,
    }
    _swap(session, found, columns)
    facts = {
        "duty": found.code,
        "number": found.number,
        "on": done_on.isoformat(),
        "sha256": None if file is None else file.sha256,
    }
    record(session, deal, "duty_done", facts, by=by, now=now)


def _require_open(found: Duty, by: Actor) -> None:
    deals.require_read(by, found.deal)
    permissions.require(permissions.may_keep_duty(by, found, found.deal), "keep_duty")
    if found.state != "open":
        raise Conflict("answered_meanwhile", kind="duty")


def _swap(session: Session, found: Duty, columns: dict[str, object]) -> None:
    session.flush()
    result = session.execute(
        sa.update(Duty)
        .where(Duty.id == found.id, Duty.state == "open")
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="duty")
    session.refresh(found, list(columns))


def _began(deal: Deal, told: Told, now: datetime) -> date | None:
    signed = deal.signed_on or day_of(now)
    if told.after == "signed":
        return signed
    return (deal.effective_on or signed) if told.after == "effective" else None


def _due(
    session: Session, deal: Deal, told: Told, began: date | None
) -> tuple[date | None, Rule | None]:
    if told.rule is None or began is None:
        return None, None
    found = find_rule(session, told.rule, jurisdiction=deal.jurisdiction, on=began)
    if found is None:
        return None, None
    count = {
        "days": lambda: began + timedelta(days=found.number),
        "working_days": lambda: working_days_later(session, began, found.number),
        "months": lambda: months_later(began, found.number),
    }
    return count[found.unit](), found


def _decision_rule(session: Session, deal: Deal, on: date) -> Rule | None:
    place, large = deal.jurisdiction, False
    threshold = find_rule(
        session, "contract_registration_large_threshold", jurisdiction=place, on=on
    )
    if threshold is not None and deal.technology_value_minor is not None:
        large = (
            threshold.money.currency == deal.currency
            and deal.technology_value_minor >= threshold.money.minor
        )
    code = "contract_registration_days_large" if large else "contract_registration_days"
    return find_rule(session, code, jurisdiction=place, on=on)
