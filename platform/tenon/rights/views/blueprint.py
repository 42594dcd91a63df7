"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts.models import Organisation, User
from tenon.errors import NotFound
from tenon.listings import queries as listing_queries
from tenon.listings.models import IpRight, Listing
from tenon.rights import permissions, queries
from tenon.rights.queries import Subject
from tenon.rights.shares import Owner, Owners
from tenon.web.languages import language, shown_zone
from tenon.web.requests import current_actor, current_session, request_now

rights = Blueprint("rights", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def today() -> date:
    """Return the day that it is in the site's zone."""
    return request_now().astimezone(shown_zone()).date()


def seen_achievement(public_id: str) -> Listing:
    """Return an achievement that the actor may see; raises NotFound for any other."""
    found = listing_queries.find_listing(
        current_session(), public_id, by=current_actor(), now=request_now()
    )
    if found.side != "achievement":
        raise NotFound(kind="listing")
    return found


def seen_right(public_id: str) -> IpRight:
    """Return an IP right on which something rests that the actor may see, or of which they own.

    A co-owner sees it whoever has listed it. Raises NotFound for any other.
    """
    session, actor = current_session(), current_actor()
    try:
        return listing_queries.find_right(session, public_id, by=actor, now=request_now())
    except NotFound:
        found = session.scalar(sa.select(IpRight).where(IpRight.public_id == public_id))
        if found is None or not permissions.may_see_owners(
            actor, queries.owners(session, found, on=today()), in_sight=False
        ):
            raise
        return found


def seen_owners(subject: Subject) -> Owners:
    """Return the owners of a subject for who may read them; raises NotFound for all others."""
    session, actor = current_session(), current_actor()
    found = queries.owners(session, subject, on=today())
    in_sight = queries.in_sight(session, subject, by=actor)
    may_see = permissions.may_see_owners(actor, found, in_sight=in_sight)
    if not may_see and not _contributed(subject):
        raise NotFound(kind="owners")
    return found


def _contributed(subject: Subject) -> bool:
    """Whether the actor contributed to the achievement, or wrote its listing."""
    if not isinstance(subject, Listing):
        return False
    contributors = queries.contributors_of(current_session(), subject)
    return permissions.may_apply(current_actor(), subject, contributors)


def owner_name(owner: Owner) -> str:
    """Return an owner's name in the page's language; empty for a person who has left."""
    session = current_session()
    if owner.organisation_id is not None:
        return session.get_one(Organisation, owner.organisation_id).name(language())
    if owner.user_id is not None:
        return session.get_one(User, owner.user_id).name
    return owner.name


def people_of(keys: frozenset[int]) -> list[tuple[int, str]]:
    """Return (key, name) of people of the site who have not left, by name."""
    found = current_session().execute(
        sa.select(User.id, User.name).where(User.id.in_(keys), User.erased_at.is_(None))
    )
    return sorted(((key, name) for key, name in found if name), key=lambda pair: pair[1])
