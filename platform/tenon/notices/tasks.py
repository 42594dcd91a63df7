"""Outbox handlers: send mail, and tell people of what happened in the accounts room.

The accounts room comes before this one and cannot call it, hence its events are read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts import queries as accounts
from tenon.accounts.models import Membership, Organisation, User
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import personal, wording
from tenon.notices.services import SEND_MAIL, deliver, forget_sent, notify
from tenon.outbox import Then, handles

wording.register(
    {
        "organisation_applied": N_("%(organisation)s applies to be listed here."),
        "organisation_approve": N_("%(organisation)s has been approved: you can submit now."),
        "organisation_refuse": N_("%(organisation)s was not approved: %(reason)s"),
        "organisation_suspend": N_("%(organisation)s has been suspended: %(reason)s"),
        "organisation_restore": N_("%(organisation)s is open again."),
        "membership_requested": N_("%(person)s asks to join %(organisation)s."),
        "membership_accepted": N_("You now belong to %(organisation)s."),
        "membership_declined": N_("Your request to join %(organisation)s was declined."),
        "membership_role_changed": N_("Your role in %(organisation)s has changed."),
        "membership_ended": N_("Your membership of %(organisation)s has ended."),
        "broker_granted": N_("You are now a technology broker here."),
        "broker_revoked": N_("You are no longer a technology broker here."),
        "operator_granted": N_("You are now an operator of this site."),
        "operator_revoked": N_("You are no longer an operator of this site."),
    }
)

PERIODIC = [("notices.tidy", timedelta(days=1))]
KEEP_SENT = timedelta(days=30)

__all__ = ["personal"]  # imported for its registrations


@handles(SEND_MAIL, reads=True)
def send(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:
    """Send a mail once."""
    return deliver(session, mail_id=int(payload["id"]), now=now)


@handles("notices.tidy")
def tidy(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete mails sent a month ago."""
    forget_sent(session, before=now - KEEP_SENT)


@handles("accounts.organisation_applied")
def organisation_applied(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the operators that an application waits."""
    organisation = session.get(Organisation, payload["id"])
    if organisation is None or organisation.state != "pending":
        return
    facts = {"organisation": _names(organisation)}
    for operator in accounts.operators(session):
        notify(
            session,
            user=operator,
            kind="organisation_applied",
            facts=facts,
            path="/admin/organisations",
            now=now,
        )


@handles("organisation.moved")
def organisation_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the administrators what an operator decided."""
    organisation = session.get(Organisation, payload["id"])
    kind = f"organisation_{payload['change']}"
    if organisation is None or kind not in wording.kinds():
        return
    facts = {"organisation": _names(organisation), "reason": organisation.decision_reason or ""}
    _tell(
        session, accounts.administrators(session, organisation.id), kind, facts, organisation, now
    )


@handles("accounts.membership_changed")
def membership_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the administrators of a request, and the person of what became of it."""
    membership = session.get(Membership, payload["id"])
    kind = f"membership_{payload['change']}"
    if membership is None or kind not in wording.kinds():
        return
    organisation = membership.organisation
    facts: dict[str, Any] = {"organisation": _names(organisation)}
    if payload["change"] != "requested":
        _tell(session, [membership.user], kind, facts, organisation, now)
    elif membership.state == "requested":
        facts["person"] = membership.user.name
        deciders = accounts.administrators(session, organisation.id) or accounts.operators(session)
        path = f"{_path(organisation)}/members"
        for decider in deciders:
            notify(
                session,
                user=decider,
                kind=kind,
                facts=facts,
                path=path,
                now=now,
                about=membership.user,
            )


@handles("accounts.role_changed")
def role_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell a person that a role on the site was granted or taken back."""
    user = session.get(User, payload["user_id"])
    if user is None:
        return
    change = "granted" if payload["change"] == "role_granted" else "revoked"
    kind = f"{payload['role']}_{change}"
    notify(session, user=user, kind=kind, facts={}, path="/account", now=now)


def _path(organisation: Organisation) -> str:
    return f"/organisations/{organisation.public_id}"


def _names(organisation: Organisation) -> dict[str, str]:
    return {"zh": organisation.name("zh"), "en": organisation.name("en")}


def _tell(
    session: Session,
    people: Iterable[User],
    kind: str,
    facts: Mapping[str, Any],
    organisation: Organisation,
    now: datetime,
) -> None:
    for user in people:
        path = _path(organisation)
        notify(session, user=user, kind=kind, facts=facts, path=path, now=now)
