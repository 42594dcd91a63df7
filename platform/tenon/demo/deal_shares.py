"""How the income of demo deals is shared: costs, contributors, confirmations, payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import SYSTEM
from tenon.demo.deal_roads import Road
from tenon.figures.exporting import workbook
from tenon.payments.obligations.scheduling import fall_due
from tenon.sharing import services
from tenon.sharing.models import Distribution
from tenon.sharing.services import Coverage, Receipt

Do = Callable[[Road, Mapping[str, Any]], None]


def share(road: Road, step: Mapping[str, Any]) -> None:
    """Share what has come in: written, confirmed by each, publicised, approved, paid."""
    fall_due(road.session, road.deal, by=SYSTEM, now=road.now)
    by = road.signer("seller")
    made = services.open_distribution(
        road.session, road.deal, currency=road.deal.currency, by=by, now=road.now
    )
    _team(road, made, step)
    services.set_coverage(
        road.session,
        made,
        Coverage(through_on=road.today, percent=Decimal(step["percent"])),
        by=by,
        now=road.now,
    )
    for kind, yuan in step.get("costs", ()):
        content = workbook({"凭证": (["科目", "金额（元）"], [[kind, yuan]])})
        services.add_cost(
            road.session,
            made,
            kind=kind,
            minor=yuan * 100,
            note="演示凭证",
            receipt=Receipt(name="凭证.xlsx", content=content),
            folder=road.folder / "sharing",
            by=by,
            now=road.now,
        )
    services.propose(road.session, made, by=by, now=road.now)
    if step.get("until") == "proposed":
        return
    _settle(road, made)


def _team(road: Road, made: Distribution, step: Mapping[str, Any]) -> None:
    """Let the people of ``team`` share, with ``parts`` of the pot; else whom the results name."""
    by = road.signer("seller")
    roles = step.get("team")
    if not roles:
        return
    known = {each.user_id for each in made.shares}
    for role in roles:
        person = road.people[role]
        if person.id not in known:
            services.add_contributor(
                road.session, made, name=person.name, user=person, by=by, now=road.now
            )
    wanted = {
        road.people[role].id: Decimal(part) for role, part in zip(roles, step["parts"], strict=True)
    }
    parts = {each.public_id: wanted.get(each.user_id or 0, Decimal(0)) for each in made.shares}
    main = [each.public_id for each in made.shares if each.user_id in wanted]
    services.set_percentages(road.session, made, parts, main, by=by, now=road.now)


def _settle(road: Road, made: Distribution) -> None:
    by = road.signer("seller")
    for each in made.shares:
        if each.user_id is not None:
            road.wait(1)
            person = road.session.get_one(User, each.user_id)
            services.confirm(road.session, made, by=actor_of(person), now=road.now)
            continue
        paper = Receipt(
            name="确认书.xlsx", content=workbook({"确认书": (["完成人"], [[each.name]])})
        )
        services.confirm_by_paper(
            road.session,
            made,
            each.public_id,
            paper=paper,
            folder=road.folder / "sharing",
            by=by,
            now=road.now,
        )
    days = services.shown_days(made)
    if days:
        services.publicise(road.session, made, by=by, now=road.now)
        road.now += timedelta(days=days + 1)
    services.approve(road.session, made, by=by, now=road.now)
    road.wait(3)
    services.pay(road.session, made, paid_on=road.today, by=by, now=road.now)


STEPS: Mapping[str, Do] = {"share": share}
