"""Whom the steps of a grant concern, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import administrators
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify
from tenon.rights.models import GrantObjection, RightGrant

wording.register(
    {
        "rights_grant_apply": N_("Contributors apply for rights in “%(listing)s”: please decide."),
        "rights_grant_approve": N_("The grant of rights in “%(listing)s” is approved."),
        "rights_grant_publicise": N_("The grant of rights in “%(listing)s” is published."),
        "rights_grant_agree": N_("The grant of rights in “%(listing)s” is agreed."),
        "rights_grant_refuse": N_("The grant of rights in “%(listing)s” was refused."),
        "rights_grant_withdraw": N_("The application for rights in “%(listing)s” was withdrawn."),
        "rights_grant_objection": N_(
            "Somebody objects to the grant of rights in “%(listing)s”: please answer."
        ),
        "rights_grant_answer": N_(
            "Your objection to the grant of rights in “%(listing)s” was answered."
        ),
    },
    group="rights",
    heading=N_("Rights granted to contributors"),
)
_TO_INSTITUTION = frozenset({"apply", "withdraw", "objection", "agree"})
_TO_TEAM = frozenset({"approve", "publicise", "refuse", "agree"})


def tell(
    session: Session,
    grant: RightGrant,
    change: str,
    *,
    now: datetime,
    objection: GrantObjection | None = None,
) -> None:
    """Tell the institution's administrators, the team, or who objected, by what happened."""
    people: dict[int, User] = {}
    if change in _TO_INSTITUTION:
        people |= {each.id: each for each in administrators(session, grant.institution_id)}
    if change in _TO_TEAM:
        people |= {each.id: each for each in team_of(session, grant)}
    path = f"/rights/grants/{grant.public_id}"
    if change == "answer" and objection is not None and objection.author is not None:
        people = {objection.author.id: objection.author}
        path = f"/rights/publicity/{grant.public_id}"
    _notify(session, people.values(), f"rights_grant_{change}", grant, path=path, now=now)


def team_of(session: Session, grant: RightGrant) -> list[User]:
    """Return the contributors of the site who take part, and the applicant."""
    keys = {each.user_id for each in grant.members if each.user_id is not None}
    if grant.applicant_id is not None:
        keys.add(grant.applicant_id)
    return list(session.scalars(sa.select(User).where(User.id.in_(keys))))


def _notify(
    session: Session,
    people: Iterable[User],
    kind: str,
    grant: RightGrant,
    *,
    path: str,
    now: datetime,
) -> None:
    facts = {"listing": {tongue: grant.listing.text(tongue).title for tongue in ("zh", "en")}}
    for each in people:
        notify(session, user=each, kind=kind, facts=facts, path=path, now=now)
