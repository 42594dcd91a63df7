"""Trials and milestones in a deal's timeline."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments.obligations.milestones import titles_of
from tenon.trials.queries import deliveries_of, policy_of, readings_of, trial_of

_DELIVERED = N_("Milestone delivered: %(title)s")
_ANSWERS = {
    "accepted": N_("Milestone accepted: %(title)s"),
    "returned": N_("Milestone returned: %(title)s"),
}


@source("trials")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return readings, the policy, lessons and deliveries to those who may read the deal."""
    if not permissions.may_read(actor, deal):
        return []
    return [*_trial_items(session, deal), *_milestone_items(session, deal)]


def _trial_items(session: Session, deal: Deal) -> list[Item]:
    path = f"/deals/{deal.public_id}/trial"
    found = []
    for each in readings_of(session, deal):
        metric = each.kind == "metric"
        title = N_("Measured value: %(value)s") if metric else N_("Sales from the trial reported")
        facts = {"value": f"{each.value:f}".rstrip("0").rstrip(".")} if metric else {}
        found.append(
            Item(
                each.reported_at,
                "trial",
                title,
                facts,
                path,
                each.side,
                each.note or "",
                each.reported_by,
            )
        )
    policy, trial = policy_of(session, deal), trial_of(session, deal)
    if policy is not None:
        facts = {"insurer": policy.insurer}
        title = N_("Trial insured: %(insurer)s")
        found.append(Item(policy.recorded_at, "trial", title, facts, path, policy.side))
    if trial is not None and trial.learned_at is not None:
        title = N_("What the trial taught")
        found.append(Item(trial.learned_at, "trial", title, {}, path, "buyer", trial.learned or ""))
    return found


def _milestone_items(session: Session, deal: Deal) -> list[Item]:
    path = f"/deals/{deal.public_id}/milestones"
    sent = deliveries_of(session, deal)
    titles = titles_of(session, deal) if sent else {}
    found = []
    for each in sent:
        facts = {"title": titles.get(each.milestone, "")}
        found.append(
            Item(
                each.delivered_at,
                "milestone",
                _DELIVERED,
                facts,
                path,
                "seller",
                each.note or "",
                each.delivered_by,
            )
        )
        if each.answered_at is not None:
            found.append(
                Item(
                    each.answered_at,
                    "milestone",
                    _ANSWERS[each.state],
                    facts,
                    path,
                    "buyer",
                    each.answer or "",
                    each.answered_by,
                )
            )
    return found
