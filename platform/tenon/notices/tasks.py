"""Outbox handlers: send mail, and tell people of what happened in the accounts room.

The accounts room comes before this one and cannot call it, hence its events are read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts import queries as accounts
from tenon.accounts.models import Membership, Organisation, User
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import bounces, digests, gathering, personal, sending, wording
from tenon.notices.services import SEND_MAIL, notify
from tenon.outbox import Later, Then, handles

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
    },
    group="accounts",
    heading=N_("Account and organisation"),
    # What somebody may do here has changed: that cannot go unnoticed.
    essential=(
        "membership_role_changed",
        "membership_ended",
        "broker_granted",
        "broker_revoked",
        "operator_granted",
        "operator_revoked",
    ),
)

PERIODIC = [("notices.tidy", timedelta(days=1)), ("notices.digests", timedelta(minutes=5))]
KEEP_SENT = timedelta(days=30)

__all__ = ["personal"]  # imported for its registrations


def find_mails(
    session: Session, payloads: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Read the mails of several payloads in one go."""
    found = sending.waiting(session, [int(payload["id"]) for payload in payloads])
    return [{"found": found.get(int(payload["id"]))} for payload in payloads]


# The patience covers one mail over a server that answers every step only just in time, twice.
@handles(SEND_MAIL, reads=True, in_turn=True, patience=600, ahead=find_mails)
def send(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | Later | None:
    """Send a mail once."""
    found = payload["found"]
    return sending.deliver_found(session, found, now=now) if found else None


@handles(gathering.GATHER)
def gather(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Mail all that waits for a person, or queue it for when a mail may go."""
    planned = datetime.fromisoformat(payload["at"]) if "at" in payload else None
    gathering.gather(session, user_id=int(payload["user_id"]), planned=planned, now=now)


@handles("notices.digests")
def digests_due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Let the writing of digests begin, and queue anew the gatherings that were given up."""
    gathering.sweep(session, now=now)
    digests.queue(session, now=now)


@handles(digests.DIGEST_SLICE, reads=True, patience=600)
def digest_slice(session: Session, payload: Mapping[str, Any], now: datetime) -> Then:  # noqa: ARG001  # a handler's form
    """Write the digests of some people, and queue the next slice where others may wait.

    All of it in the transaction that marks this slice done: only so can it be due again.
    """

    def write(writing: Session) -> None:
        if digests.write_slice(writing, now=now):
            digests.queue(writing, now=now)

    return write


@handles("notices.tidy")
def tidy(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete mails sent a month ago, the files of such mails, and bounces of a year ago."""
    sending.forget_sent(session, before=now - KEEP_SENT)
    sending.forget_old_files(now - KEEP_SENT)
    bounces.forget_old(session, before=now - bounces.KEEP)


@handles(personal.FORGET_FILES, reads=True)
def forget_files(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Delete the files of mails that an erasure deleted, once it is committed."""
    sending.forget_files(payload["message_ids"])


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
