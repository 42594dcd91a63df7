"""What demo deals try and deliver: policies, readings, lessons, milestones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tenon.demo.deal_roads import Road
from tenon.figures.recording import record_contract
from tenon.trials import services
from tenon.trials.services import Policy
from tenon.trials.watching import watch_trials

Do = Callable[[Road, Mapping[str, Any]], None]


def insure(road: Road, step: Mapping[str, Any]) -> None:
    """The buyer's policy is recorded."""
    policy = Policy(
        insurer="示例财产保险",
        number=step["number"],
        sum_minor=step["sum"] * 100,
        currency="CNY",
        begins_on=road.today,
        ends_on=road.today + timedelta(days=365),
    )
    services.record_policy(road.session, road.deal, policy, by=road.actor("buyer"), now=road.now)


def reading(road: Road, step: Mapping[str, Any]) -> None:
    """A value or sales are reported, and confirmed by the other side where the step says so."""
    metric = step["kind"] == "metric"
    made = services.report_reading(
        road.session,
        road.deal,
        kind=step["kind"],
        on=road.today,
        value=Decimal(str(step["amount"])) if metric else None,
        sold_minor=None if metric else step["amount"] * 100,
        note=step.get("note", ""),
        by=road.actor(step["by"]),
        now=road.now,
    )
    if step.get("confirm"):
        road.wait(1)
        other = "seller" if step["by"] == "buyer" else "buyer"
        services.confirm_reading(
            road.session, road.deal, made.public_id, by=road.actor(other), now=road.now
        )


def night(road: Road, _step: Mapping[str, Any]) -> None:
    """The nightly watch looks at the trials."""
    watch_trials(road.session, now=road.now)
    record_contract(road.session, road.deal, now=road.now)


def lesson(road: Road, step: Mapping[str, Any]) -> None:
    """The firm writes what it learned."""
    services.write_lesson(
        road.session, road.deal, text=step["text"], by=road.actor("buyer"), now=road.now
    )


def deliver(road: Road, step: Mapping[str, Any]) -> None:
    """A milestone is delivered."""
    services.deliver(
        road.session,
        road.deal,
        milestone=step["milestone"],
        note=step["note"],
        by=road.actor("seller"),
        now=road.now,
    )


def accepted(road: Road, step: Mapping[str, Any]) -> None:
    """A milestone's delivery is accepted."""
    services.answer_delivery(
        road.session,
        road.deal,
        milestone=step["milestone"],
        accepted=True,
        note=step.get("note", ""),
        by=road.actor("buyer"),
        now=road.now,
    )


STEPS: Mapping[str, Do] = {
    "insure": insure,
    "reading": reading,
    "night": night,
    "lesson": lesson,
    "deliver": deliver,
    "accepted": accepted,
}
