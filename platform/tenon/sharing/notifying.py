"""Whom a distribution's steps concern, and what they are told; no amount goes by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import administrators
from tenon.deals.notifying import side_people
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify
from tenon.sharing.models import Distribution, IncomeObjection

wording.register(
    {
        "share_propose": N_("Please confirm your share of the income from “%(deal)s”."),
        "share_dispute": N_(
            "A contributor does not agree with the sharing of income from “%(deal)s”."
        ),
        "share_confirm": N_("All contributors agree with the sharing of income from “%(deal)s”."),
        "share_publicise": N_(
            "The sharing of income from “%(deal)s” is public inside your organisation until "
            "%(day)s."
        ),
        "share_object": N_("Somebody objects to the sharing of income from “%(deal)s”."),
        "share_approve": N_("Your share of the income from “%(deal)s” has been approved."),
        "share_pay": N_("Your share of the income from “%(deal)s” has been paid out."),
        "share_take_back": N_(
            "The sharing of income from “%(deal)s” was taken back; you will be asked again."
        ),
    },
    group="sharing",
    heading=N_("Income sharing"),
    samples={"deal": {"zh": "高温热泵许可", "en": "Licence of a heat pump"}, "day": "2027-03-31"},
)

_TO_CONTRIBUTORS = ("propose", "publicise", "approve", "pay", "take_back")


def tell_moved(session: Session, distribution: Distribution, step: str, *, now: datetime) -> None:
    """Tell those whom a step concerns: contributors with an account, or who works on it."""
    kind = f"share_{step}"
    facts: dict[str, Any] = {}
    if step == "publicise" and distribution.publicity_ends_on is not None:
        facts["day"] = f"{distribution.publicity_ends_on:%Y-%m-%d}"
    if step in _TO_CONTRIBUTORS:
        _tell(session, distribution, contributors(session, distribution), kind, facts, now=now)
    elif step == "dispute":
        _tell(session, distribution, keepers(session, distribution), kind, facts, now=now)
    elif step == "confirm":
        house = distribution.deal.seller_organisation_id
        _tell(session, distribution, administrators(session, house), kind, facts, now=now)


def tell_objected(session: Session, objection: IncomeObjection, *, now: datetime) -> None:
    """Tell who works on it, but not the one who objected."""
    distribution = session.get_one(Distribution, objection.distribution_id)
    people = [each for each in keepers(session, distribution) if each.id != objection.user_id]
    _tell(session, distribution, people, "share_object", {}, now=now)


def contributors(session: Session, distribution: Distribution) -> list[User]:
    """Return the contributors who have an account."""
    keys = [each.user_id for each in distribution.shares if each.user_id is not None]
    return list(
        session.scalars(sa.select(User).where(User.id.in_(keys)).order_by(User.id)).unique()
    )


def keepers(session: Session, distribution: Distribution) -> list[User]:
    """Return whom work on it goes to: who proposed it, else whoever is in charge of the deal."""
    proposer = (
        None if distribution.proposed_by is None else session.get(User, distribution.proposed_by)
    )
    if proposer is not None and proposer.active:
        return [proposer]
    return side_people(session, distribution.deal, "seller")


def _tell(
    session: Session,
    distribution: Distribution,
    people: Iterable[User],
    kind: str,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    for user in people:
        notify(
            session,
            user=user,
            kind=kind,
            facts={"deal": distribution.deal.title, **facts},
            path=f"/sharing/{distribution.public_id}",
            now=now,
        )
