"""Whom this room tells of what: approvers, contributors, objectors, those who own a duty."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.accounts.queries import administrators
from tenon.actors import ROLE_RANK
from tenon.compliance.models import Approval, Duty, FirstRefusal, Objection, Publicity
from tenon.deals import forms
from tenon.deals.forms.schema import Words
from tenon.deals.models import Deal
from tenon.deals.notifying import side_people, tell
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording

wording.register(
    {
        "approval_asked": N_("The deal “%(deal)s” waits for your approval: %(step)s."),
        "approval_returned": N_("The deal “%(deal)s” was returned in approval: %(step)s."),
        "approval_waits": N_("The deal “%(deal)s” still waits for your approval: %(step)s."),
        "first_refusal_asked": N_(
            "You are a contributor to what “%(deal)s” disposes of: say by %(day)s whether you take "
            "it on equal terms."
        ),
        "first_refusal_taken_up": N_(
            "A contributor takes up what “%(deal)s” disposes of, on equal terms."
        ),
        "objection_made": N_("Somebody objects to the publicity of the deal “%(deal)s”."),
        "objection_decided": N_("Your objection to the publicity of “%(deal)s” has been decided."),
        "publicity_over": N_("The publicity of the deal “%(deal)s” has ended on %(day)s."),
        "duty_due": N_("%(duty)s of the deal “%(deal)s” is due on %(day)s."),
        "duty_overdue": N_("%(duty)s of the deal “%(deal)s” was due on %(day)s."),
    },
    group="deals",
    samples={
        "deal": {"zh": "高温热泵许可", "en": "Licence of a high-temperature heat pump"},
        "step": {"zh": "成果转化处审核", "en": "Check by the transfer office"},
        "duty": {"zh": "专利许可备案", "en": "Licence filing"},
        "day": "2027-03-10",
    },
)


def approvers(session: Session, approval: Approval, deal: Deal) -> list[User]:
    """Return who may give an approval: the person named, or all of the role."""
    house = deal.side_organisation_id(approval.side)
    wanted = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == house,
            Membership.state == "active",
            User.active.is_(True),
        )
    )
    if approval.user_id is not None:
        return list(session.scalars(wanted.where(User.id == approval.user_id)))
    least = ROLE_RANK[approval.role or "administrator"]
    roles = [role for role, rank in ROLE_RANK.items() if rank >= least]
    return list(session.scalars(wanted.where(Membership.role.in_(roles)).order_by(User.id)))


def tell_approvers(
    session: Session, approval: Approval, deal: Deal, *, kind: str, now: datetime
) -> None:
    """Ask who may give an approval (``approval_asked``, ``approval_waits``)."""
    facts = {"step": {"zh": approval.name_zh, "en": approval.name_en}}
    people = approvers(session, approval, deal)
    path = f"/approvals/{approval.public_id}"
    tell(session, deal, people, kind, facts, now=now, path=path)


def tell_returned(session: Session, approval: Approval, deal: Deal, *, now: datetime) -> None:
    """Tell the approver's own side that a step was returned; the remark stands on the page."""
    facts = {"step": {"zh": approval.name_zh, "en": approval.name_en}}
    people = side_people(session, deal, approval.side)
    path = f"/deals/{deal.public_id}/compliance"
    tell(session, deal, people, "approval_returned", facts, now=now, path=path)


def tell_contributor(session: Session, refusal: FirstRefusal, *, now: datetime) -> None:
    """Ask a contributor who is a person of the site."""
    user_id = refusal.contributor.user_id
    user = None if user_id is None else session.get(User, user_id)
    if user is not None and user.active:
        facts = {"day": refusal.until.isoformat()}
        path = f"/first-refusals/{refusal.public_id}"
        tell(session, refusal.deal, [user], "first_refusal_asked", facts, now=now, path=path)


def tell_taken_up(session: Session, deal: Deal, *, now: datetime) -> None:
    """Tell the seller's administrators that a contributor takes up."""
    people = administrators(session, deal.seller_organisation_id)
    _of_page(session, deal, people, "first_refusal_taken_up", now=now)


def tell_objection(session: Session, deal: Deal, *, now: datetime) -> None:
    """Tell the seller's administrators of an objection."""
    people = administrators(session, deal.seller_organisation_id)
    _of_page(session, deal, people, "objection_made", now=now)


def tell_decided(session: Session, objection: Objection, deal: Deal, *, now: datetime) -> None:
    """Tell who objected that it was decided."""
    user = None if objection.user_id is None else session.get(User, objection.user_id)
    if user is not None and user.active:
        path = f"/publicities/{objection.publicity.public_id}"
        tell(session, deal, [user], "objection_decided", now=now, path=path)


def tell_over(session: Session, publicity: Publicity, deal: Deal, *, now: datetime) -> None:
    """Tell the seller that a publicity has ended."""
    facts = {"day": publicity.last_on.isoformat()}
    people = side_people(session, deal, "seller")
    path = f"/deals/{deal.public_id}/compliance"
    tell(session, deal, people, "publicity_over", facts, now=now, path=path)


def tell_duty(session: Session, duty: Duty, *, kind: str, now: datetime) -> None:
    """Remind the side that owns a duty (``duty_due``, ``duty_overdue``)."""
    if duty.due_on is None:
        return
    names = duty_names(duty.deal, duty.code)
    facts = {"duty": {"zh": names.zh, "en": names.en}, "day": duty.due_on.isoformat()}
    people = side_people(session, duty.deal, duty.side)
    path = f"/deals/{duty.deal.public_id}/compliance"
    tell(session, duty.deal, people, kind, facts, now=now, path=path)


def duty_names(deal: Deal, code: str) -> Words:
    """Return what a duty is called; its code, where the form names it no more."""
    found = [each.names for each in forms.get(deal.form).duties if each.code == code]
    return found[0] if found else Words(code, code)


def _of_page(
    session: Session, deal: Deal, people: Iterable[User], kind: str, *, now: datetime
) -> None:
    path = f"/deals/{deal.public_id}/compliance"
    tell(session, deal, people, kind, now=now, path=path)
