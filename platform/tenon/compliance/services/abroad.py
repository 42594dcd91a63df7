"""The checklist that a party abroad opens: export control, state funding, approval.

domain-rules 9: restricted exports need a licence, prohibited ones cannot proceed; state-funded IP
is assigned or exclusively licensed abroad only with approval.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.days import day_of
from tenon.compliance.models import EXPORT_CONTROLS, ForeignCheck
from tenon.compliance.recording import record
from tenon.compliance.services.sheets import BEFORE_SIGNED
from tenon.deals.models import Deal
from tenon.deals.queries import proposed_terms
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.history.services import lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """What the seller's administrator answers.

    Attributes:
        export_control: free, restricted or prohibited, by the catalogue in force.
        export_licence: number of the licence, of restricted technology.
        state_funded: whether public money paid for what is disposed of.
        approval_number, approved_on: of the approval that state-funded IP needs.
    """

    export_control: str
    state_funded: bool | None
    export_licence: str = ""
    approval_number: str = ""
    approved_on: date | None = None
    remark: str = ""


def fill(
    session: Session,
    deal: Deal,
    given: Checklist,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ForeignCheck:
    """Fill the checklist in, for the seller's administrators; it may be corrected until signed.

    And again while an amendment waits for its answer: it may grant what needs more.
    Raises NotFound, Forbidden, IllegalTransition, Invalid at the fields' names, Conflict.
    """
    permissions.require_decide(by, deal)
    amends = deal.stage in AMENDED_STAGES and proposed_terms(session, deal) is not None
    if deal.stage not in BEFORE_SIGNED and not amends:
        raise IllegalTransition(step="fill_checklist", state=deal.state, kind="deal")
    _check(given, now=now)
    lock(session, ("deal", deal.public_id))
    found = session.get(ForeignCheck, deal.id, populate_existing=True)
    if expected_version is not None and expected_version != (found.version if found else 0):
        raise Conflict("changed_meanwhile", kind="deal")
    if found is None:
        found = ForeignCheck(deal_id=deal.id, version=0)
        session.add(found)
    found.version += 1
    found.export_control = given.export_control
    found.export_licence = given.export_licence.strip() or None
    found.state_funded = bool(given.state_funded)
    found.approval_number = given.approval_number.strip() or None
    found.approved_on = given.approved_on
    found.remark = given.remark.strip() or None
    found.filled_at, found.filled_by = now, by.user_id
    session.flush()
    facts = {
        "export_control": found.export_control,
        "export_licence": found.export_licence,
        "state_funded": found.state_funded,
        "approval": found.approval_number,
    }
    record(session, deal, "foreign_check", facts, by=by, now=now)
    return found


def _check(given: Checklist, *, now: datetime) -> None:
    errors = {}
    if given.export_control not in EXPORT_CONTROLS:
        errors["export_control"] = "required" if not given.export_control else "unknown_code"
    if given.state_funded is None:
        errors["state_funded"] = "required"
    for name in ("export_licence", "approval_number"):
        if len(getattr(given, name)) > 120:
            errors[name] = "too_long"
    if len(given.remark) > 2000:
        errors["remark"] = "too_long"
    if given.approved_on is not None and given.approved_on > day_of(now):
        errors["approved_on"] = "in_the_future"
    if errors:
        raise Invalid(errors)
