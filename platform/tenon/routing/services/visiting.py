"""A visit becomes a record and, where the firm wants it, a need with the firm's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from matching.text import detect_language
from tenon import history
from tenon.accounts.models import Organisation, User
from tenon.accounts.services import Profile, note_organisation
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.history.services import lock
from tenon.listings import services as listings
from tenon.listings.consents import register_consent
from tenon.listings.content import Content, RequirementEntry, Words
from tenon.listings.models import Listing
from tenon.listings.permissions import writes_up
from tenon.listings.prefill import begin as begin_draft
from tenon.network import recording
from tenon.network.queries.people import own_station
from tenon.network.queries.portfolio import live_row
from tenon.network.services.portfolio import begin_row
from tenon.routing import notifying
from tenon.routing.models import CONSENTS, Visit
from tenon.routing.queries.places import site_day
from tenon.routing.queries.visits import known_visit, visit_behind
from tenon.routing.services.arriving import collect

WORDS_LIMIT = 10_000
NAME_LIMIT = 120
KEY_LIMIT = 40
PUBLISHING = ("publish", "publish_unnamed")


@dataclass(frozen=True, slots=True)
class Paper:
    """A photo or paper as it was sent: confidential with the need."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a broker wrote down.

    Attributes:
        key: made by the device; a report that comes twice counts once.
        organisation: the firm, or None for a new one of ``new_name`` in ``region``.
        words: what the firm said, in its own words.
        wants_need: whether a draft of a need is made of them.
        requirements: lines of the broker's own; empty to take those found in the words.
        budget_low, budget_high: minor units of CNY.
        consent: one of CONSENTS, by ``consent_name`` in ``consent_office``.
    """

    key: str
    organisation: Organisation | None = None
    new_name: str = ""
    region: str | None = None
    visited_on: date | None = None
    words: str = ""
    wants_need: bool = True
    requirements: tuple[RequirementEntry, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    budget_low: int | None = None
    budget_high: int | None = None
    wanted_by: date | None = None
    consent: str = "none"
    consent_name: str = ""
    consent_office: str = ""
    paper: Paper | None = field(default=None, repr=False)


def record_visit(
    session: Session, report: Report, *, folder: Path, by: Actor, now: datetime
) -> Visit:
    """Write a visit down, with its need if there is one; sent again it is the first one's.

    Raises Forbidden for who is no broker or does not look after the firm, Conflict
    ``sent_before`` where the same key came with other words, Invalid with one code a field.
    """
    if not by.broker or by.user_id is None:
        raise Forbidden(action="visit")
    lock(session, ("visit", f"{by.user_id}/{report.key}"))
    known = known_visit(session, broker_id=by.user_id, key=report.key)
    if known is not None:
        if known.words != report.words:
            raise Conflict("sent_before", kind="visit")
        return known
    _check(report, today=site_day(now))
    firm = report.organisation
    if firm is None:
        firm = _new_firm(session, report, by=by, now=now)
    row = live_row(session, firm.id)
    if row is None or row.broker_id != by.user_id:
        raise Forbidden("not_my_firm", action="visit")
    visit = Visit(
        organisation_id=firm.id,
        broker_id=by.user_id,
        station_id=row.station_id or own_station(session, by.user_id),
        key=report.key,
        visited_on=report.visited_on or site_day(now),
        words=report.words,
        language=detect_language(report.words),
        consent=report.consent,
        consent_name=report.consent_name or None,
        consent_office=report.consent_office or None,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    if report.wants_need:
        _write_up(session, visit, firm, report, folder=folder, by=by, now=now)
    chain = ("visit", visit.public_id)
    facts = {"need": None if visit.listing is None else visit.listing.public_id}
    history.record(session, chain=chain, kind="visited", by=by, now=now, facts=facts)
    return visit


def _new_firm(session: Session, report: Report, *, by: Actor, now: datetime) -> Organisation:
    """Write the firm down for the operators to decide on, and look after it from now on."""
    chinese = detect_language(report.new_name) == "zh"
    profile = Profile(
        kind="enterprise",
        region=report.region,
        name_zh=report.new_name if chinese else None,
        name_en=None if chinese else report.new_name,
    )
    try:
        firm = note_organisation(session, profile=profile, by=by, now=now)
    except Invalid as error:
        raise Invalid({_SHOWN.get(key, key): code for key, code in error.fields.items()}) from error
    broker = session.get_one(User, by.user_id)
    station = own_station(session, broker.id)
    if begin_row(session, firm, broker, station_id=station, now=now) is None:
        raise Conflict("changed_meanwhile", kind="organisation")
    recording.of_firm(session, firm, "keeper_began", broker, by=by, now=now)
    return firm


_SHOWN = {"name_zh": "new_name", "name_en": "new_name"}


def _write_up(
    session: Session,
    visit: Visit,
    firm: Organisation,
    report: Report,
    *,
    folder: Path,
    by: Actor,
    now: datetime,
) -> None:
    """Make a draft of the firm's words and take it into the network at the broker's place."""
    try:
        content = content_of(report, region=firm.region)
        listing = listings.create_for(session, firm, content=content, by=by, now=now)
    except Invalid as error:
        shown = {_CALLED.get(key, key): code for key, code in error.fields.items()}
        raise Invalid(shown) from error
    visit.listing = listing
    listing.broker_id = by.user_id
    session.flush()
    if report.paper is not None:
        listings.attach(
            session,
            listing,
            name=report.paper.name,
            content=report.paper.content,
            tier="nda",
            folder=folder,
            by=by,
            now=now,
        )
    if visit.station_id is not None:
        collect(session, listing, station_id=visit.station_id, by=by, now=now)
    notifying.tell_collected(session, visit, now=now)


_CALLED = {
    "money_low": "budget_low",
    "money_high": "budget_high",
    "deadline": "wanted_by",
    "title": "words",
    "summary": "words",
}


def content_of(report: Report, *, region: str | None) -> Content:
    """Return the draft: the firm's words as they are, a title of their beginning, what they ask."""
    begun = begin_draft(report.words, side="need")
    low, high = report.budget_low, report.budget_high
    return Content(
        language=begun.language,
        words=Words(title=begun.words.title, summary=report.words),
        requirements=report.requirements or begun.requirements,
        fields=report.fields,
        money_kind=None if low is None and high is None else "range",
        money_low=low,
        money_high=high,
        region=region,
        deadline=report.wanted_by,
        anonymous=report.consent == "publish_unnamed",
    )


def _check(report: Report, *, today: date) -> None:
    faults: dict[str, str] = {}
    if not 1 <= len(report.key) <= KEY_LIMIT:
        faults[""] = "unknown_code"
    if report.organisation is None and not report.new_name:
        faults["organisation"] = "required"
    if not report.words:
        faults["words"] = "required"
    elif len(report.words) > WORDS_LIMIT:
        faults["words"] = "too_long"
    if report.visited_on is not None and report.visited_on > today:
        faults["visited_on"] = "in_the_future"
    if report.wanted_by is not None and report.wanted_by < today:
        faults["wanted_by"] = "in_the_past"
    if report.paper is not None and not report.wants_need:
        faults["paper"] = "kept_with_a_need"
    faults |= _check_consent(report)
    if faults:
        raise Invalid(faults)


def _check_consent(report: Report) -> dict[str, str]:
    faults: dict[str, str] = {}
    if report.consent not in CONSENTS:
        faults["consent"] = "unknown_code"
    elif report.consent == "none" and report.wants_need:
        faults["consent"] = "required"
    if report.consent != "none" and not report.consent_name:
        faults["consent_name"] = "required"
    for name in ("consent_name", "consent_office"):
        if len(getattr(report, name)) > NAME_LIMIT:
            faults[name] = "too_long"
    return faults


def agrees_to_publish(session: Session, listing: Listing) -> bool:
    """Whether the firm agreed, on the visit, that its need is published as it stands now."""
    visit = visit_behind(session, listing.id)
    if visit is None or visit.consent not in PUBLISHING:
        return False
    return visit.consent == "publish" or listing.anonymous


register_consent(agrees_to_publish)


def may_note_consent(session: Session, visit: Visit, *, by: Actor) -> bool:
    """Whether the actor speaks with the firm about this visit.

    Who made it and still looks after the firm, and who writes its need up.
    """
    if visit.listing is not None and writes_up(by, visit.listing):
        return True
    row = live_row(session, visit.organisation_id)
    own = by.broker and by.user_id is not None and visit.broker_id == by.user_id
    return own and row is not None and row.broker_id == by.user_id


def add_consent(
    session: Session,
    visit: Visit,
    *,
    consent: str,
    name: str,
    office: str,
    by: Actor,
    now: datetime,
) -> None:
    """Note what the firm agreed to later on. Raises Forbidden, Invalid as ``record_visit``."""
    if not may_note_consent(session, visit, by=by):
        raise Forbidden(action="consent")
    report = Report(
        key=visit.key,
        wants_need=visit.listing_id is not None,
        consent=consent,
        consent_name=name,
        consent_office=office,
    )
    faults = _check_consent(report)
    if faults:
        raise Invalid(faults)
    before, visit.consent = visit.consent, consent
    visit.consent_name, visit.consent_office = name or None, office or None
    session.flush()
    facts = {"from": before, "to": consent}
    chain = ("visit", visit.public_id)
    history.record(session, chain=chain, kind="consented", by=by, now=now, facts=facts)
