"""Guards and effects that forms with a trial or with milestones name."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.effects import effect
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms, terms_value
from tenon.formulas.days import months_later
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import delivery
from tenon.trials.models import Trial
from tenon.trials.queries import (
    TRIAL_STATES,
    milestones_of,
    policy_of,
    trial_of,
    trigger_met,
)

_OUTCOMES = {"accept": "accepted", "reject": "rejected", "convert": "converted"}


def day_of(now: datetime) -> date:
    """Return the day of a moment by the site's clock."""
    return now.astimezone(delivery.current().zone).date()


@guard("trial_terms_fixed")
def trial_terms_fixed(
    session: Session,
    deal: Deal,
    *,
    step: str,
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """What is paid after the trial, and what makes it due, is agreed before the trial starts."""
    agreed = accepted_terms(session, deal)
    if step == "agree":  # whoever is to answer is told of the version that waits
        agreed = proposed_terms(session, deal) or agreed
    path = f"/deals/{deal.public_id}/terms"
    if not terms_value(agreed, "triggers") or not terms_value(agreed, "payment_mode"):
        return Refusal(
            N_("What is paid after the trial, and what makes it due, has to be agreed first."),
            path=path,
        )
    if deal.stage == "in_force" and proposed_terms(session, deal) is not None:
        return Refusal(
            N_("A change of terms waits for an answer: the trial starts under fixed terms only."),
            path=path,
        )
    return None


@guard("policy_recorded")
def policy_recorded(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """A trial counts as insured once its policy is recorded."""
    if policy_of(session, deal) is not None:
        return None
    return Refusal(N_("Record the insurance policy first."), path=f"/deals/{deal.public_id}/trial")


@guard("trial_insured")
def trial_insured(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """Where the terms want insurance, use begins under a policy that covers the day."""
    wanted = terms_value(accepted_terms(session, deal), "insurance")
    if wanted in (None, "none"):
        return None
    policy = policy_of(session, deal)
    if policy is not None and policy.begins_on <= day_of(now) <= policy.ends_on:
        return None
    return Refusal(
        N_("The terms want the trial insured: record a policy that covers today."),
        path=f"/deals/{deal.public_id}/trial",
    )


@guard("extension_allowed")
def extension_allowed(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """A trial is extended as often as agreed, and not once a trigger is met."""
    trial, agreed = trial_of(session, deal), accepted_terms(session, deal)
    most = terms_value(agreed, "extensions") or 0
    if trial is not None and trial.extensions >= most:
        return Refusal(N_("The terms allow %(count)s extension(s), all used."), {"count": most})
    return _met(session, deal, now)


@guard("not_triggered")
def not_triggered(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """Once a trigger is met the licence is a paid one: it can be rejected no more."""
    return _met(session, deal, now)


def _met(session: Session, deal: Deal, now: datetime) -> Refusal | None:
    found = trigger_met(session, deal, on=day_of(now))
    if found is None:
        return None
    return Refusal(
        N_("A trigger of payment was met on %(day)s: the licence becomes a paid one."),
        {"day": found.on.isoformat()},
        path=f"/deals/{deal.public_id}/trial",
    )


@guard("trial_over")
def trial_over(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """A trial becomes a paid licence once it was accepted, or a trigger is met."""
    if deal.state not in TRIAL_STATES or trigger_met(session, deal, on=day_of(now)):
        return None
    return Refusal(
        N_("Accept the trial first: no trigger of payment has been met yet."),
        path=f"/deals/{deal.public_id}/trial",
    )


@guard("milestones_delivered")
def milestones_delivered(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """Every milestone agreed has been delivered."""
    return _open_milestones(session, deal, ("open", "returned"))


@guard("milestones_accepted")
def milestones_accepted(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """Every milestone agreed has been accepted."""
    return _open_milestones(session, deal, ("open", "returned", "delivered"))


def _open_milestones(session: Session, deal: Deal, states: tuple[str, ...]) -> Refusal | None:
    waits = [each for each in milestones_of(session, deal) if each.state in states]
    if not waits:
        return None
    return Refusal(
        N_("Milestones are still open: %(titles)s."),
        {"titles": "; ".join(f"{each.place}. {each.title}" for each in waits)},
        path=f"/deals/{deal.public_id}/milestones",
    )


@effect("start_trial")
def start_trial(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,  # noqa: ARG001  # the effect's form
    now: datetime,
) -> None:
    """Begin the trial today, for the months agreed."""
    months = terms_value(accepted_terms(session, deal), "trial_months") or 1
    today = day_of(now)
    session.add(Trial(deal_id=deal.id, started_on=today, ends_on=months_later(today, months)))
    session.flush()


@effect("extend_trial")
def extend_trial(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,  # noqa: ARG001  # the effect's form
    now: datetime,  # noqa: ARG001  # the effect's form
) -> None:
    """Let the trial end so many months later as one extension was agreed to be."""
    trial = trial_of(session, deal)
    months = terms_value(accepted_terms(session, deal), "extension_months") or 1
    if trial is not None:
        trial.ends_on = months_later(trial.ends_on, months)
        trial.extensions += 1
        session.flush()


@effect("record_trial_outcome")
def record_trial_outcome(
    session: Session,
    deal: Deal,
    *,
    step: str,
    by: Actor,  # noqa: ARG001  # the effect's form
    now: datetime,
) -> None:
    """Write down how the trial ended."""
    trial, today = trial_of(session, deal), day_of(now)
    if trial is not None:
        found = trigger_met(session, deal, on=today) if step == "convert" else None
        if found is not None and trial.trigger is None:
            trial.trigger, trial.triggered_on = found.kind, found.on
        trial.outcome, trial.ended_on = _OUTCOMES[step], today
    session.flush()
