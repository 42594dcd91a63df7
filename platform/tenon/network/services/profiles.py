"""What a broker can do, and how much: languages, fields, regions, limits, the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import LANGUAGES, User
from tenon.actors import Actor
from tenon.errors import Invalid, NotFound
from tenon.network.models import CERTIFICATES, BrokerField, BrokerProfile, BrokerRegion
from tenon.network.queries import heads
from tenon.network.queries.people import is_broker
from tenon.taxonomy import catalogue

FIELD_SCHEMES = ("hitech", "ipc", "gbt4754")
MOST_FIELDS, MOST_REGIONS, MOST_THINGS = 60, 40, 9_999
NUMBER_LIMIT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """What is said of a broker.

    Attributes:
        languages: codes of the site's languages.
        fields: (scheme, code) of technology or industry.
        regions: codes; those below count in.
        most_firms, most_needs: how many they can look after; None without a limit.
        certificate: which, one of CERTIFICATES; empty without.
        number, until: the certificate's number and last day.
    """

    languages: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    regions: tuple[str, ...] = ()
    most_firms: int | None = None
    most_needs: int | None = None
    certificate: str = ""
    number: str = ""
    until: date | None = None


def may_edit_profile(session: Session, actor: Actor, user: User) -> bool:
    """Whether the actor writes somebody's profile and absences: their own, or from above."""
    own = actor.broker and actor.user_id == user.id
    return own or heads.manages_broker(session, actor, user.id)


def require_may_edit(session: Session, actor: Actor, user: User) -> None:
    """Raise NotFound unless the actor may edit what the network knows of a broker."""
    if not is_broker(user) or not may_edit_profile(session, actor, user):
        raise NotFound(kind="broker")


def save_profile(
    session: Session, user: User, skills: Skills, *, by: Actor, now: datetime
) -> BrokerProfile:
    """Write what is said of a broker; raises NotFound, Invalid at the fields of ``Skills``."""
    require_may_edit(session, by, user)
    errors = _errors(skills)
    if errors:
        raise Invalid(errors)
    profile = session.get(BrokerProfile, user.id)
    if profile is None:
        profile = BrokerProfile(user_id=user.id, updated_at=now)
        session.add(profile)
    if profile.certified_until != skills.until:
        profile.alerted_days = None
    profile.languages = [code for code in LANGUAGES if code in skills.languages]
    profile.most_firms, profile.most_needs = skills.most_firms, skills.most_needs
    profile.certificate = skills.certificate or None
    profile.certificate_number = skills.number.strip() or None
    profile.certified_until = skills.until
    profile.updated_at = now
    session.flush()
    for table in (BrokerField, BrokerRegion):
        session.execute(sa.delete(table).where(table.user_id == user.id))
    session.add_all(
        BrokerField(user_id=user.id, scheme=scheme, code=code)
        for scheme, code in sorted(set(skills.fields))
    )
    session.add_all(
        BrokerRegion(user_id=user.id, region=code) for code in sorted(set(skills.regions))
    )
    session.flush()
    return profile


def _errors(skills: Skills) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not set(skills.languages) <= set(LANGUAGES):
        errors["languages"] = "unknown_code"
    known = (
        scheme in FIELD_SCHEMES and catalogue.find(scheme, code) is not None
        for scheme, code in skills.fields
    )
    if not all(known):
        errors["fields"] = "unknown_code"
    elif len(skills.fields) > MOST_FIELDS:
        errors["fields"] = "too_many"
    if any(catalogue.find("region", code) is None for code in skills.regions):
        errors["regions"] = "unknown_code"
    elif len(skills.regions) > MOST_REGIONS:
        errors["regions"] = "too_many"
    for name, most in (("most_firms", skills.most_firms), ("most_needs", skills.most_needs)):
        if most is not None and not 0 <= most <= MOST_THINGS:
            errors[name] = "out_of_range"
    return errors | _certificate_errors(skills)


def _certificate_errors(skills: Skills) -> dict[str, str]:
    if not skills.certificate:
        said = {"number": bool(skills.number.strip()), "until": skills.until is not None}
        return {"certificate": "required"} if any(said.values()) else {}
    if skills.certificate not in CERTIFICATES:
        return {"certificate": "unknown_code"}
    if not skills.number.strip():
        return {"number": "required"}
    return {"number": "too_long"} if len(skills.number.strip()) > NUMBER_LIMIT else {}
