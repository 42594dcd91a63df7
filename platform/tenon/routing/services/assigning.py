"""Who looks after a case: proposed and given by the place, taken, passed back, sent elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tenon.network.models import Station
from tenon.network.queries.heads import headed_stations, manages
from tenon.network.queries.people import brokers_of, is_broker
from tenon.routing import notifying
from tenon.routing.models import NeedCase, NeedCaseMove, RoutingChoice
from tenon.routing.permissions import may_see_case, stands_in
from tenon.routing.queries.candidates import proposals
from tenon.routing.queries.places import assigns_by_itself, due_day, site_day
from tenon.routing.services.moving import move
from tenon.routing.words import PASS_REASONS, reason_names

REMARK_LIMIT = 1000
MANY = 100


def may_dispose(session: Session, by: Actor, case: NeedCase) -> bool:
    """Whether the actor gives this case to others: heads of its place and above, operators."""
    return manages(session, by, case.station_id)


def may_take(by: Actor, case: NeedCase, *, now: datetime) -> bool:
    """Whether the actor may take it: nobody has it and it lies in sight, or they stand in."""
    if not by.broker or by.user_id is None or case.state == "closed":
        return False
    if case.broker_id is None:
        return may_see_case(by, case, today=site_day(now))
    return stands_in(by, case, today=site_day(now))


def may_work(session: Session, by: Actor, case: NeedCase, *, now: datetime) -> bool:
    """Whether the actor answers for this case: its broker, who stands in, its heads, operators."""
    if by.user_id is not None and case.broker_id == by.user_id and by.broker:
        return True
    return stands_in(by, case, today=site_day(now)) or may_dispose(session, by, case)


def _require(allowed: bool, by: Actor, case: NeedCase, action: str, now: datetime) -> None:  # noqa: FBT001  # reads as a sentence
    if not allowed:
        if not may_see_case(by, case, today=site_day(now)):
            raise NotFound(kind="need_case")
        raise Forbidden(action=action)


def _require_live(case: NeedCase) -> None:
    if case.state == "closed":
        raise Conflict("case_closed", kind="need_case")


def assign(
    session: Session,
    case: NeedCase,
    broker: User,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give a case to a broker of one of the places that the actor heads.

    A broker of a sibling place then sees this one need. Raises Forbidden for who does not manage
    the case's place, Invalid at ``broker`` for somebody who is no broker there.
    """
    _require(may_dispose(session, by, case), by, case, "assign", now)
    _require_live(case)
    if not is_broker(broker) or broker.id not in {each.id for each in brokers_of(session, by)}:
        raise Invalid({"broker": "unknown_code"})
    if case.broker_id == broker.id:
        return
    found = proposals(session, case.listing, station_id=case.station_id, today=site_day(now))
    proposed = next((each.reasons for each in found if each.user_id == broker.id), ())
    move(
        session,
        case,
        "assigned",
        reasons=[{"code": "chosen"}, *proposed],
        broker_id=broker.id,
        expected_version=expected_version,
        by=by,
        now=now,
    )
    if broker.id != by.user_id:
        notifying.tell_assigned(session, case, now=now)


def assign_best(session: Session, case: NeedCase, *, by: Actor, now: datetime) -> bool:
    """Give a case to whom the scoring proposes first; False where it proposes nobody.

    The system does so for a place that chose it; a person must manage the place.
    """
    if not by.system:
        _require(may_dispose(session, by, case), by, case, "assign", now)
    _require_live(case)
    found = proposals(
        session,
        case.listing,
        station_id=case.station_id,
        today=site_day(now),
        without=_passed(session, case),
    )
    if not found:
        return False
    if found[0].user_id != case.broker_id:
        reasons = [{"code": "proposed"}, *found[0].reasons]
        key = found[0].user_id
        move(session, case, "assigned", reasons=reasons, broker_id=key, by=by, now=now)
        notifying.tell_assigned(session, case, now=now)
    return True


def _passed(session: Session, case: NeedCase) -> Sequence[int]:
    """Return who passed this case back: they are not asked again by themselves."""
    row = NeedCaseMove
    found = session.scalars(
        sa.select(row.from_broker_id).where(row.case_id == case.id, row.kind == "passed_on")
    )
    return [key for key in found if key is not None]


def hand_to_somebody(session: Session, case: NeedCase, *, now: datetime) -> None:
    """Give a case to the broker whom the place's rule proposes, or tell its heads that it waits."""
    if case.broker_id is None and not hand_by_itself(session, case, now=now):
        notifying.tell_received(session, case, now=now)


def hand_by_itself(session: Session, case: NeedCase, *, now: datetime) -> bool:
    """Give a case that nobody has to whom the scoring proposes, where its place chose so.

    Return whether somebody got it. For what comes to a place whose heads are told of it anyway.
    """
    return (
        case.broker_id is None
        and assigns_by_itself(session, case.station_id)
        and assign_best(session, case, by=SYSTEM, now=now)
    )


def assign_many(
    session: Session, cases: Sequence[NeedCase], broker: User | None, *, by: Actor, now: datetime
) -> tuple[int, int]:
    """Give cases to a broker, or each to whom the scoring proposes; return (given, left).

    Each by itself: what cannot be given stays as it is.
    """
    given = 0
    for case in cases[:MANY]:
        try:
            with session.begin_nested():
                if broker is not None:
                    assign(session, case, broker, by=by, now=now)
                elif not assign_best(session, case, by=by, now=now):
                    continue
        except DomainError:
            continue
        given += 1
    return given, len(cases) - given


def take(
    session: Session,
    case: NeedCase,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Look after a case from now on. Raises Forbidden where somebody else does."""
    _require(may_take(by, case, now=now), by, case, "take", now)
    why = "took" if case.broker_id is None else "stands_in"
    move(
        session,
        case,
        "taken",
        reasons=[{"code": why} if why == "took" else {"code": why, "for": case.broker_id}],
        broker_id=by.user_id,
        expected_version=expected_version,
        by=by,
        now=now,
    )


def pass_on(
    session: Session,
    case: NeedCase,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give a case back to its place with a reason, and so to somebody else.

    Raises Forbidden for who does not look after it, Invalid at ``reason`` or ``remark``.
    """
    own = by.user_id is not None and case.broker_id == by.user_id
    _require(own, by, case, "pass_on", now)
    _require_live(case)
    if reason not in PASS_REASONS:
        raise Invalid({"reason": "required" if not reason else "unknown_code"})
    _check_remark(remark)
    move(
        session,
        case,
        "passed_on",
        reasons=[{"code": reason}],
        remark=remark or None,
        broker_id=None,
        expected_version=expected_version,
        by=by,
        now=now,
    )
    notifying.tell_passed_on(session, case, reason_names(reason), now=now)
    hand_to_somebody(session, case, now=now)


def _check_remark(remark: str) -> None:
    if len(remark) > REMARK_LIMIT:
        raise Invalid({"remark": "too_long"})


def route(
    session: Session,
    case: NeedCase,
    station: Station,
    *,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Send a case to another active place below one that the actor heads.

    Nobody has it there yet, unless the place gives needs out by itself. The days to answer stay,
    unless they are over. Raises Invalid at ``station``.
    """
    _require(may_dispose(session, by, case), by, case, "route", now)
    _require_live(case)
    _check_remark(remark)
    reach = by.operator or station.id in headed_stations(session, by)
    if not reach or station.state != "active":
        raise Invalid({"station": "unknown_code"})
    if station.id == case.station_id:
        return
    today = site_day(now)
    due_on = case.due_on
    if due_on < today:
        due_on = due_day(session, station.id, today=today)
    move(
        session,
        case,
        "routed",
        reasons=[{"code": "sent_on"}],
        remark=remark or None,
        station_id=station.id,
        broker_id=None,
        due_on=due_on,
        told_on=None,
        expected_version=expected_version,
        by=by,
        now=now,
    )
    notifying.tell_routed(session, case, now=now)
    hand_by_itself(session, case, now=now)


def choose_automatic(
    session: Session, station: Station, *, automatic: bool, by: Actor, now: datetime
) -> None:
    """Say whether needs are assigned by themselves at a place and below it.

    Raises Forbidden or NotFound for who does not manage the place.
    """
    if not manages(session, by, station.id):
        if by.broker and station.id in by.stations:
            raise Forbidden(action="manage_place")
        raise NotFound(kind="station")
    row = session.get(RoutingChoice, station.id)
    if row is None:
        row = RoutingChoice(station_id=station.id, automatic=automatic, chosen_at=now)
        session.add(row)
    row.automatic, row.chosen_by, row.chosen_at = automatic, by.user_id, now
    session.flush()
