"""Offer a search to the other editors of one's organisation; take the offer back; adopt one.

Who adopts keeps a search of their own: what the first finds and is told stays the first's. Never
commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon import history
from tenon.accounts.models import Membership, User
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Forbidden
from tenon.notices.services import notify
from tenon.searches.models import SavedOffer, SavedSearch
from tenon.searches.permissions import EDITING, may_offer
from tenon.searches.queries.offers import same_as
from tenon.searches.services.keeping import LONGEST_NAME, Draft, keep

CHAIN = "saved_search"
KIND = "saved_search_offered"


def offer(
    session: Session, search: SavedSearch, organisation_id: int, *, by: Actor, now: datetime
) -> SavedOffer:
    """Offer one's search to the editors of one's organisation and tell them; once.

    Raises Forbidden for a search of somebody else's, an organisation that is not theirs, and a
    search for what fits another organisation's listing.
    """
    if not may_offer(by, search, organisation_id):
        raise Forbidden(action="offer_search")
    # Whoever presses twice waits here, so that editors are told once.
    session.execute(sa.select(SavedSearch.id).where(SavedSearch.id == search.id).with_for_update())
    known = session.scalars(
        sa.select(SavedOffer).filter_by(search_id=search.id, organisation_id=organisation_id)
    ).one_or_none()
    if known is not None:
        return known
    made = SavedOffer(
        public_id=new_public_id(),
        search_id=search.id,
        organisation_id=organisation_id,
        offered_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, search, "offer", organisation_id, by=by, now=now)
    for user in _editors(session, organisation_id):
        if user.id != by.user_id:
            notify(
                session,
                user=user,
                kind=KIND,
                facts={"search": search.name, "person": search.user.name},
                path="/searches#offered",
                now=now,
                about=search.user,
            )
    return made


def take_back(
    session: Session, search: SavedSearch, organisation_id: int, *, by: Actor, now: datetime
) -> None:
    """Offer a search no longer; who adopted it keeps theirs. Raises Forbidden as ``offer``."""
    if by.user_id is None or search.user_id != by.user_id:
        raise Forbidden(action="offer_search")
    gone = session.scalars(
        sa.delete(SavedOffer)
        .where(SavedOffer.search_id == search.id, SavedOffer.organisation_id == organisation_id)
        .returning(SavedOffer.id)
    ).all()
    if gone:
        _note(session, search, "take_back_offer", organisation_id, by=by, now=now)


def adopt(
    session: Session, engine: MatchEngine, found: SavedOffer, *, by: Actor, now: datetime
) -> SavedSearch:
    """Keep an offered search as one's own; the one that is there if the same is kept already.

    The caller looked the offer up for ``by``. Raises as ``keep``.
    """
    offered = found.search
    # Whoever presses twice waits here, so that one is kept.
    session.execute(sa.select(User.id).where(User.id == by.user_id).with_for_update())
    known = same_as(session, offered, by)
    if known is not None:
        return known
    draft = Draft(
        kind=offered.kind,
        name=free_name(session, offered.name, by.user_id),
        rhythm=offered.rhythm,
        text=offered.text,
        side=offered.side,
        chosen={name: list(values) for name, values in offered.chosen.items()},
        listing=offered.listing,
    )
    made = keep(session, engine, draft, by=by, now=now)
    _note(session, offered, "adopt", found.organisation_id, by=by, now=now)
    return made


def free_name(session: Session, name: str, user_id: int | None) -> str:
    """Return a name that a person has no search of yet, as near to ``name`` as can be."""
    taken = set(session.scalars(sa.select(SavedSearch.name).where(SavedSearch.user_id == user_id)))
    names = (name, *(f"{name[: LONGEST_NAME - 4]} {number}" for number in range(2, 99)))
    return next(each for each in names if each not in taken)


def _editors(session: Session, organisation_id: int) -> Sequence[User]:
    holders = sa.select(Membership.user_id).where(
        Membership.organisation_id == organisation_id,
        Membership.state == "active",
        Membership.role.in_(EDITING),
    )
    return session.scalars(
        sa.select(User).where(User.id.in_(holders), User.active.is_(True)).order_by(User.id)
    ).all()


def _note(
    session: Session,
    search: SavedSearch,
    kind: str,
    organisation_id: int,
    *,
    by: Actor,
    now: datetime,
) -> None:
    facts = {"organisation": organisation_id}
    chain = (CHAIN, search.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
