"""Grants of rights to contributors (赋权): apply, approve, publish, agree; it changes who owns.

Publicity lasts the rule's days and cannot be cut short, and nothing is agreed while an objection
has no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.permissions import require
from tenon.actors import Actor
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.formulas.days import years_later
from tenon.history.services import lock
from tenon.listings.models import Listing
from tenon.outbox import emit
from tenon.rights import permissions, shares
from tenon.rights.models import GRANT_KINDS, GrantMember, RightGrant, UseRight
from tenon.rights.queries.grants import unanswered
from tenon.rights.queries.owners import Subject, contributors_of, owners
from tenon.rights.services.owning import write_version
from tenon.rights.shares import Owner
from tenon.rights.states import GRANT
from tenon.rules.queries import rule

STATEMENT_LENGTH = 5000
REMARK_LENGTH = 1000
MOST_MEMBERS = 30
_MOST_YEARS = 50


@dataclass(frozen=True, slots=True)
class Member:
    """A contributor who takes part: of the site or named, with percent of what the team gets."""

    name: str
    share: Decimal
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What contributors apply for: ``share`` percent of ownership, or use for ``years``."""

    kind: str
    members: Sequence[Member]
    statement: str
    share: Decimal | None = None
    years: int | None = None


def apply(
    session: Session,
    listing: Listing,
    *,
    application: Application,
    by: Actor,
    now: datetime,
    today: date,
) -> RightGrant:
    """Apply for a part of the ownership, or for a long right of use, in an achievement.

    Raises:
        Forbidden: the actor neither contributed to the achievement nor wrote its listing.
        Invalid: at a field; ``years`` says too_short below the rule's least term, ``share`` says
            more_than_owned above what the institution owns, ``members`` what is wrong with the
            team (required, not_whole, owner_twice, not_positive, too_fine, applicant_missing).
        Conflict: ``grant_open`` where one is open for this achievement already.
    """
    require(permissions.may_apply(by, listing, contributors_of(session, listing)))
    problems = _problems(session, listing, application, by, today)
    if problems:
        raise Invalid(problems)
    lock(session, ("rights_grants", listing.public_id))
    key = f"listing:{listing.id}"
    if session.scalar(sa.select(RightGrant.id).where(RightGrant.live_key == key)) is not None:
        raise Conflict("grant_open", kind="rights_grant")
    made = RightGrant(
        kind=application.kind,
        listing_id=listing.id,
        institution_id=listing.organisation_id,
        applicant_id=by.user_id,
        share=application.share if application.kind == "ownership" else None,
        years=application.years if application.kind == "use" else None,
        statement=application.statement.strip(),
        live_key=key,
        applied_at=now,
        members=[
            GrantMember(position=number, user_id=each.user_id, name=each.name, share=each.share)
            for number, each in enumerate(application.members, start=1)
        ],
    )
    session.add(made)
    session.flush()
    facts = {"kind": made.kind, "listing": listing.public_id, "members": len(made.members)}
    facts |= {"share": str(made.share)} if made.share is not None else {"years": made.years}
    chain = ("rights_grant", made.public_id)
    history.record(session, chain=chain, kind="apply", by=by, now=now, facts=facts)
    _announce(session, made, "apply", now=now)
    return made


def _problems(
    session: Session, listing: Listing, application: Application, by: Actor, today: date
) -> dict[str, str]:
    found = {}
    if listing.side != "achievement":
        found[""] = "wrong_side"
    if application.kind not in GRANT_KINDS:
        found["kind"] = "unknown_code"
    elif application.kind == "ownership":
        found |= _share_problem(session, listing, application.share, today)
    else:
        found |= _years_problem(session, listing, application.years, today)
    if not application.statement.strip():
        found["statement"] = "required"
    elif len(application.statement) > STATEMENT_LENGTH:
        found["statement"] = "too_long"
    return found | _team_problem(application.members, by)


def _share_problem(
    session: Session, listing: Listing, share: Decimal | None, today: date
) -> dict[str, str]:
    if share is None or share <= 0:
        return {"share": "required"}
    if round(share, 6) != share:
        return {"share": "too_fine"}
    owned = owners(session, listing, on=today).of_organisation(listing.organisation_id)
    return {"share": "more_than_owned"} if share > owned else {}


def _years_problem(
    session: Session, listing: Listing, years: int | None, today: date
) -> dict[str, str]:
    if years is None:
        return {"years": "required"}
    least = rule(
        session,
        "use_right_min_years",
        jurisdiction=listing.organisation.region,
        on=today,
    )
    if years < least.number:
        return {"years": "below_rule"}
    return {"years": "out_of_range"} if years > _MOST_YEARS else {}


def _team_problem(members: Sequence[Member], by: Actor) -> dict[str, str]:
    as_owners = [
        Owner(share=each.share, user_id=each.user_id, name=each.name, outside_kind="person")
        for each in members
    ]
    problem = shares.problem(as_owners)
    if problem is None and any(not 0 < len(each.name) <= 120 for each in members):
        problem = "unknown_owner"
    if problem is None and by.user_id not in {each.user_id for each in members}:
        problem = "applicant_missing"
    if len(members) > MOST_MEMBERS:
        problem = "too_many"
    return {"members": problem} if problem else {}


def approve(
    session: Session,  # noqa: ARG001  # the form of all verbs
    grant: RightGrant,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Approve an application for the institution; raises Forbidden, IllegalTransition, Conflict."""
    require(permissions.decides_grants(by, grant.institution_id))
    GRANT.move(grant, "approve", by=by, now=now, along={"approved_at": now})


def publicise(
    session: Session, grant: RightGrant, *, by: Actor, now: datetime, today: date
) -> None:
    """Publish what is to be granted, for the rule's days from tomorrow on.

    The day on which it begins does not count (Civil Code, 201).
    """
    require(permissions.decides_grants(by, grant.institution_id))
    found = rule(session, "rights_publicity_days", jurisdiction=grant.institution.region, on=today)
    until = today + timedelta(days=found.number)
    along = {
        "publicised_at": now,
        "publicity_days": found.number,
        "publicity_until": until,
    }
    facts = {"days": found.number, "until": until.isoformat()}
    GRANT.move(grant, "publicise", by=by, now=now, along=along, facts=facts)


def refuse(
    session: Session,  # noqa: ARG001  # the form of all verbs
    grant: RightGrant,
    *,
    remark: str,
    by: Actor,
    now: datetime,
) -> None:
    """Refuse for the institution, with a reason; raises Invalid at ``remark``, and as any move."""
    require(permissions.decides_grants(by, grant.institution_id))
    text = remark.strip()
    if not text or len(text) > REMARK_LENGTH:
        raise Invalid({"remark": "too_long" if text else "required"})
    along = {"ended_at": now, "live_key": None, "decision_remark": text}
    GRANT.move(grant, "refuse", by=by, now=now, along=along)


def withdraw(
    session: Session,  # noqa: ARG001  # the form of all verbs
    grant: RightGrant,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Take the application back; raises Forbidden for all but the applicant."""
    require(permissions.may_withdraw_grant(by, grant))
    GRANT.move(grant, "withdraw", by=by, now=now, along={"ended_at": now, "live_key": None})


def what_is_missing(session: Session, grant: RightGrant, *, today: date) -> str | None:
    """Return why a published grant cannot be confirmed yet; None where it can.

    publicity_running: its last day has not passed; objections_open: one has no answer.
    """
    if grant.publicity_until is None or today <= grant.publicity_until:
        return "publicity_running"
    return "objections_open" if unanswered(session, grant) else None


def confirm(session: Session, grant: RightGrant, *, by: Actor, now: datetime, today: date) -> bool:
    """Confirm the agreement, as the institution's administrator or as a contributor.

    With the last confirmation the grant is agreed and owners or rights of use change. Members
    who are not of the site are bound by the paper that the institution keeps.

    Returns:
        Whether the grant is agreed now.

    Raises:
        Forbidden: the actor is neither.
        Conflict: publicity_running, objections_open, confirmed_already, changed_meanwhile.
    """
    institution = permissions.decides_grants(by, grant.institution_id)
    own = next((each for each in grant.members if each.user_id == by.user_id), None)
    require(by.user_id is not None and (institution or own is not None))
    lock(session, ("rights_grant", grant.public_id))
    if grant.state not in GRANT.changes["agree"].sources:
        raise IllegalTransition(step="agree", state=grant.state, kind="rights_grant")
    missing = what_is_missing(session, grant, today=today)
    if missing is not None:
        raise Conflict(missing, kind="rights_grant")
    if not _note_confirmation(grant, own, institution=institution, by=by, now=now):
        raise Conflict("confirmed_already", kind="rights_grant")
    session.flush()
    if not is_confirmed(grant):
        facts = {"as": "institution" if institution else "contributor"}
        chain = ("rights_grant", grant.public_id)
        history.record(session, chain=chain, kind="confirm", by=by, now=now, facts=facts)
        return False
    GRANT.move(grant, "agree", by=by, now=now, along={"agreed_at": now, "live_key": None})
    _carry_out(session, grant, by=by, now=now, today=today)
    return True


def _note_confirmation(
    grant: RightGrant,
    own: GrantMember | None,
    *,
    institution: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Write down whose confirmation it is; somebody who is both confirms for both."""
    noted = False
    if institution and grant.institution_confirmed_at is None:
        grant.institution_confirmed_at, grant.institution_confirmed_by = now, by.user_id
        noted = True
    if own is not None and own.confirmed_at is None:
        own.confirmed_at = now
        noted = True
    return noted


def is_confirmed(grant: RightGrant) -> bool:
    """Whether the institution and every contributor of the site have confirmed."""
    return grant.institution_confirmed_at is not None and all(
        each.confirmed_at is not None for each in grant.members if each.user_id is not None
    )


def _carry_out(
    session: Session, grant: RightGrant, *, by: Actor, now: datetime, today: date
) -> None:
    if grant.kind == "use":
        for each in grant.members:
            session.add(
                UseRight(
                    grant_id=grant.id,
                    listing_id=grant.listing_id,
                    user_id=each.user_id,
                    name=each.name,
                    since=today,
                    until=years_later(today, grant.years or 0),
                )
            )
        session.flush()
        return
    held = owners(session, grant.listing, on=today).of_organisation(grant.institution_id)
    passes = Fraction(min(Decimal(grant.share or 0), held)) / Fraction(held or 1)
    subjects: list[Subject] = [grant.listing, *grant.listing.ip_rights]
    for subject in subjects:
        _change_owners(session, grant, subject, passes=passes, by=by, now=now, today=today)


def _change_owners(
    session: Session,
    grant: RightGrant,
    subject: Subject,
    *,
    passes: Fraction,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Let the team have the same part of what the institution owns of each subject."""
    before = owners(session, subject, on=today)
    part = shares.part_of(before.of_organisation(grant.institution_id), passes)
    if part <= 0:
        return
    after = shares.grant_part(
        before.shares,
        giver=grant.institution_id,
        part=part,
        team=[(_owner(session, each), each.share) for each in grant.members],
    )
    write_version(
        session,
        subject,
        owned=after,
        since=today,
        reason="grant",
        by=by,
        now=now,
        origin=grant.public_id,
    )


def _owner(session: Session, member: GrantMember) -> Owner:
    user = None if member.user_id is None else session.get(User, member.user_id)
    if user is not None and user.erased_at is None:
        return Owner(share=member.share, user_id=user.id)
    return Owner(share=member.share, name=member.name, outside_kind="person")


def _announce(session: Session, grant: RightGrant, change: str, *, now: datetime) -> None:
    """Tell the outbox of what is no move of the table."""
    emit(session, "rights.grant_told", {"id": grant.id, "change": change}, now=now)
