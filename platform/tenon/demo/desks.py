"""What lies on the demo's desks: visits and the needs they brought, notes, tasks, targets.

Made through the same services as everybody's, from ``set/desks.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.demo.people import house
from tenon.desk.about import About, find_thing
from tenon.desk.services.notes import write_note
from tenon.desk.services.tasks import set_task
from tenon.insight.targets.saying import Said
from tenon.insight.targets.setting import set_target
from tenon.network.clocks import today
from tenon.network.models import Station
from tenon.routing.services import Report, record_visit

FILE = Path(__file__).parent / "set" / "desks.toml"
SET_BEFORE = 3
"""Days since the tasks were set, so that one may be overdue."""

SET_IN_JANUARY = 7
"""Days of the year that have gone when its targets are set."""

People = Mapping[str, User]


def write_desks(session: Session, people: People, *, folder: Path, now: datetime) -> None:
    """Report the visits, write notes and tasks, set the year's targets."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))
    for number, row in enumerate(said["visits"]):
        _visit(session, row, people, key=f"demo-{number}", folder=folder, now=now)
    for row in said["notes"]:
        write_note(
            session,
            about=_firm(session, row, people, now),
            text=row["text"],
            audience=row["audience"],
            by=actor_of(people[row["by"]]),
            now=now,
        )
    for row in said["tasks"]:
        set_task(
            session,
            title=row["title"],
            due_on=today(now) + timedelta(days=row.get("in_days", 0)),
            about=_firm(session, row, people, now) if "firm" in row else None,
            repeats=row.get("repeats"),
            by=actor_of(people[row["by"]]),
            now=now - timedelta(days=SET_BEFORE),
        )
    for row in said["targets"]:
        _target(session, row, people, now=now)


def _visit(
    session: Session,
    row: Mapping[str, Any],
    people: People,
    *,
    key: str,
    folder: Path,
    now: datetime,
) -> None:
    then = now - timedelta(days=row["days_ago"])
    agreed = row["consent"] != "none"
    report = Report(
        key=key,
        organisation=house(session, row["firm"]),
        visited_on=today(then),
        words=row["words"].strip(),
        wants_need=row.get("need", True),
        consent=row["consent"],
        consent_name="样例联系人" if agreed else "",
        consent_office=row.get("office", ""),
    )
    record_visit(session, report, folder=folder, by=actor_of(people[row["by"]]), now=then)


def _firm(session: Session, row: Mapping[str, Any], people: People, now: datetime) -> About:
    firm = house(session, row["firm"])
    by = actor_of(people[row["by"]])
    return find_thing(session, "organisation", firm.public_id, by=by, now=now, language="zh")


def _target(session: Session, row: Mapping[str, Any], people: People, *, now: datetime) -> None:
    year = today(now).year
    place = None
    if "station" in row:
        place = session.scalars(sa.select(Station).where(Station.code == row["station"])).one()
    said = Said(
        measure=row["measure"],
        value=row["value"],
        currency=row.get("currency"),
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        period="year",
        scope="site" if place is None else "station",
        station_id=None if place is None else place.id,
        source_document=row["document"],
        source_sentence=row["sentence"],
        lead_id=house(session, "B-ORG-15").id,
        public=row.get("public", False),
    )
    then = datetime(year, 1, 1, 9, tzinfo=now.tzinfo) + timedelta(days=SET_IN_JANUARY)
    set_target(session, said, by=actor_of(people["operator"]), now=min(now, then))
