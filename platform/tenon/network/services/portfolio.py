"""Which broker looks after which firm: take, give, give up; one broker a firm at a time.

Of two who take the same firm at once one gets it, by constraint; the other is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network import notifying, recording
from tenon.network.models import PortfolioFirm
from tenon.network.queries import heads, people
from tenon.network.queries.portfolio import firm_counts, live_row, may_see_firm

AT_ONCE = 500


@dataclass(slots=True)
class Given:
    """What became of firms that somebody was to get.

    Attributes:
        given: those that they got.
        refused: the others, each with a code: ``kept`` (somebody else's), ``kept_meanwhile``
            (somebody was faster), ``already_theirs``, ``not_approved``.
    """

    given: list[Organisation] = field(default_factory=list)
    refused: list[tuple[Organisation, str]] = field(default_factory=list)


def take(
    session: Session,
    organisations: Sequence[Organisation],
    *,
    by: Actor,
    now: datetime,
    even_over_limit: bool = False,
) -> Given:
    """Look after firms that nobody looks after; raises as ``give``."""
    broker = None if by.user_id is None else session.get(User, by.user_id)
    if broker is None or not by.broker:
        raise Forbidden(action="take_firm")
    return _give_all(
        session, organisations, broker, by=by, now=now, even_over_limit=even_over_limit
    )


def give(
    session: Session,
    organisations: Sequence[Organisation],
    broker: User,
    *,
    by: Actor,
    now: datetime,
    even_over_limit: bool = False,
) -> Given:
    """Give firms to a broker: free ones, and those of somebody whom the actor manages.

    Raises Forbidden, Invalid at ``broker`` (no broker, not of a place that the actor manages),
    ``firms`` (none, or more than AT_ONCE), ``even_over_limit`` (``over_limit`` with facts ``most``
    and ``have``, unless told to go on).
    """
    if not heads.manages_anything(session, by):
        if by.user_id == broker.id:
            return take(session, organisations, by=by, now=now, even_over_limit=even_over_limit)
        raise Forbidden(action="give_firm")
    if not people.is_broker(broker) or not _manages_a_place_of(session, by, broker):
        raise Invalid({"broker": "unknown_code"})
    given = _give_all(
        session, organisations, broker, by=by, now=now, even_over_limit=even_over_limit, anew=True
    )
    if given.given and by.user_id != broker.id:
        notifying.tell_given(session, broker, number=len(given.given), now=now)
    return given


def give_up(session: Session, row: PortfolioFirm, *, by: Actor, now: datetime) -> None:
    """Let a firm be nobody's: by its broker, who manages its place, operators.

    Raises NotFound, Forbidden, Conflict where it is somebody else's by now.
    """
    if not may_see_firm(by, row):
        raise NotFound(kind="portfolio")
    if not _may_dispose(session, by, row):
        raise Forbidden(action="give_up_firm")
    if row.ended_at is None:
        end_row(session, row, now=now)
        recording.of_firm(session, row.organisation, "keeper_ended", row.broker, by=by, now=now)


def end_row(session: Session, row: PortfolioFirm, *, now: datetime) -> bool:
    """End a row unless somebody did; return whether it was this call."""
    result = session.execute(
        sa.update(PortfolioFirm)
        .where(PortfolioFirm.id == row.id, PortfolioFirm.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(row, ["ended_at"])
    return bool(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def begin_row(
    session: Session,
    organisation: Organisation,
    broker: User,
    *,
    station_id: int | None,
    handover_id: int | None = None,
    now: datetime,
) -> PortfolioFirm | None:
    """Begin a row; None where somebody else was faster."""
    row = PortfolioFirm(
        organisation_id=organisation.id,
        broker_id=broker.id,
        station_id=station_id,
        handover_id=handover_id,
        since=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def require_within_limit(
    session: Session, broker: User, more: int, *, even_over_limit: bool = False
) -> None:
    """Raise Invalid at ``even_over_limit`` where a broker would have more firms than they can."""
    profile = people.profile_of(session, broker.id)
    if profile is None or profile.most_firms is None or even_over_limit:
        return
    have = firm_counts(session, [broker.id]).get(broker.id, 0)
    if have + more > profile.most_firms:
        raise Invalid({"even_over_limit": "over_limit"}, have=have, most=profile.most_firms)


def _give_all(
    session: Session,
    organisations: Iterable[Organisation],
    broker: User,
    *,
    by: Actor,
    now: datetime,
    even_over_limit: bool,
    anew: bool = False,
) -> Given:
    """Give firms; ``anew``: those of others, too, of whom the giver may dispose."""
    wanted = list({each.id: each for each in organisations}.values())
    if not wanted or len(wanted) > AT_ONCE:
        raise Invalid({"firms": "required" if not wanted else "too_many"})
    require_within_limit(session, broker, len(wanted), even_over_limit=even_over_limit)
    station_id = _station_for(session, broker, by)
    outcome = Given()
    for each in wanted:
        refused = _give_one(session, each, broker, station_id, anew=anew, by=by, now=now)
        if refused:
            outcome.refused.append((each, refused))
        else:
            outcome.given.append(each)
    return outcome


def _give_one(
    session: Session,
    organisation: Organisation,
    broker: User,
    station_id: int | None,
    *,
    anew: bool,
    by: Actor,
    now: datetime,
) -> str:
    """Give one firm; return why not, or an empty text."""
    if organisation.state != "approved":
        return "not_approved"
    kept = live_row(session, organisation.id)
    if kept is not None and kept.broker_id == broker.id:
        return "already_theirs"
    if kept is not None and not (anew and _may_dispose(session, by, kept)):
        return "kept"
    if kept is not None and not end_row(session, kept, now=now):
        return "kept_meanwhile"
    if begin_row(session, organisation, broker, station_id=station_id, now=now) is None:
        return "kept_meanwhile"
    recording.of_firm(session, organisation, "keeper_began", broker, by=by, now=now)
    return ""


def _may_dispose(session: Session, by: Actor, row: PortfolioFirm) -> bool:
    if by.operator or (by.broker and row.broker_id == by.user_id):
        return True
    return row.station_id is not None and row.station_id in heads.headed_stations(session, by)


def _manages_a_place_of(session: Session, by: Actor, broker: User) -> bool:
    if by.operator:
        return True
    headed = heads.headed_stations(session, by)
    return any(each.station_id in headed for each in people.places_of(session, broker.id))


def _station_for(session: Session, broker: User, by: Actor) -> int | None:
    """Where the firm lies from now on: the broker's place, of those that the giver manages."""
    places = [each.station_id for each in people.places_of(session, broker.id)]
    if not by.operator and by.user_id != broker.id:
        headed = heads.headed_stations(session, by)
        places = [each for each in places if each in headed] or places
    return places[0] if places else None
