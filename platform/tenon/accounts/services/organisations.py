"""Verbs on organisations: apply, edit, decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts import credit_codes, queries
from tenon.accounts.models import ORGANISATION_KINDS, Membership, Organisation, User
from tenon.accounts.permissions import (
    may_apply_again,
    may_create_organisation,
    may_decide_on_organisations,
    may_edit_organisation,
    may_note_organisation,
    require,
)
from tenon.accounts.states import NEEDS_REASON, ORGANISATION
from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.outbox import emit
from tenon.taxonomy import catalogue

NAME_LENGTH = 200
ABOUT_LENGTH = 5000
REASON_LENGTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What an organisation says of itself; codes are of the schemes region, country, gbt4754.

    ``state_founded``: None means that nobody said. ``credit_code`` is typed in any form.
    """

    kind: str
    name_zh: str | None = None
    name_en: str | None = None
    about_zh: str | None = None
    about_en: str | None = None
    website: str | None = None
    region: str | None = None
    country: str = "CN"
    industry: str | None = None
    state_founded: bool | None = None
    credit_code: str | None = None


def create_organisation(
    session: Session,
    *,
    profile: Profile,
    by: Actor,
    now: datetime,
    despite_namesakes: bool = False,
) -> Organisation:
    """Apply for a new organisation; the applicant is its administrator and acts for it.

    Raises Invalid, with ``name_exists`` where another of the same name is known, unless
    ``despite_namesakes``. The applicant's row is locked, so that a form sent twice finds the
    first one's organisation.
    """
    require(may_create_organisation(by))
    user = session.scalars(sa.select(User).where(User.id == by.user_id).with_for_update()).one()
    organisation = _written(session, profile, by, now, despite_namesakes=despite_namesakes)
    session.add(
        Membership(
            user_id=user.id,
            organisation_id=organisation.id,
            role="administrator",
            state="active",
            created_at=now,
            decided_at=now,
        )
    )
    user.acting_for_id = organisation.id
    session.flush()
    session.expire(user, ["memberships"])
    _applied(session, organisation, "applied", by=by, now=now)
    return organisation


def note_organisation(
    session: Session, *, profile: Profile, by: Actor, now: datetime
) -> Organisation:
    """Write down, as a broker, a firm that is not here yet; it waits for an operator as any does.

    Nobody belongs to it: its people ask to join once it is approved. Raises Invalid as
    ``create_organisation``, Forbidden for who is no broker.
    """
    require(may_note_organisation(by))
    session.scalars(sa.select(User).where(User.id == by.user_id).with_for_update()).one()
    organisation = _written(session, profile, by, now, despite_namesakes=False)
    _applied(session, organisation, "noted", by=by, now=now)
    return organisation


def _written(
    session: Session, profile: Profile, by: Actor, now: datetime, *, despite_namesakes: bool
) -> Organisation:
    profile = _checked(profile)
    if not despite_namesakes and queries.namesakes(session, profile.name_zh, profile.name_en):
        raise Invalid({"name_zh" if profile.name_zh else "name_en": "name_exists"})
    organisation = Organisation(**asdict(profile), created_at=now, created_by=by.user_id)
    session.add(organisation)
    session.flush()
    return organisation


def _applied(
    session: Session, organisation: Organisation, kind: str, *, by: Actor, now: datetime
) -> None:
    facts = {"kind": organisation.kind}
    chain = ("organisation", organisation.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
    emit(session, "accounts.organisation_applied", {"id": organisation.id}, now=now)


def edit_organisation(
    session: Session, *, organisation: Organisation, profile: Profile, by: Actor, now: datetime
) -> None:
    """Change the profile. The kind stays once approved, unless an operator changes it."""
    require(may_edit_organisation(by, organisation))
    profile = _checked(profile)
    if organisation.state == "approved" and not by.operator and profile.kind != organisation.kind:
        raise Invalid({"kind": "kind_is_settled"})
    changed = sorted(
        name for name, value in asdict(profile).items() if getattr(organisation, name) != value
    )
    if not changed:
        return
    for name in changed:
        setattr(organisation, name, getattr(profile, name))
    chain = ("organisation", organisation.public_id)
    facts = {"fields": changed}
    history.record(session, chain=chain, kind="edited", by=by, now=now, facts=facts)


def decide_organisation(
    session: Session,
    *,
    organisation: Organisation,
    step: str,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Approve, refuse, suspend or restore; refusing and suspending want a reason.

    Raises Invalid without the reason, IllegalTransition and Conflict as any move.
    """
    require(may_decide_on_organisations(by))
    if step not in ORGANISATION.changes or step == "apply_again":
        raise Invalid({"step": "unknown_code"})
    reason = reason.strip()
    if step in NEEDS_REASON and not reason:
        raise Invalid({"reason": "required"})
    if len(reason) > REASON_LENGTH:
        raise Invalid({"reason": "too_long"})
    ORGANISATION.move(organisation, step, by=by, now=now)
    organisation.decision_reason = reason if step in NEEDS_REASON else None
    session.flush()


def apply_again(session: Session, *, organisation: Organisation, by: Actor, now: datetime) -> None:
    """Send a refused application in again, after mending the profile."""
    require(may_apply_again(by, organisation))
    ORGANISATION.move(organisation, "apply_again", by=by, now=now)
    organisation.decision_reason = None
    emit(session, "accounts.organisation_applied", {"id": organisation.id}, now=now)


def _checked(profile: Profile) -> Profile:
    texts = {
        name: _clean(value)
        for name, value in asdict(profile).items()
        if name not in {"country", "state_founded", "credit_code"}
    }
    cleaned = Profile(
        **texts,  # type: ignore[arg-type]  # kind is never None after the check below
        country=profile.country or "CN",
        state_founded=profile.state_founded,
        credit_code=credit_codes.normal(profile.credit_code or "") or None,
    )
    problems = dict(_problems(cleaned))
    if problems:
        raise Invalid(problems)
    return cleaned


def _clean(value: str | None) -> str | None:
    return (value or "").strip() or None


def _problems(profile: Profile) -> Iterator[tuple[str, str]]:
    if profile.kind not in ORGANISATION_KINDS:
        yield "kind", "unknown_code"
    if profile.name_zh is None and profile.name_en is None:
        yield "name_zh", "required"
    for name in ("name_zh", "name_en"):
        if len(getattr(profile, name) or "") > NAME_LENGTH:
            yield name, "too_long"
    for name in ("about_zh", "about_en"):
        if len(getattr(profile, name) or "") > ABOUT_LENGTH:
            yield name, "too_long"
    for name, scheme in (("region", "region"), ("country", "country"), ("industry", "gbt4754")):
        code = getattr(profile, name)
        if code is not None and catalogue.find(scheme, code) is None:
            yield name, "unknown_code"
    yield from _problems_of_addresses(profile)


def _problems_of_addresses(profile: Profile) -> Iterator[tuple[str, str]]:
    if profile.credit_code is not None and not credit_codes.is_valid(profile.credit_code):
        yield "credit_code", "not_a_credit_code"
    if profile.website is not None and not is_web_address(profile.website):
        yield "website", "not_a_web_address"


def is_web_address(address: str) -> bool:
    """Whether this is an http or https address with a host, short enough to keep."""
    if len(address) > 300 or any(character.isspace() for character in address):
        return False
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
    except ValueError:
        return False
