"""Checks of deals that bring units, and what follows from their steps; registered by name.

Sources: Company Law 48-50 and 227 as in domain-rules.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals.effects import effect
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.equity import floors, queries, services, terms
from tenon.equity.days import today
from tenon.equity.increases import contribution_of, increase
from tenon.equity.models import EquityCompany
from tenon.errors import Invalid
from tenon.formulas import equity as eq
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rules.queries import find_rule

_LAW_48 = ("《公司法》第48条", "Company Law, art. 48")
_LAW_227 = ("《公司法》第227条", "Company Law, art. 227")


@guard("appraised")
def appraised(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,  # noqa: ARG001  # a check's form
) -> Refusal | None:
    """Technology is contributed at no more than its appraised value, with the report on file."""
    value = terms.minor(_values(session, deal), "technology_value")
    appraisal = queries.appraisal_of(session, deal)
    path = f"/deals/{deal.public_id}/equity#appraisal"
    if appraisal is None:
        message = N_("The technology has not been appraised: its report and value are missing.")
        return Refusal(message, {}, *_LAW_48, path=path)
    if value is not None and eq.appraisal_flaw(value, appraisal.value_minor) == "above":
        message = N_("The technology is contributed above its appraised value.")
        return Refusal(message, {}, *_LAW_48, path=path)
    return None


@guard("team_floor_kept")
def team_floor_kept(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,
) -> Refusal | None:
    """The contributors' part of the shares is not below the region's floor, where that binds.

    It binds state-founded universities and institutes against any other agreement; all others
    agree as they like, and the floor is what applies where they agreed nothing (the Act, 45).
    """
    values, held = _values(session, deal, proposed=True), floors.team_floor(session, deal, now=now)
    if held is None or values.get("team_share") in (None, ""):
        return None
    if held.allows(terms.part(values, "team_share")):
        return None
    message = N_(
        "The contributors' part of %(percent)s %% of the shares is below the %(floor)s %% that the "
        "rule gives them."
    )
    facts = {"percent": str(values["team_share"]), "floor": held.stated}
    path = f"/deals/{deal.public_id}/terms"
    return Refusal(message, facts, held.rule.source_zh, held.rule.source_en, path=path)


@guard("pre_emption_settled")
def pre_emption_settled(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,
) -> Refusal | None:
    """Every holder has said, with a date, whether it takes up its part of the increase.

    What they leave covers the units that the deal brings, and nobody holds more by now.
    """
    company = queries.company_of(session, deal)
    if _values(session, deal).get("new_company") is True:
        return None
    path = f"/deals/{deal.public_id}/equity#first-call"
    if company is None:
        return _no_table(deal)
    units = increase(session, deal, company, day=today(now))
    call = queries.first_call(session, deal, company, units=units)
    return None if call is None else _uncovered(call, path)


@guard("conversion_terms_chosen")
def conversion_terms_chosen(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,
) -> Refusal | None:
    """It is chosen whether the pre-money includes the conversion; the region's limits are kept."""
    values = _values(session, deal, proposed=True)
    if values.get("pre_money_includes_conversion") in ("includes", "excludes"):
        return _beyond_region(session, deal, values, now=now)
    message = N_(
        "It has not been chosen whether the pre-money valuation includes the conversion; the same "
        "round then gives two different prices."
    )
    return Refusal(message, path=f"/deals/{deal.public_id}/terms")


@guard("cap_table_opened")
def cap_table_opened(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,
) -> Refusal | None:
    """The deal's company has a cap table that begins with its founding, and the right fits it."""
    company = queries.company_of(session, deal)
    if company is None or not queries.course_of(session, company).stages:
        return _no_table(deal)
    values = _values(session, deal)
    if "strike_rule" in values and not _right_fits(session, company, values, today(now)):
        message = N_("The right does not fit the company: its price is below par, or it is empty.")
        return Refusal(message, path=f"/deals/{deal.public_id}/terms")
    return None


@guard("cap_table_ready")
def cap_table_ready(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # a check's form
    now: datetime,  # noqa: ARG001  # a check's form
) -> Refusal | None:
    """The contribution stands in the cap table as it was agreed."""
    company = queries.company_of(session, deal)
    if company is None:
        return _no_table(deal)
    path = f"/equity/{company.public_id}"
    stage = contribution_of(session, deal, company)
    if stage is None:
        message = N_("The contribution is not in the company's cap table yet.")
        return Refusal(message, path=path)
    values = _values(session, deal)
    agreed = (terms.minor(values, "technology_value"), terms.part(values, "team_share"))
    event = stage.step.event
    payments = event.payments if isinstance(event, eq.Incorporation | eq.Round) else ()
    found = [(p.value, p.team_share) for p in payments if isinstance(p, eq.Technology)]
    if found != [agreed]:
        message = N_("The cap table has the technology at another value or team's part.")
        return Refusal(message, path=path)
    capital = terms.minor(values, "capital_part")
    issued = sum(line.units for line in stage.step.lines if line.what in ("technology", "team"))
    if company.kind == "limited" and capital is not None and issued != capital:
        message = N_("The cap table has another part of the technology as registered capital.")
        return Refusal(message, path=path)
    return None


@effect("grant_subscription_right")
def grant_subscription_right(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # an effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Enter the subscription right in the register and in the table."""
    services.enter_subscription(session, deal, by=by, now=now)


@effect("record_grant")
def record_grant(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # an effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Enter the grant in the register and in the table."""
    services.enter_grant(session, deal, by=by, now=now)


@effect("apply_contribution")
def apply_contribution(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # an effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Write to the deal's history which units the contribution brought, and where it stands."""
    company = queries.company_of(session, deal)
    stage = None if company is None else contribution_of(session, deal, company)
    if company is None or stage is None:
        raise Invalid({"": "no_contribution"})
    facts = {
        "company": company.public_id,
        "number": stage.event.number,
        "sequence": stage.event.sequence,
        "result": stage.event.result,
    }
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="contributed", by=by, now=now, facts=facts)


def _uncovered(call: queries.FirstCall, path: str) -> Refusal | None:
    """Return why the holders' answers do not cover an increase, if they do not."""
    if call.settled:
        return None
    if call.asked is None:
        message = N_("The holders have not been asked whether they take up their part.")
        return Refusal(message, {}, *_LAW_227, path=path)
    if call.waiting:
        message = N_("Holders have not answered yet whether they take up their part: %(count)s.")
        return Refusal(message, {"count": call.waiting}, *_LAW_227, path=path)
    if call.came:
        message = N_("Holders came, or hold a larger part, since they were asked: %(count)s.")
        return Refusal(message, {"count": call.came}, *_LAW_227, path=path)
    message = N_("The deal brings more units than the holders were asked about and leave to it.")
    return Refusal(message, {}, *_LAW_227, path=path)


def _right_fits(
    session: Session, company: EquityCompany, values: Mapping[str, Any], day: date
) -> bool:
    """Whether a right on these terms could be granted today."""
    state = queries.course_of(session, company).now
    try:
        right = terms.right_of(values, holder="", company=state, day=day)
        eq.apply(state, eq.RightGranted(day, "", right))
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _beyond_region(
    session: Session, deal: Deal, values: Mapping[str, Any], *, now: datetime
) -> Refusal | None:
    """Return which limit of the region the conversion's terms break, if any.

    A contract that is signed is held to the rules of its day.
    """
    day, path = deal.signed_on or today(now), f"/deals/{deal.public_id}/terms"
    highest = find_rule(session, "grant_discount_highest", jurisdiction=deal.jurisdiction, on=day)
    if highest and terms.part(values, "discount") * 100 > Fraction(str(highest.value)):
        message = N_("The discount is above the region's highest of %(percent)s %%.")
        facts = {"percent": str(highest.value)}
        return Refusal(message, facts, highest.source_zh, highest.source_en, path=path)
    most = find_rule(session, "grant_share_highest", jurisdiction=deal.jurisdiction, on=day)
    stated = terms.part(values, "holding_limit") * 100
    limit = Fraction(100) if most is None else Fraction(str(most.value))
    if most and limit < 100 and (not stated or stated > limit):
        message = N_("The terms must limit what the funder holds to %(percent)s %% at most.")
        facts = {"percent": str(most.value)}
        return Refusal(message, facts, most.source_zh, most.source_en, path=path)
    return None


def _no_table(deal: Deal) -> Refusal:
    message = N_("The company's cap table has not been opened, or does not begin with a founding.")
    return Refusal(message, path=f"/deals/{deal.public_id}/equity")


def _values(session: Session, deal: Deal, *, proposed: bool = False) -> Mapping[str, Any]:
    version = accepted_terms(session, deal)
    if proposed:
        version = proposed_terms(session, deal) or version
    return {} if version is None else version.values
