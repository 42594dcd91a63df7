"""The things behind figures: who may open them, what they are called; how scopes narrow columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.clock import utc_now
from tenon.deals.models import Deal
from tenon.deals.queries.deals import visible_to as deal_visible
from tenon.events.models import Event, Meeting
from tenon.events.queries import visible_to as event_visible
from tenon.events.results.queries.held import within as begins
from tenon.introductions.models import Introduction
from tenon.introductions.queries.introductions import visible_to as introduction_visible
from tenon.listings.models import Listing, ListingText
from tenon.listings.queries.visibility import visible_to as listing_visible
from tenon.network.models import StationMember
from tenon.taxonomy.queries import descendant_codes

MOST_KEYS = 500


@dataclass(frozen=True, slots=True)
class Named:
    """What a thing is called, and where its page is: that of ``kind`` and ``public_id``."""

    kind: str
    public_id: str | None
    title_zh: str
    title_en: str


def in_region(column: Any, region: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column's division lies in ``region``."""
    found: sa.ColumnElement[bool] = column.startswith(begins(region), autoescape=True)
    return found


def in_field(column: Any, field: tuple[str, str]) -> sa.ColumnElement[bool]:
    """Return the condition that a column of ``scheme:code`` lies in a field."""
    scheme, code = field
    found: sa.ColumnElement[bool] = column.in_(
        [f"{scheme}:{each}" for each in descendant_codes(scheme, code)]
    )
    return found


def visible(kind: str, key: Any, by: Actor) -> sa.ColumnElement[bool] | None:
    """Return the condition that the reader may open a thing; None where they may open all."""
    if by.operator:
        return None
    wanted = _VISIBLE[kind](by)
    return sa.false() if wanted is None else sa.cast(key, sa.BigInteger).in_(wanted)


def _listings(by: Actor) -> sa.Select[Any]:
    return sa.select(Listing.id).where(listing_visible(by, now=utc_now()))


def _introductions(by: Actor) -> sa.Select[Any]:
    return sa.select(Introduction.id).where(introduction_visible(by))


def _events(by: Actor) -> sa.Select[Any]:
    return sa.select(Event.id).where(event_visible(by))


def _meetings(by: Actor) -> sa.Select[Any]:
    """Who met whom is for who runs the event and for the two; a list shows the event alone."""
    return sa.select(Meeting.id).join(Event, Event.id == Meeting.event_id).where(event_visible(by))


def _deals(by: Actor) -> sa.Select[Any]:
    return sa.select(Deal.id).where(deal_visible(by))


def _people(by: Actor) -> sa.Select[Any] | None:
    if not by.broker:
        return None
    return sa.select(StationMember.user_id).where(StationMember.station_id.in_(sorted(by.stations)))


_VISIBLE: Mapping[str, Callable[[Actor], sa.Select[Any] | None]] = {
    "listing": _listings,
    "introduction": _introductions,
    "event": _events,
    "meeting": _meetings,
    "deal": _deals,
    "person": _people,
}


def named(session: Session, kind: str, keys: Sequence[int]) -> dict[int, Named]:
    """Return what things are called, by key; in one statement, at most MOST_KEYS."""
    if not keys:
        return {}
    return _NAMED[kind](session, list(keys)[:MOST_KEYS])


def _pair(kind: str, public_id: str | None, zh: str | None, en: str | None) -> Named:
    return Named(kind, public_id, zh or en or "", en or zh or "")


def _texts(key: Any) -> tuple[Any, Any, Any]:
    """Return two aliases of a listing's texts, and the outer joins to them are the caller's."""
    zh, en = aliased(ListingText), aliased(ListingText)
    return (
        zh,
        en,
        (
            sa.and_(zh.listing_id == key, zh.language == "zh"),
            sa.and_(en.listing_id == key, en.language == "en"),
        ),
    )


def _name_listings(session: Session, keys: list[int]) -> dict[int, Named]:
    zh, en, (on_zh, on_en) = _texts(Listing.id)
    rows = session.execute(
        sa.select(Listing.id, Listing.public_id, zh.title, en.title)
        .outerjoin(zh, on_zh)
        .outerjoin(en, on_en)
        .where(Listing.id.in_(keys))
    )
    return {key: _pair("listing", public_id, *titles) for key, public_id, *titles in rows}


def _name_introductions(session: Session, keys: list[int]) -> dict[int, Named]:
    zh, en, (on_zh, on_en) = _texts(Introduction.listing_id)
    rows = session.execute(
        sa.select(Introduction.id, Introduction.public_id, zh.title, en.title)
        .outerjoin(zh, on_zh)
        .outerjoin(en, on_en)
        .where(Introduction.id.in_(keys))
    )
    return {key: _pair("introduction", public_id, *titles) for key, public_id, *titles in rows}


def _name_events(session: Session, keys: list[int]) -> dict[int, Named]:
    wanted = sa.select(Event.id, Event.public_id, Event.title_zh, Event.title_en)
    rows = session.execute(wanted.where(Event.id.in_(keys)))
    return {key: _pair("event", public_id, zh, en) for key, public_id, zh, en in rows}


def _name_meetings(session: Session, keys: list[int]) -> dict[int, Named]:
    rows = session.execute(
        sa.select(Meeting.id, Event.public_id, Event.title_zh, Event.title_en)
        .join(Event, Event.id == Meeting.event_id)
        .where(Meeting.id.in_(keys))
    )
    return {key: _pair("event", public_id, zh, en) for key, public_id, zh, en in rows}


def _name_deals(session: Session, keys: list[int]) -> dict[int, Named]:
    rows = session.execute(sa.select(Deal.id, Deal.public_id, Deal.title).where(Deal.id.in_(keys)))
    return {key: Named("deal", public_id, title, title) for key, public_id, title in rows}


def _name_people(session: Session, keys: list[int]) -> dict[int, Named]:
    rows = session.execute(sa.select(User.id, User.name).where(User.id.in_(keys)))
    return {key: Named("person", None, name or "", name or "") for key, name in rows}


_NAMED: Mapping[str, Callable[[Session, list[int]], dict[int, Named]]] = {
    "listing": _name_listings,
    "introduction": _name_introductions,
    "event": _name_events,
    "meeting": _name_meetings,
    "deal": _name_deals,
    "person": _name_people,
}
