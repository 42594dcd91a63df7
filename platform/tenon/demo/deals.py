"""Deals of the demo in every form and at every stage, with reports and payments over three years.

Made through the same services as everybody's, from ``set/deals.toml``; each deal names its sides,
its terms and its road, dated back by days.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import actor_of
from tenon.actors import SYSTEM
from tenon.deals.models import Deal
from tenon.deals.services import Opening, open_between, open_from_introduction
from tenon.demo import (
    deal_commissions,
    deal_money,
    deal_roads,
    deal_shareholding,
    deal_shares,
    deal_trials,
)
from tenon.demo.deal_roads import Road
from tenon.demo.people import SOURCE
from tenon.equity.services import watch
from tenon.introductions.models import Introduction
from tenon.introductions.states import OPEN_STATES
from tenon.listings.models import Listing
from tenon.payments.obligations.scheduling import fall_due

FILE = Path(__file__).parent / "set" / "deals.toml"

Do = Callable[[Road, Mapping[str, Any]], None]

_STEPS: Mapping[str, Do] = {
    "talk": deal_roads.talk,
    "offer": deal_roads.offer,
    "answer": deal_roads.answer,
    "agree": deal_roads.agree,
    "approve": deal_roads.approve,
    "declare": deal_roads.declare,
    "publish": deal_roads.publish,
    "clear": deal_roads.clear,
    "sign": deal_roads.sign,
    "begin": deal_roads.begin,
    "move": deal_roads.move,
    "object": deal_roads.object_to,
    "declare_open": deal_roads.declare_open,
    "say_price": deal_roads.say_price,
    "idle": deal_roads.idle,
    "fill_abroad": deal_roads.fill_abroad,
    "begin_publicity": deal_roads.begin_publicity,
    **deal_commissions.STEPS,
    **deal_money.STEPS,
    **deal_shareholding.STEPS,
    **deal_shares.STEPS,
    **deal_trials.STEPS,
}
_CONTRACT = ("offer", "agree", "declare", "approve", "publish", "declare", "clear", "sign")


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _file()["deals"]
    return found


def _kinds() -> dict[str, Any]:
    found: dict[str, Any] = _file()["kinds"]
    return found


def write_deals(
    session: Session,
    people: Mapping[str, User],
    *,
    folder: Path,
    now: datetime,
    only: Collection[str] | None = None,
) -> list[Deal]:
    """Begin every deal of the file, or those whose key is among ``only``, and walk its road."""
    made = [
        _write(session, row, people, folder, now)
        for row in _rows()
        if only is None or row["key"] in only
    ]
    for deal in made:
        fall_due(session, deal, by=SYSTEM, now=now)
    watch(session, now=now)  # what has vested since
    return made


def _write(
    session: Session,
    row: Mapping[str, Any],
    people: Mapping[str, User],
    folder: Path,
    now: datetime,
) -> Deal:
    at = now - timedelta(days=row["days_ago"])
    deal = _begin(session, row, people, at)
    road = Road(
        session=session,
        deal=deal,
        people=people,
        sides={"seller": tuple(row["seller"]), "buyer": tuple(row["buyer"])},
        folder=folder,
        now=at,
    )
    walk(road, row, now=now)
    return deal


def listings_since() -> dict[str, int]:
    """Return how many days ago the first deal on each listing began, by external id."""
    found: dict[str, int] = {}
    for row in _rows():
        for name in row.get("listings", ()):
            found[name] = max(found.get(name, 0), row["days_ago"])
    return found


def rows_of_form(form: str) -> list[Mapping[str, Any]]:
    """Return the file's deals of a form whose contract is signed, the first in the file first."""
    return [
        row
        for row in _rows()
        if row["form"] == form
        and any(step["do"] in ("contract", "sign", "pay") for step in row["road"])
    ]


def walk(road: Road, row: Mapping[str, Any], *, now: datetime, until: str | None = None) -> None:
    """Walk a deal's road, to its end or through the step ``until``.

    Days of the file count back from ``now``. Raises ValueError for a step that lies after it,
    where the road is walked to its end.
    """
    road.terms = _dated({**_kinds().get(row.get("kind", ""), {}), **row.get("terms", {})}, now)
    for step in _dated(_road_of(row), now):
        road.wait(step.get("wait", 1))
        if until is None and road.now >= now:
            raise ValueError(f"{row['key']}: {step['do']} lies in the future")
        try:
            _STEPS[step["do"]](road, step)
        except Exception as error:
            refusals = getattr(error, "refusals", ())
            error.add_note(f"demo deal {row['key']}, step {step}: {[r.message for r in refusals]}")
            raise
        road.session.flush()
        if step["do"] == until:
            return


def _road_of(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the steps; ``contract`` stands for all from the terms to the signatures."""
    steps: list[Mapping[str, Any]] = []
    for step in row["road"]:
        if step["do"] != "contract":
            steps.append(step)
            continue
        for name in _CONTRACT:
            if name == "publish" and not step.get("published", True):
                continue
            steps.append({**step, "do": name, "by": step.get("by", "seller")})
    return steps


def _dated(value: Any, now: datetime) -> Any:
    """Return a value of the file with its days counted from now, and its yuan as money."""
    if isinstance(value, Mapping):
        if set(value) == {"yuan"}:
            return {"minor": round(value["yuan"] * 100), "currency": "CNY"}
        return {key: _dated(each, now) for key, each in value.items()}
    if isinstance(value, list):
        return [_dated(each, now) for each in value]
    if isinstance(value, str) and value.startswith("@"):
        return (now + timedelta(days=int(value[1:]))).date().isoformat()
    return value


def _begin(
    session: Session, row: Mapping[str, Any], people: Mapping[str, User], at: datetime
) -> Deal:
    listings = [_listing(session, key) for key in row.get("listings", ())]
    opening = Opening(
        form=row["form"],
        title=row.get("title", ""),
        listings=listings,
        no_need_reason=row.get("no_need_reason", ""),
    )
    by = actor_of(people[row.get("by", row["seller"][1])])
    if row.get("introduced"):
        wanted = sa.select(Introduction).where(
            Introduction.listing_id == listings[0].id, Introduction.state.in_(OPEN_STATES)
        )
        introduction = session.scalars(wanted.order_by(Introduction.id.desc())).first()
        if introduction is None:
            raise ValueError(f"{row['key']}: no introduction")
        return open_from_introduction(session, introduction, opening, by=by, now=at)
    houses = [
        session.get_one(Organisation, people[row[side][0]].acting_for_id)
        for side in ("seller", "buyer")
    ]
    deal = open_between(session, houses[0], houses[1], opening, by=by, now=at)
    deal.seller_user_id, deal.buyer_user_id = (people[row[s][0]].id for s in ("seller", "buyer"))
    if "broker" in row:
        deal.broker_id = people[row["broker"]].id
    session.flush()
    return deal


def _listing(session: Session, external_id: str) -> Listing:
    wanted = sa.select(Listing).where(Listing.source == SOURCE, Listing.external_id == external_id)
    return session.scalars(wanted).one()
