"""The one way in which a case changes: swapped by version, logged, the listing kept in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.listings.models import Listing
from tenon.routing.models import NeedCase, NeedCaseMove

KIND = "need_case"
Reasons = Sequence[Mapping[str, Any]]


def begin(
    session: Session,
    listing: Listing,
    *,
    station_id: int,
    broker_id: int | None = None,
    due_on: date,
    reasons: Reasons,
    by: Actor,
    now: datetime,
) -> NeedCase:
    """Receive a need at a place: its case and the first line of the log."""
    case = NeedCase(
        listing=listing,
        entry_station_id=station_id,
        station_id=station_id,
        broker_id=broker_id,
        received_at=now,
        due_on=due_on,
    )
    session.add(case)
    session.flush()
    _keep_in_step(case)
    listing.station_id = station_id
    _log(session, case, "received", (None, None), reasons, None, by=by, now=now)
    return case


def move(
    session: Session,
    case: NeedCase,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    reasons: Reasons = (),
    remark: str | None = None,
    expected_version: int | None = None,
    **columns: Any,
) -> None:
    """Change ``columns`` of a case and log it as ``kind``.

    ``expected_version`` is the one that the actor's page showed. Raises Conflict where somebody
    was faster.
    """
    session.flush()
    held = case.version if expected_version is None else expected_version
    before = (case.station_id, case.broker_id)
    result = session.execute(
        sa.update(NeedCase)
        .where(NeedCase.id == case.id, NeedCase.version == held)
        .values(version=held + 1, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind=KIND)
    session.refresh(case)
    _keep_in_step(case)
    _log(session, case, kind, before, reasons, remark, by=by, now=now)


def _keep_in_step(case: NeedCase) -> None:
    """Write at the listing who has it: what all earlier rooms go by."""
    case.listing.handling_station_id = case.station_id
    case.listing.broker_id = case.broker_id


def _log(
    session: Session,
    case: NeedCase,
    kind: str,
    before: tuple[int | None, int | None],
    reasons: Reasons,
    remark: str | None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    last = sa.select(sa.func.max(NeedCaseMove.number)).where(NeedCaseMove.case_id == case.id)
    station, broker = before
    session.add(
        NeedCaseMove(
            case_id=case.id,
            number=(session.scalar(last) or 0) + 1,
            kind=kind,
            state=case.state,
            at=now,
            by_id=by.user_id,
            from_station_id=station,
            to_station_id=case.station_id,
            from_broker_id=broker,
            to_broker_id=case.broker_id,
            due_on=case.due_on,
            reasons=[dict(each) for each in reasons],
            remark=remark,
        )
    )
    session.flush()
    facts = {
        "state": case.state,
        "place": case.station_id,
        "due_on": case.due_on.isoformat(),
        "reasons": [each["code"] for each in reasons],
        "broker_changed": broker != case.broker_id,
    }
    history.record(session, chain=(KIND, case.public_id), kind=kind, by=by, now=now, facts=facts)
