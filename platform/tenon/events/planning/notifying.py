"""What the one who runs an event hears when others of its organisers act."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import administrators, live_membership
from tenon.events.models import Event
from tenon.history.models import HistoryEntry
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "event_open": N_("“%(event)s”, which you run, was announced."),
        "event_take_back": N_("“%(event)s”, which you run, was taken back to be prepared further."),
        "event_called_off": N_("“%(event)s”, which you run, was called off."),
        "event_hosted": N_("“%(event)s” was announced with %(organisation)s as its host."),
    },
    group="events",
    heading=N_("Events"),
    samples={"event": {"zh": "光电子供需对接会", "en": "Photonics matchmaking day"}},
)
_STEPS = {"event_open": "open", "event_take_back": "take_back", "event_called_off": "call_off"}


def tell_owner(session: Session, event: Event, kind: str, *, now: datetime) -> None:
    """Tell who runs the event what became of it, unless they did it themselves."""
    owner = None if event.owner_id is None else session.get(User, event.owner_id)
    if owner is None or _actor_of(session, event, _STEPS[kind]) == owner.id:
        return
    facts = {"event": {code: event.title(code) for code in ("zh", "en")}}
    notify(session, user=owner, kind=kind, facts=facts, path=f"/events/{event.public_id}", now=now)


def tell_host(session: Session, event: Event, *, now: datetime) -> None:
    """Tell the host's administrators of an event announced in its name by somebody from outside."""
    house = event.organisation
    own = live_membership(session, user_id=event.owner_id, organisation_id=house.id)
    if own is not None and own.state == "active":
        return
    facts = {
        "event": {code: event.title(code) for code in ("zh", "en")},
        "organisation": {code: house.name(code) for code in ("zh", "en")},
    }
    for person in administrators(session, house.id):
        notify(
            session,
            user=person,
            kind="event_hosted",
            facts=facts,
            path=f"/events/{event.public_id}",
            now=now,
        )


def _actor_of(session: Session, event: Event, step: str) -> int | None:
    """Return who took the step last."""
    return session.scalar(
        sa.select(HistoryEntry.actor_id)
        .where(
            HistoryEntry.chain_kind == "event",
            HistoryEntry.chain_id == event.public_id,
            HistoryEntry.kind == step,
        )
        .order_by(HistoryEntry.sequence.desc())
        .limit(1)
    )
