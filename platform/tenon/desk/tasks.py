"""Outbox handlers: remind of tasks in the morning, look how listings stand against each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from matching.errors import MatchingError
from tenon.desk import fits, handing_over, notifying, personal
from tenon.matches.engine import engine_of
from tenon.matches.sites import settings_behind
from tenon.outbox import Then, emit, handles

PERIODIC = [("desk.remind", timedelta(minutes=30)), ("desk.look", timedelta(hours=1))]
PATIENCE = 1800

__all__ = ["PERIODIC", "handing_over", "personal"]  # the last two are imported to register


@handles("desk.remind")
def remind(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Tell everybody of the tasks that are due; what is left over goes to a next turn."""
    if notifying.tell_due(session, now=now) == notifying.AT_A_TIME:
        emit(session, "desk.remind", {}, now=now)


@handles("desk.look", alone=True, reads=True, patience=PATIENCE, background=True)
def look(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:  # noqa: ARG001  # a handler's form
    """Ask the matcher how a batch of listings stands; then supply is counted."""
    try:
        found = fits.look(session, engine_of(settings_behind(session)), now=now)
    except MatchingError:
        return None  # no index yet: the next turn asks again
    more = len(found) == fits.A_BATCH

    def then(writing: Session) -> None:
        fits.write(writing, found, now=now)
        if more:
            emit(writing, "desk.look", {}, now=now)
        else:
            emit(writing, "desk.count_supply", {}, now=now)

    return then


@handles("desk.count_supply", reads=True, background=True)
def count_supply(session: Session, payload: Mapping[str, Any], now: datetime) -> Then:  # noqa: ARG001  # a handler's form
    """Count public supply by field, and what of it nobody seeks."""
    counted = fits.count_supply(session, now=now)
    return lambda writing: fits.write_supply(writing, counted, now=now)
