"""Outbox handlers of the room: once the index has a listing, the searches that it answers.

What takes time reads beside; what was found is written in the transaction that marks the work
done, once for each search and listing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.matches.engine import engine_of
from tenon.matches.sites import settings_behind
from tenon.outbox import Then, emit, follows, handles
from tenon.outbox.services import emit_again
from tenon.searches import handing_over, notifying, personal
from tenon.searches.models import SavedSearch
from tenon.searches.queries.experts import experts_answering, experts_missed
from tenon.searches.queries.reverse import answered_by, missed
from tenon.searches.services import gauging, recording, telling

PERIODIC = [
    ("searches.tell_due", timedelta(minutes=5)),
    ("searches.gauge_due", timedelta(hours=1)),
]
GAUGE = "searches.gauge"
PATIENCE = 600

__all__ = [
    "PERIODIC",
    "handing_over",
    "notifying",
    "personal",
]  # the last three are imported for registrations


@follows("listings.changed", name="searches")
def listings_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Have the searches looked through for what the index holds anew."""
    ids = [int(each) for each in payload["ids"]]
    if gauging.forget_of_listings(session, ids):
        emit_again(session, GAUGE, {}, now=now, key=GAUGE)
    emit(session, "searches.look", {"ids": ids}, now=now)


@handles("searches.look", reads=True, together=True, patience=PATIENCE)
def look(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:
    """Find the searches that these listings answer, and record and tell what is new."""
    ids = {int(key) for each in payload.get("payloads", [payload]) for key in each["ids"]}
    pairs = answered_by(session, engine_of(settings_behind(session)), ids, now=now)
    if not pairs:
        return None
    return lambda writing: recording.record(writing, pairs, now=now)


@follows("experts.changed", name="searches")
def experts_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Have the searches looked through for the experts whom the index holds anew."""
    emit(session, "searches.look_experts", {"ids": [int(each) for each in payload["ids"]]}, now=now)


@handles("searches.look_experts", reads=True, together=True, patience=PATIENCE)
def look_experts(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:
    """Find the searches that find these experts, and record and tell what is new."""
    ids = {int(key) for each in payload.get("payloads", [payload]) for key in each["ids"]}
    pairs = experts_answering(session, engine_of(settings_behind(session)), ids, now=now)
    if not pairs:
        return None
    return lambda writing: recording.record_experts(writing, pairs, now=now)


@handles("searches.tell_due")
def tell_due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Gather what is due, slice by slice."""
    if telling.tell_due(session, now=now):
        emit(session, "searches.tell_due", {}, now=now)


@handles("searches.gauge_due")
def gauge_due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Begin to take old figures anew."""
    emit_again(session, GAUGE, {}, now=now, key=GAUGE)


@handles("searches.gauge", reads=True, patience=PATIENCE, background=True)
def gauge(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:  # noqa: ARG001  # a handler's form
    """Take figures anew, one slice of them."""
    found = gauging.due(session, engine_of(settings_behind(session)), now=now)
    if not found.search_ids:
        return None

    def then(writing: Session) -> None:
        gauging.write(writing, found.search_ids, found.rows)
        recording.record(writing, found.missed, now=now)
        if found.more:
            emit_again(writing, GAUGE, {}, now=now, key=GAUGE)

    return then


@handles("searches.catch_up", reads=True)
def catch_up(session: Session, payload: Mapping[str, Any], now: datetime) -> Then | None:
    """Find what was indexed while a search was being kept."""
    search = session.get(SavedSearch, int(payload["id"]))
    if search is None or search.state != "active":
        return None
    engine = engine_of(settings_behind(session))
    pairs = missed(session, engine, search, now=now)
    experts = experts_missed(session, engine, search, now=now)

    def then(writing: Session) -> None:
        recording.record(writing, pairs, now=now)
        recording.record_experts(writing, experts, now=now)

    return then
