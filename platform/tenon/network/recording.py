"""What this room writes into chains of history: of places, of organisations, of hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.history.services import digest_actor
from tenon.network.models import Station


def of_station(
    session: Session,
    station: Station,
    kind: str,
    facts: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Append to a place's chain; ``facts`` hold nothing of a person but digests."""
    chain = ("station", station.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)


def of_firm(
    session: Session,
    organisation: Organisation,
    kind: str,
    broker: User,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Append to an organisation's chain who looks after it, as a digest."""
    chain = ("organisation", organisation.public_id)
    facts = {"broker": digest(broker)}
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)


def digest(user: User) -> str:
    """Return what stands for a person in a chain: means nothing once their salt is gone."""
    return digest_actor(actor_of(user))
