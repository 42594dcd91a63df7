"""The demo's service network: places, who works there, whose firms are whose, who is away.

Made through the same services as everybody's, from ``set/network.toml``, by the demo's operator.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.demo.people import house
from tenon.insight.measures.recording import record_staff
from tenon.network.models import Station
from tenon.network.services.absence import add_absence
from tenon.network.services.portfolio import give
from tenon.network.services.profiles import Skills, save_profile
from tenon.network.services.staffing import add_member
from tenon.network.services.tree import Details, add_station

FILE = Path(__file__).parent / "set" / "network.toml"
AGE = timedelta(days=1140)
AWAY_IN, AWAY_FOR = timedelta(days=6), timedelta(days=4)


def write_network(
    session: Session, people: Mapping[str, User], *, now: datetime
) -> Mapping[str, Sequence[str]]:
    """Build the tree, place people, give them their firms.

    Return role -> external ids of the houses whose listings that broker brings in.
    """
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    operator, then = actor_of(people["operator"]), now - AGE
    places: dict[str, Station] = {}
    for row in said["places"]:
        places[row["code"]] = _place(session, row, places, by=operator, now=then)
        for role, office in row["people"]:
            add_member(
                session, places[row["code"]], people[role], role=office, by=operator, now=then
            )
    for role, row in said["profiles"].items():
        save_profile(session, people[role], _skills(row, now), by=operator, now=then)
    for role, firms in said["portfolios"].items():
        houses = [house(session, each) for each in firms]
        give(session, houses, people[role], by=operator, now=then + timedelta(days=20))
    record_staff(session, now=then + timedelta(days=21))
    away = (now + AWAY_IN).date()
    add_absence(
        session,
        people["broker-2"],
        first_day=away,
        last_day=away + AWAY_FOR,
        deputy=people["broker-3"],
        by=operator,
        now=now,
    )
    collected: Mapping[str, Sequence[str]] = said["collected"]
    return collected


def _place(
    session: Session,
    row: Mapping[str, Any],
    places: Mapping[str, Station],
    *,
    by: Actor,
    now: datetime,
) -> Station:
    details = Details(
        code=row["code"],
        name_zh=row["zh"],
        name_en=row["en"],
        region=row["region"],
        answer_days=row.get("answer_days"),
    )
    above = places[row["above"]] if "above" in row else None
    return add_station(session, details, level=row["level"], parent=above, by=by, now=now)


def _skills(row: Mapping[str, Any], now: datetime) -> Skills:
    days = row.get("days_left")
    return Skills(
        languages=tuple(row["languages"]),
        fields=tuple(("hitech", code) for code in row["fields"]),
        regions=tuple(row["regions"]),
        most_firms=60,
        most_needs=30,
        certificate=row.get("certificate", ""),
        number=row.get("number", ""),
        until=None if days is None else (now + timedelta(days=days)).date(),
    )
