"""The things that notes and tasks are about: found for who may know of them, named safely.

Each kind asks its own room's predicate; what the reader may not know is not named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries.deals import find as find_deal
from tenon.deals.queries.deals import visible_to as deals_for
from tenon.desk.firm.finding import find_firm
from tenon.desk.models import THINGS
from tenon.desk.queries.sight import firms_open_to
from tenon.desk.titles import title_of
from tenon.errors import NotFound
from tenon.events.models import Event
from tenon.events.queries import find as find_event
from tenon.events.queries import visible_to as events_for
from tenon.introductions.models import Introduction
from tenon.introductions.permissions import may_read as may_read_introduction
from tenon.introductions.queries.introductions import find as find_introduction
from tenon.introductions.queries.introductions import visible_to as introductions_for
from tenon.listings.models import Listing
from tenon.listings.queries import find_listing
from tenon.listings.queries import visible_to as listings_for

_PATHS = {
    "organisation": "/desk/firms/{}",
    "listing": "/listings/{}",
    "introduction": "/introductions/{}",
    "deal": "/deals/{}",
    "event": "/events/{}",
}


@dataclass(frozen=True, slots=True)
class About:
    """A thing as the reader may know it.

    Attributes:
        kind: one of ``models.THINGS``.
        key: its key in its own table.
        public_id: as in addresses.
        title: what it is called, in the reader's language where it has one.
        path: its page.
        houses: keys of the firms concerned, at most two.
    """

    kind: str
    key: int
    public_id: str
    title: str
    path: str
    houses: tuple[int, ...] = ()


def find_thing(
    session: Session, kind: str, public_id: str, *, by: Actor, now: datetime, language: str
) -> About:
    """Return a thing that the actor may know of and work on; raises NotFound for any other."""
    if kind not in THINGS:
        raise NotFound(kind="thing")
    found, title, houses = _FINDERS[kind](session, public_id, by, now, language)
    return About(kind, found.id, public_id, title, _PATHS[kind].format(public_id), houses)


_Found = tuple[Any, str, tuple[int, ...]]


def _firm(session: Session, public_id: str, by: Actor, now: datetime, language: str) -> _Found:  # noqa: ARG001  # one signature for all
    firm = find_firm(session, public_id, by=by).organisation
    return firm, firm.name(language), (firm.id,)


def _listing(session: Session, public_id: str, by: Actor, now: datetime, language: str) -> _Found:
    listing = find_listing(session, public_id, by=by, now=now)
    return listing, listing.text(language).title, (listing.organisation_id,)


def _introduction(
    session: Session,
    public_id: str,
    by: Actor,
    now: datetime,  # noqa: ARG001  # one signature for all
    language: str,
) -> _Found:
    found = find_introduction(session, public_id, by=by)
    if not may_read_introduction(by, found):
        raise NotFound(kind="introduction")
    houses = (found.from_organisation_id, found.to_organisation_id)
    return found, found.listing.text(language).title, houses


def _deal(session: Session, public_id: str, by: Actor, now: datetime, language: str) -> _Found:  # noqa: ARG001  # one signature for all
    deal = find_deal(session, public_id, by=by)
    return deal, deal.title, (deal.seller_organisation_id, deal.buyer_organisation_id)


def _event(session: Session, public_id: str, by: Actor, now: datetime, language: str) -> _Found:  # noqa: ARG001  # one signature for all
    event = find_event(session, public_id, by=by)
    return event, _of_two(event.title_zh, event.title_en, language), ()


_FINDERS = {
    "organisation": _firm,
    "listing": _listing,
    "introduction": _introduction,
    "deal": _deal,
    "event": _event,
}


def _of_two(zh: str | None, en: str | None, language: str) -> str:
    return (zh or en or "") if language == "zh" else (en or zh or "")


def named(
    session: Session,
    wanted: Iterable[tuple[str | None, int | None]],
    *,
    by: Actor,
    now: datetime,
    language: str,
) -> Mapping[tuple[str, int], About]:
    """Return (kind, key) -> what may be shown of it; left out where the reader may not know it.

    One statement a kind that occurs, five at most.
    """
    keys: dict[str, set[int]] = {}
    for kind, key in wanted:
        if kind is not None and key is not None:
            keys.setdefault(kind, set()).add(key)
    found: dict[tuple[str, int], About] = {}
    for kind, members in keys.items():
        for row in session.execute(_naming(kind, members, by, now, language)):
            path = _PATHS[kind].format(row.public_id)
            found[kind, row.id] = About(kind, row.id, row.public_id, row.title or "", path)
    return found


def _naming(
    kind: str, keys: Collection[int], by: Actor, now: datetime, language: str
) -> sa.Select[Any]:
    title: sa.ColumnElement[Any]
    if kind == "organisation":
        title = _in_two(Organisation.name_zh, Organisation.name_en, language)
        return _select(Organisation, title, keys, firms_open_to(by, Organisation.id.expression))
    if kind == "listing":
        title = title_of(Listing.id, language)
        return _select(Listing, title, keys, listings_for(by, now=now))
    if kind == "introduction":
        title = title_of(Introduction.listing_id, language)
        return _select(
            Introduction, title, keys, sa.and_(introductions_for(by), *_own_introductions(by))
        )
    if kind == "deal":
        return _select(Deal, Deal.title, keys, deals_for(by))
    return _select(Event, _in_two(Event.title_zh, Event.title_en, language), keys, events_for(by))


def _own_introductions(by: Actor) -> list[sa.ColumnElement[bool]]:
    """What somebody noted about an introduction is theirs to see while they look after it."""
    if by.operator:
        return []
    row = Introduction
    return [sa.or_(row.broker_id == by.user_id, row.proposer_id == by.user_id)]


def _in_two(zh: Any, en: Any, language: str) -> sa.ColumnElement[Any]:
    names = [sa.func.nullif(zh, ""), sa.func.nullif(en, "")]
    return sa.func.coalesce(*(names if language == "zh" else names[::-1]))


def _select(
    model: Any, title: Any, keys: Collection[int], condition: sa.ColumnElement[bool]
) -> sa.Select[Any]:
    return sa.select(model.id, model.public_id, title.label("title")).where(
        model.id.in_(keys), condition
    )
