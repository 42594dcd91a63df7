"""Companies of demo deals: cap tables, appraisals, first calls, rounds, rights to shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from tenon.demo.deal_roads import Road, keep_paper
from tenon.equity import queries, services
from tenon.equity.models import EquityCompany, EquityPreemption
from tenon.equity.services.companies import house_as_holder

Do = Callable[[Road, Mapping[str, Any]], None]


def _company(road: Road) -> EquityCompany:
    found = queries.company_of(road.session, road.deal)
    if found is None:
        raise ValueError(f"{road.deal.title}: no company")
    return found


def found(road: Road, step: Mapping[str, Any]) -> None:
    """The company's cap table is opened; with ``holders`` it is founded already."""
    by = road.signer("buyer")
    services.found_company(
        road.session,
        road.deal,
        name=step["name"],
        kind=step["kind"],
        par_minor=step.get("par", 1),
        by=by,
        now=road.now,
    )
    if "holders" in step:
        record(road, {**step, "event": "incorporation", "facts": {}})


def record(road: Road, step: Mapping[str, Any]) -> None:
    """An event is recorded: ``holders`` pay in, ``facts`` say the rest; ``technology`` too."""
    company, by = _company(road), road.signer("buyer")
    facts: dict[str, Any] = dict(step.get("facts", {}))
    if "holders" in step:
        facts["payments"] = [
            {
                "holder": services.add_holder(road.session, company, name=name, by=by).key,
                "amount": yuan * 100,
            }
            for name, yuan in step["holders"].items()
        ]
    if "technology" in step:
        technology = _technology(road, company, step["technology"])
        facts["payments"] = [*facts.get("payments", ()), technology]
    services.record(
        road.session,
        company,
        kind=step["event"],
        day=date.fromisoformat(step["day"]) if "day" in step else road.today,
        facts=facts,
        deal=road.deal if "technology" in step else None,
        source=step.get("source", "公司登记机关登记（演示）"),
        by=by,
        now=road.now,
    )


def _technology(road: Road, company: EquityCompany, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the technology brings: its value, and the parts of institution and team."""
    by = road.signer("buyer")
    seller = road.deal.seller_organisation
    house = house_as_holder(road.session, company, seller)
    team = services.add_holder(road.session, company, name="完成人团队", kind="team", by=by)
    return {
        "institution": house.key,
        "value": given["value"] * 100,
        "team_share": f"{given['team_percent']}/100",
        "team": [[team.key, "1"]],
        "appraised": given["value"] * 100,
    }


def appraise(road: Road, step: Mapping[str, Any]) -> None:
    """The appraisal is recorded with its report."""
    services.record_appraisal(
        road.session,
        road.deal,
        file=keep_paper(road, "appraisal", "seller"),
        appraiser=step["appraiser"],
        value_minor=step["value"] * 100,
        appraised_on=road.today,
        by=road.actor("seller"),
        now=road.now,
    )


def first_call(road: Road, step: Mapping[str, Any]) -> None:
    """Existing holders are asked whether they take up their part, and waive."""
    by = road.signer("buyer")
    services.ask_holders(road.session, road.deal, units=step["units"], by=by, now=road.now)
    rows = road.session.scalars(
        sa.select(EquityPreemption).where(EquityPreemption.deal_id == road.deal.id)
    ).all()
    for row in rows:
        services.answer_first_call(
            road.session,
            row,
            road.deal,
            answer="waives",
            answered_on=road.today,
            evidence="股东会决议（演示）",
            by=by,
            now=road.now,
        )


STEPS: Mapping[str, Do] = {
    "found": found,
    "record": record,
    "appraise": appraise,
    "first_call": first_call,
}
