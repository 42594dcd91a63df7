"""Reads of trials: the trial of a deal, its readings, which trigger has been met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.deals.models import Deal, DealListing, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.formulas import triggers
from tenon.payments.obligations.milestones import numbers_of
from tenon.trials.models import Delivery, Trial, TrialPolicy, TrialReading

TRIAL_STATES = ("in_force.in_use", "in_force.extended")


def trial_of(session: Session, deal: Deal) -> Trial | None:
    """Return the deal's trial, once use has begun."""
    return session.scalars(sa.select(Trial).where(Trial.deal_id == deal.id)).first()


def policy_of(session: Session, deal: Deal) -> TrialPolicy | None:
    """Return the insurance of the deal's trial, if one is recorded."""
    return session.scalars(sa.select(TrialPolicy).where(TrialPolicy.deal_id == deal.id)).first()


def readings_of(session: Session, deal: Deal) -> Sequence[TrialReading]:
    """Return what was measured and sold, the latest first."""
    return session.scalars(
        sa.select(TrialReading)
        .where(TrialReading.deal_id == deal.id)
        .order_by(TrialReading.on.desc(), TrialReading.id.desc())
    ).all()


def trigger_terms(version: TermVersion | None) -> triggers.Terms:
    """Return the triggers that accepted terms name."""
    values = {} if version is None else version.values
    named = values.get("triggers") or []
    metric = None
    if "metric" in named and values.get("metric_target") is not None:
        metric = triggers.Metric(values["metric_direction"], Decimal(values["metric_target"]))
    return triggers.Terms(
        on=date.fromisoformat(values["trigger_date"]) if "date" in named else None,
        metric=metric,
        sales=values["trigger_sales"]["minor"] if "sales" in named else None,
        first_sale="first_sale" in named,
    )


def trigger_met(session: Session, deal: Deal, *, on: date) -> triggers.Trigger | None:
    """Return the first trigger met by the end of a day; confirmed values and all sales count."""
    agreed = trigger_terms(accepted_terms(session, deal))
    readings = [
        triggers.Reading(each.on, each.value, each.sold_minor)
        for each in readings_of(session, deal)
        if each.kind == "sales" or each.confirmed_at is not None
    ]
    return triggers.earliest(agreed, readings, until=on)


def deliveries_of(session: Session, deal: Deal) -> Sequence[Delivery]:
    """Return every delivery of a deal's milestones, in order."""
    return session.scalars(
        sa.select(Delivery)
        .where(Delivery.deal_id == deal.id)
        .order_by(Delivery.milestone, Delivery.attempt)
    ).all()


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone as agreed, and how far it is.

    Attributes:
        number: which stays the same however the terms are amended; deliveries go by it.
        place: from 1, as in the terms now.
        title, criterion: as agreed.
        minor: what is paid for it.
        due: the day agreed, or None.
        deliveries: the attempts, the earliest first.
    """

    number: int
    place: int
    title: str
    criterion: str
    minor: int
    due: date | None
    deliveries: tuple[Delivery, ...]

    @property
    def state(self) -> str:
        """``open``, ``delivered``, ``returned`` or ``accepted``."""
        return self.deliveries[-1].state if self.deliveries else "open"


def milestones_of(session: Session, deal: Deal) -> list[Milestone]:
    """Return the milestones of the accepted terms, in order, each with its deliveries."""
    version = accepted_terms(session, deal)
    rows = [] if version is None else version.values.get("milestones") or []
    sent = deliveries_of(session, deal)
    return [
        Milestone(
            number,
            place,
            row.get("title") or "",
            row.get("criterion") or "",
            row.get("minor") or 0,
            date.fromisoformat(row["due"]) if row.get("due") else None,
            tuple(each for each in sent if each.milestone == number),
        )
        for place, (number, row) in enumerate(
            zip(numbers_of(session, deal), rows, strict=True), start=1
        )
    ]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a firm learned in a trial of a listing."""

    deal: Deal
    trial: Trial
    firm: Organisation


def lessons_of(session: Session, listing_id: int, *, most: int = 20) -> list[Lesson]:
    """Return what trials of a listing taught, the latest first; for those who look after it."""
    rows = session.execute(
        sa.select(Deal, Trial, Organisation)
        .join(Trial, Trial.deal_id == Deal.id)
        .join(DealListing, DealListing.deal_id == Deal.id)
        .join(Organisation, Organisation.id == Deal.buyer_organisation_id)
        .where(DealListing.listing_id == listing_id, Trial.learned.is_not(None))
        .order_by(Trial.learned_at.desc())
        .limit(most)
    )
    return [Lesson(*row) for row in rows]
