"""What an event is and where, its texts, its phases and limits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.events.models import Event, Registration
from tenon.events.models.event import KINDS, MODES
from tenon.events.planning.services.changing import begin, note, put
from tenon.events.planning.services.timing import Rebuilt, rebuild
from tenon.events.states import TAKES_A_PLACE
from tenon.outbox import emit
from tenon.taxonomy.queries import find

TEXT_LIMIT = 20_000
LIMITS = {
    "title_zh": 200,
    "title_en": 200,
    "venue_zh": 200,
    "venue_en": 200,
    "address_zh": 300,
    "address_en": 300,
    "online_url": 500,
}
_TOLD = {"title_zh", "title_en", "venue_zh", "venue_en", "address_zh", "address_en", "zone", "mode"}
_PHASES = (
    "registration_from",
    "registration_until",
    "requests_from",
    "requests_until",
    "schedule_until",
    "follow_up_until",
)


@dataclass(frozen=True, slots=True)
class Basics:
    """What an event is and where."""

    kind: str
    mode: str
    title_zh: str
    title_en: str
    venue_zh: str
    venue_en: str
    address_zh: str
    address_en: str
    region: str | None
    online_url: str | None
    zone: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Phases (moments, each may be open) and limits; None is no limit."""

    registration_from: datetime | None
    registration_until: datetime | None
    requests_from: datetime | None
    requests_until: datetime | None
    schedule_until: datetime | None
    follow_up_until: datetime | None
    capacity: int | None
    needs_approval: bool
    most_meetings: int
    least_meetings: int
    most_requests: int | None


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone (IANA)."""
    return name in available_timezones()


def is_web_address(text: str) -> bool:
    """Whether this is an address of a page."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and " " not in text


def faults_of_words(values: dict[str, str | None]) -> dict[str, str]:
    """Return field -> code of words that are too long."""
    return {
        name: "too_long"
        for name, longest in LIMITS.items()
        if len(values.get(name) or "") > longest
    }


def change_basics(
    session: Session, event: Event, basics: Basics, *, version: int, by: Actor, now: datetime
) -> Rebuilt | None:
    """Change what the event is and where; another zone moves everything to the same clock times.

    Returns what became of the slots where the zone changed. Raises Forbidden, Conflict, Invalid
    at the fields, or ``slots_in_use`` where meetings would be moved by another zone. Agreed
    meetings follow ``event.mode_changed`` ({id}).
    """
    begin(session, event, version=version, by=by)
    faults = _faults(basics)
    if event.state == "open" and not (basics.title_zh or basics.title_en):
        faults["title_zh"] = "required"
    if faults:
        raise Invalid(faults)
    values = asdict(basics)
    zone = values.pop("zone")
    before = event.zone
    changed = put(event, values)
    made = None
    if zone != before:
        made = _move_to(session, event, zone)
        changed = sorted([*changed, "zone"])
    told = bool(_TOLD & set(changed))
    note(session, event, "change_basics", by=by, now=now, facts={"changed": changed}, told=told)
    if "mode" in changed:
        emit(session, "event.mode_changed", {"id": event.id}, now=now)
    return made


def _faults(basics: Basics) -> dict[str, str]:
    faults = faults_of_words(asdict(basics))
    if basics.kind not in KINDS:
        faults["kind"] = "unknown_code"
    if basics.mode not in MODES:
        faults["mode"] = "unknown_code"
    if not is_zone(basics.zone):
        faults["zone"] = "unknown_code"
    if basics.region and find("region", basics.region) is None:
        faults["region"] = "unknown_code"
    if basics.online_url and not is_web_address(basics.online_url):
        faults["online_url"] = "not_a_web_address"
    return faults


def _move_to(session: Session, event: Event, name: str) -> Rebuilt:
    """Set another zone; sessions and phases stay at the same time of the clock."""
    old, new = ZoneInfo(event.zone), ZoneInfo(name)

    def shifted(moment: datetime) -> datetime:
        return moment.astimezone(old).replace(tzinfo=new).astimezone(UTC)

    differs = shifted(event.starts_at) != event.starts_at
    event.zone = name
    for each in event.sessions:
        each.starts_at, each.ends_at = shifted(each.starts_at), shifted(each.ends_at)
    for phase in _PHASES:
        moment = getattr(event, phase)
        if moment is not None:
            setattr(event, phase, shifted(moment))
    return rebuild(session, event, was=old if differs else None)


def change_texts(
    session: Session,
    event: Event,
    *,
    text_zh: str,
    text_en: str,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Change what the public page says; raises Forbidden, Conflict, Invalid at the texts."""
    begin(session, event, version=version, by=by)
    texts = {"text_zh": text_zh, "text_en": text_en}
    faults = {name: "too_long" for name, text in texts.items() if len(text) > TEXT_LIMIT}
    if faults:
        raise Invalid(faults)
    changed = put(event, texts)
    note(session, event, "change_texts", by=by, now=now, facts={"changed": changed})


def change_limits(
    session: Session, event: Event, limits: Limits, *, version: int, by: Actor, now: datetime
) -> None:
    """Change the phases, how many may come, how many meetings and requests somebody may have.

    Raises Forbidden, Conflict, Invalid at the fields; fewer places than are taken are refused
    (``below_taken``). Who keeps the waiting list follows ``event.limits_changed`` ({id}), which
    is emitted when the number of places changes.
    """
    begin(session, event, version=version, by=by)
    faults = faults_of_limits(limits, starts_at=event.starts_at)
    taken = places_taken(session, event)
    if limits.capacity is not None and 0 < limits.capacity < taken:
        faults["capacity"] = "below_taken"
    if faults:
        raise Invalid(faults, taken=taken)
    changed = put(event, asdict(limits))
    note(session, event, "change_limits", by=by, now=now, facts={"changed": changed})
    if "capacity" in changed:
        emit(session, "event.limits_changed", {"id": event.id}, now=now)


def faults_of_limits(limits: Limits, *, starts_at: datetime) -> dict[str, str]:
    """Return field -> code of what is wrong with phases and limits of an event that begins then."""
    faults = _faults_of_phases(limits, starts_at)
    if limits.capacity is not None and not 1 <= limits.capacity <= 100_000:
        faults["capacity"] = "out_of_range"
    if not 1 <= limits.most_meetings <= 100:  # more than fit into any day
        faults["most_meetings"] = "out_of_range"
    elif not 0 <= limits.least_meetings <= limits.most_meetings:
        faults["least_meetings"] = "above_most"
    if limits.most_requests is not None and not 1 <= limits.most_requests <= 1000:
        faults["most_requests"] = "out_of_range"
    return faults


def _faults_of_phases(limits: Limits, starts_at: datetime) -> dict[str, str]:
    faults: dict[str, str] = {}
    for name in ("registration", "requests"):
        first, last = getattr(limits, f"{name}_from"), getattr(limits, f"{name}_until")
        if first is not None and last is not None and last <= first:
            faults[f"{name}_until"] = "ends_before_start"
    schedule, requests = limits.schedule_until, limits.requests_until
    if schedule is not None and schedule > starts_at:
        faults["schedule_until"] = "after_the_start"
    elif schedule is not None and requests is not None and schedule < requests:
        faults["schedule_until"] = "before_requests_close"
    return faults


def places_taken(session: Session, event: Event) -> int:
    """Return how many places of the event are taken, those held for somebody included."""
    wanted = sa.select(sa.func.count()).where(
        Registration.event_id == event.id, Registration.state.in_(TAKES_A_PLACE)
    )
    return session.scalar(wanted) or 0


def host_named(session: Session, name: str) -> Organisation:
    """Return the approved organisation of exactly this name; raises Invalid at ``host_name``."""
    named = sa.or_(Organisation.name_zh == name, Organisation.name_en == name)
    found = session.scalars(
        sa.select(Organisation).where(named, Organisation.state == "approved").limit(2)
    ).all()
    if len(found) != 1:
        raise Invalid({"host_name": "no_such_organisation" if not found else "several_named_so"})
    return found[0]
