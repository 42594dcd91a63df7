"""Who is told what of a trial or a milestone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.deals.models import SIDES, Deal
from tenon.deals.notifying import brokers, name_of, other, side_people, tell
from tenon.listings.queries import keepers
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.payments.obligations.milestones import titles_of
from tenon.trials.models import Delivery, TrialReading
from tenon.trials.queries import trial_of

wording.register(
    {
        "trial_ending": N_("The trial in “%(deal)s” ends on %(day)s: accept, extend or reject it."),
        "trial_over": N_("The trial in “%(deal)s” ended on %(day)s without a decision."),
        "trial_blocked": N_(
            "A trigger of payment was met in “%(deal)s”, but a rule keeps it from becoming a paid "
            "licence: please look."
        ),
        "trial_metric": N_("%(organisation)s reports a measured value in “%(deal)s”: confirm it."),
        "trial_sales": N_("%(organisation)s reports sales from the trial in “%(deal)s”."),
        "trial_lesson": N_("%(organisation)s writes what the trial of “%(listing)s” taught."),
        "milestone_delivered": N_(
            "%(organisation)s delivers “%(milestone)s” in “%(deal)s”: accept or return it."
        ),
        "milestone_accepted": N_("“%(milestone)s” in “%(deal)s” was accepted."),
        "milestone_returned": N_(
            "“%(milestone)s” in “%(deal)s” was returned: see what is missing."
        ),
    },
    group="deals",
    samples={
        "milestone": {"zh": "中试样机", "en": "Pilot prototype"},
        "listing": {"zh": "高温热泵", "en": "High-temperature heat pump"},
        "day": "2027-03-31",
    },
)


def tell_trial(session: Session, deal: Deal, what: str, *, now: datetime) -> None:
    """Tell both sides and the broker that a trial is ``ending``, ``over`` or ``blocked``."""
    trial = trial_of(session, deal)
    if trial is None or trial.outcome is not None:
        return  # somebody decided meanwhile
    people = [user for side in SIDES for user in side_people(session, deal, side)]
    people += brokers(session, deal)
    facts = {"day": trial.ends_on.isoformat()}
    tell(session, deal, people, f"trial_{what}", facts, now=now, path=_path(deal))


def tell_reading(session: Session, deal: Deal, reading: TrialReading, *, now: datetime) -> None:
    """Tell the other side of a reading."""
    facts = {"organisation": name_of(deal, reading.side)}
    people = side_people(session, deal, other(reading.side))
    tell(session, deal, people, f"trial_{reading.kind}", facts, now=now, path=_path(deal))


def tell_lesson(session: Session, deal: Deal, *, now: datetime) -> None:
    """Tell those who look after the results that were tried, and the seller's people."""
    for listing in deal.listings:
        if listing.side != "achievement":
            continue
        facts = {
            "organisation": name_of(deal, "buyer"),
            "listing": {code: listing.text(code).title for code in ("zh", "en")},
        }
        people = {user.id: user for user in keepers(session, listing)}
        people |= {user.id: user for user in side_people(session, deal, "seller")}
        path = f"/listings/{listing.public_id}"
        tell(session, deal, people.values(), "trial_lesson", facts, now=now, path=path)


def tell_delivery(session: Session, deal: Deal, delivery: Delivery, *, now: datetime) -> None:
    """Tell the buyer of a delivery, the seller of its answer."""
    title = titles_of(session, deal).get(delivery.milestone, "")
    side = "buyer" if delivery.state == "delivered" else "seller"
    facts = {"organisation": name_of(deal, other(side)), "milestone": title}
    people = side_people(session, deal, side)
    path = f"/deals/{deal.public_id}/milestones"
    tell(session, deal, people, f"milestone_{delivery.state}", facts, now=now, path=path)


def _path(deal: Deal) -> str:
    return f"/deals/{deal.public_id}/trial"
