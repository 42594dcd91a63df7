"""Contract registration (技术合同认定登记): what its certificate states, checked and stored.

Figures count registered contracts by these rows; domain-rules 1 names the fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.days import day_of
from tenon.compliance.models import LEGAL_NATURES, ContractRegistration, Duty
from tenon.compliance.recording import record
from tenon.compliance.services import duties
from tenon.deals.forms.schema import CONTRACT_KINDS
from tenon.deals.models import DealFile
from tenon.errors import Conflict, Invalid
from tenon.history.services import lock
from tenon.listings.models import IP_KINDS

_NUMBER = re.compile(r"[0-9]{16}")
_DIVISION = re.compile(r"[0-9]{6}")
_COUNTRY = re.compile(r"[A-Z]{3}")
HOME = "CHN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the certificate says; amounts in minor units of ``currency``.

    Attributes:
        number: 16 digits.
        contract: one of the five kinds.
        value_minor, technology_value_minor: 成交额 and 技术交易额, 0 <= the second <= the first.
        seller_country, buyer_country: three letters (ISO 3166-1).
        seller_division, buyer_division: administrative division, six digits; of parties here.
        seller_nature, buyer_nature: legal nature, of LEGAL_NATURES.
    """

    number: str
    project_name: str
    contract: str
    signed_on: date | None
    registered_on: date | None
    value_minor: int | None
    technology_value_minor: int | None
    currency: str = "CNY"
    valid_from: date | None = None
    valid_to: date | None = None
    authority: str = ""
    seller_country: str = HOME
    seller_division: str = ""
    seller_nature: str = ""
    buyer_country: str = HOME
    buyer_division: str = ""
    buyer_nature: str = ""
    ip_kind: str = ""
    industry: str = ""


def register(
    session: Session,
    found: Duty,
    certificate: Certificate,
    *,
    file: DealFile | None = None,
    by: Actor,
    now: datetime,
) -> ContractRegistration:
    """Store what the certificate states and close the duty.

    For the side that owns it (the seller registers once, where it is). Raises NotFound, Forbidden,
    Invalid at the fields' names, Conflict where it is closed or the number is another deal's.
    """
    deal = found.deal
    permissions.require(permissions.may_keep_duty(by, found, deal), "keep_duty")
    if found.code != duties.REGISTRATION:
        raise Invalid({"": "unknown_code"})
    _check(certificate, now=now)
    lock(session, ("deal", deal.public_id))
    taken = session.scalar(
        sa.select(ContractRegistration.deal_id).where(
            ContractRegistration.number == certificate.number
        )
    )
    if taken is not None and taken != deal.id:
        raise Invalid({"number": "already_taken"})
    if session.get(ContractRegistration, deal.id) is not None:
        raise Conflict("answered_meanwhile", kind="duty")
    made = ContractRegistration(deal_id=deal.id, **_columns(certificate))
    duties.close_registration(session, found, made, file=file, by=by, now=now)
    session.add(made)
    session.flush()
    facts = {
        "number": made.number,
        "contract": made.contract,
        "value": made.value_minor,
        "technology_value": made.technology_value_minor,
        "currency": made.currency,
    }
    record(session, deal, "contract_registered", facts, by=by, now=now)
    return made


def _columns(given: Certificate) -> dict[str, object]:
    texts = ("authority", "seller_division", "buyer_division", "ip_kind", "industry")
    found = {name: getattr(given, name) for name in Certificate.__dataclass_fields__}
    return found | {name: getattr(given, name).strip() or None for name in texts}


def _check(given: Certificate, *, now: datetime) -> None:
    errors: dict[str, str] = {}
    if not _NUMBER.fullmatch(given.number):
        errors["number"] = "not_16_digits"
    if not given.project_name.strip():
        errors["project_name"] = "required"
    elif len(given.project_name) > 300:
        errors["project_name"] = "too_long"
    if given.contract not in CONTRACT_KINDS:
        errors["contract"] = "unknown_code"
    _check_days(given, errors, now=now)
    _check_values(given, errors)
    for side in ("seller", "buyer"):
        _check_party(given, side, errors)
    if given.ip_kind and given.ip_kind not in IP_KINDS:
        errors["ip_kind"] = "unknown_code"
    for name, limit in (("authority", 200), ("industry", 10)):
        if len(getattr(given, name)) > limit:
            errors[name] = "too_long"
    if errors:
        raise Invalid(errors)


def _check_party(given: Certificate, side: str, errors: dict[str, str]) -> None:
    country, division = getattr(given, f"{side}_country"), getattr(given, f"{side}_division")
    if not _COUNTRY.fullmatch(country):
        errors[f"{side}_country"] = "not_a_country"
    if (division or country == HOME) and not _DIVISION.fullmatch(division):
        errors[f"{side}_division"] = "not_a_division"
    if getattr(given, f"{side}_nature") not in LEGAL_NATURES:
        errors[f"{side}_nature"] = "required"


def _check_days(given: Certificate, errors: dict[str, str], *, now: datetime) -> None:
    if given.signed_on is None:
        errors["signed_on"] = "required"
    if given.registered_on is None:
        errors["registered_on"] = "required"
    elif given.registered_on > day_of(now):
        errors["registered_on"] = "in_the_future"
    elif given.signed_on is not None and given.registered_on < given.signed_on:
        errors["registered_on"] = "before_signed"
    if given.valid_from and given.valid_to and given.valid_to < given.valid_from:
        errors["valid_to"] = "out_of_order"


def _check_values(given: Certificate, errors: dict[str, str]) -> None:
    value, technology = given.value_minor, given.technology_value_minor
    if value is None:
        errors["value"] = "required"
    elif value < 0:
        errors["value"] = "out_of_range"
    if technology is None:
        errors["technology_value"] = "required"
    elif technology < 0:
        errors["technology_value"] = "out_of_range"
    elif value is not None and technology > value:
        errors["technology_value"] = "above_value"
