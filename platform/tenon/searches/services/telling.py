"""From what was found to a notice: who may be told, which titles, when. Never commits.

What a person may not see at the moment of telling is left out, and a search whose owner lost
what it rests on stops. Titles alone are told: whose a listing is stands on its page, to those who
may know.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.listings.models import Expert, Listing
from tenon.listings.permissions import may_see
from tenon.listings.queries import public_experts
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import delivery, planning
from tenon.notices.models import NoticeSchedule
from tenon.notices.rendering import fill
from tenon.notices.services import notify
from tenon.searches.models import SavedExpertFinding, SavedFinding, SavedSearch
from tenon.searches.permissions import may_go_on
from tenon.searches.queries.answering import still_public

TITLES = 5
"""So many titles stand in a notice; of the others their number."""

AHEAD = timedelta(minutes=20)
"""So long before a person's digest is written their searches are gathered for it."""

PEOPLE_AT_ONCE = 500
MONDAY = 0
KINDS = {
    "now": "saved_search_found",
    "daily": "saved_search_daily",
    "weekly": "saved_search_weekly",
}
_LANGUAGES = ("zh", "en")
_BETWEEN = {"zh": "；", "en": "; "}
_AND_MORE = N_("%(titles)s, and %(number)s more")
_FOR_FIRM = N_("%(search)s (for %(organisation)s)")


def tell(
    session: Session,
    search: SavedSearch,
    listing_ids: Collection[int],
    expert_ids: Collection[int] = (),
    *,
    now: datetime,
) -> bool:
    """Tell the owner of these listings and experts; return whether there was anything to tell."""
    for table, keys in ((SavedFinding, listing_ids), (SavedExpertFinding, expert_ids)):
        session.execute(
            sa.update(table)
            .where(table.search_id == search.id, key_of(table).in_(sorted(keys)))
            .values(told_at=now)
            .execution_options(synchronize_session=False)
        )
    if not may_go_on(session, search, now):
        stop(search)
        return False
    actor = actor_of(search.user)
    listings = _tellable(session, search, actor, listing_ids, now=now)
    experts = _tellable_experts(session, search, actor, expert_ids)
    if not listings and not experts:
        return False
    path = f"/searches/{search.public_id}"
    if len(listings) == 1 and not experts:
        path = f"/listings/{listings[0].public_id}"
    elif len(experts) == 1 and not listings:
        path = f"/experts/{experts[0].public_id}"
    notify(
        session,
        user=search.user,
        kind=KINDS.get(search.rhythm, KINDS["now"]),
        facts={"search": _name(search), "titles": _titles(listings, experts)},
        path=path,
        now=now,
        about=_named_person(session, experts),
    )
    return True


def tell_due(session: Session, *, now: datetime) -> bool:
    """Gather what daily and weekly searches found into notices; whether others may wait.

    A search that found nothing new says nothing. One that somebody else has locked is left for a
    later turn.
    """
    due = session.scalars(
        sa.select(SavedSearch)
        .where(SavedSearch.due_at <= now, SavedSearch.state == "active")
        .order_by(SavedSearch.due_at, SavedSearch.id)
        .limit(PEOPLE_AT_ONCE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for search in due:
        search.due_at = None
        waiting = _untold(session, SavedFinding, search.id)
        experts = _untold(session, SavedExpertFinding, search.id)
        if waiting or experts:
            tell(session, search, waiting, experts, now=now)
    return len(due) == PEOPLE_AT_ONCE


def plan(session: Session, search: SavedSearch, *, now: datetime) -> None:
    """See to what waits: set when it is told, or tell it where the owner wants to know at once.

    That is shortly before the person's digest, on Mondays if weekly.
    """
    search.due_at = None
    if search.state != "active" or search.rhythm == "none":
        return
    listings = _untold(session, SavedFinding, search.id)
    experts = _untold(session, SavedExpertFinding, search.id)
    if not listings and not experts:
        return
    if search.rhythm == "now":
        tell(session, search, listings, experts, now=now)
    else:
        search.due_at = _moment(session, search, now)


def stop(search: SavedSearch) -> None:
    """End a search that rests on nothing any more; its owner may resume it with the right."""
    search.state, search.due_at = "stopped", None
    search.version += 1


def _moment(session: Session, search: SavedSearch, now: datetime) -> datetime:
    chosen = session.scalar(
        sa.select(NoticeSchedule.digest_hour).where(NoticeSchedule.user_id == search.user_id)
    )
    hour = planning.DIGEST_HOUR if chosen is None else chosen
    zone = delivery.current().zone
    found = planning.next_digest(now + AHEAD, hour=hour, last=None, zone=zone)
    while search.rhythm == "weekly" and found.astimezone(zone).weekday() != MONDAY:
        found = planning.next_digest(found, hour=hour, last=None, zone=zone)
    return found - AHEAD


def key_of(
    table: type[SavedFinding] | type[SavedExpertFinding],
) -> sa.orm.InstrumentedAttribute[int]:
    """Return the column of a table of findings that names what was found."""
    return table.listing_id if issubclass(table, SavedFinding) else table.expert_id


def _untold(
    session: Session, table: type[SavedFinding] | type[SavedExpertFinding], search_id: int
) -> Sequence[int]:
    return session.scalars(
        sa.select(key_of(table))
        .where(
            table.search_id == search_id,
            table.known.is_(False),
            table.told_at.is_(None),
            table.seen_at.is_(None),
        )
        .order_by(table.found_at, key_of(table))
    ).all()


def _tellable(
    session: Session,
    search: SavedSearch,
    actor: Actor,
    listing_ids: Collection[int],
    *,
    now: datetime,
) -> list[Listing]:
    own = {*actor.memberships, search.organisation_id}
    return [
        each
        for each in still_public(session, listing_ids, now=now)
        if each.organisation_id not in own and may_see(actor, each, now)
    ]


def _tellable_experts(
    session: Session, search: SavedSearch, actor: Actor, expert_ids: Collection[int]
) -> list[Expert]:
    own = {*actor.memberships, search.organisation_id} - {None}
    return [
        each
        for each in public_experts(session, sorted(expert_ids))
        if each.organisation_id not in own and each.user_id != search.user_id
    ]


def _name(search: SavedSearch) -> Any:
    """Return the search's name, with the firm that a broker keeps it for."""
    if search.organisation is None:
        return search.name
    firm = search.organisation
    return {
        code: fill(_FOR_FIRM, {"search": search.name, "organisation": firm.name(code)}, code)
        for code in _LANGUAGES
    }


def _named(experts: Sequence[Expert]) -> list[Expert]:
    """Return whom a notice names: of those with an account one, so that their erasure finds it."""
    held = [each for each in experts if each.user_id is not None]
    return [each for each in experts if each.user_id is None] + held[:1]


def _named_person(session: Session, experts: Sequence[Expert]) -> User | None:
    found = [each.user_id for each in _named(experts) if each.user_id is not None]
    return session.get(User, found[0]) if found else None


def _titles(listings: Sequence[Listing], experts: Sequence[Expert]) -> dict[str, str]:
    """Return titles and experts' names in both languages, and how many stand behind them."""
    found = {}
    for code in _LANGUAGES:
        named = [each.name(code) for each in reversed(_named(experts))]
        every = named[:1] + [each.text(code).title for each in listings] + named[1:]
        titles = _BETWEEN[code].join(every[:TITLES])
        more = len(listings) + len(experts) - len(every[:TITLES])
        facts = {"titles": titles, "number": more}
        found[code] = fill(_AND_MORE, facts, code) if more > 0 else titles
    return found
