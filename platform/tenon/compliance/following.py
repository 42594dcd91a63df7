"""The effects of this room: what follows a step, in its transaction. Importing registers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance.services import approving, duties, publishing, refusing
from tenon.compliance.services.sheets import take_contributors_over
from tenon.deals.effects import effect
from tenon.deals.models import Deal


@effect("start_approval")
def start_approval(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Copy the approval chains, take the contributors over and ask them for first refusal."""
    take_contributors_over(session, deal)
    approving.ask(session, deal, by=by, now=now)
    refusing.ask_all(session, deal, by=by, now=now)


@effect("void_approvals")
def void_approvals(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """The terms are open again: what was not approved is asked anew with the next version."""
    approving.void(session, deal, by=by, now=now)


@effect("start_publicity")
def start_publicity(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Publish from the day after today on."""
    publishing.start(session, deal, by=by, now=now)


@effect("stop_publicity")
def stop_publicity(session: Session, deal: Deal, *, step: str, by: Actor, now: datetime) -> None:
    """Take what is published back: the terms are open again, or the deal has ended."""
    publishing.stop(session, deal, step=step, by=by, now=now)


@effect("start_duties")
def start_duties(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Lay out registration, filing and title transfer with their days."""
    duties.start(session, deal, by=by, now=now)
