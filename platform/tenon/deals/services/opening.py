"""Begin a deal: from an introduction, from a listing, or between two organisations by a broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.models import Deal, DealListing, DealRight
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.introductions.models import Introduction
from tenon.introductions.permissions import is_its_broker, is_party
from tenon.introductions.states import OPEN_STATES
from tenon.listings.models import IpRight, Listing
from tenon.outbox.services import emit

TITLE_LIMIT = 300
MOST_LISTINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a deal begins with.

    Attributes:
        title: what it is called; of the achievement, where empty.
        form: code of a deal form.
        listings: results and needs that it rests on.
        rights: patents and other rights; those of the achievements, where None.
        no_need_reason: why no need stands behind it, where no listing is one.
        request_key: of the form on the page: the same key opens one deal.
    """

    form: str
    title: str = ""
    listings: Sequence[Listing] = field(default=())
    rights: Sequence[IpRight] | None = None
    no_need_reason: str = ""
    request_key: str | None = None
    language: str = "zh"


def may_open_from(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may make a deal of an introduction: its sides and its broker, once open."""
    house = actor.organisation_id
    acts = is_party(actor, introduction) and any(
        actor.at_least("editor", each)
        for each in (introduction.from_organisation_id, introduction.to_organisation_id, house)
        if each in (introduction.from_organisation_id, introduction.to_organisation_id)
    )
    return introduction.state in OPEN_STATES and (acts or is_its_broker(actor, introduction))


def seller_side(introduction: Introduction) -> str:
    """Return which side of an introduction gives technology: the one whose achievement it is."""
    if introduction.listing.side == "achievement":
        return "to"
    return "from"


def open_from_introduction(
    session: Session,
    introduction: Introduction,
    opening: Opening,
    *,
    by: Actor,
    now: datetime,
    origin: tuple[str, int | None] | None = None,
) -> Deal:
    """Make a deal of an introduction: its sides, its listings, its people and its broker.

    ``origin`` names what it came out of where that is something else, such as a meeting. Raises
    Forbidden, Invalid at ``form`` or ``title``. A repeated ``request_key`` returns the deal that
    was opened with it.
    """
    if not may_open_from(by, introduction):
        raise Forbidden(action="open_deal")
    seller = seller_side(introduction)
    buyer = "from" if seller == "to" else "to"
    users = {"from": introduction.from_user_id, "to": introduction.to_user_id}
    known = [introduction.listing, introduction.own_listing]
    listings = [each for each in known if each is not None]
    listings += [each for each in opening.listings if each not in listings]
    deal = Deal(
        seller_organisation_id=introduction.organisation_id(seller),
        buyer_organisation_id=introduction.organisation_id(buyer),
        seller_user_id=users[seller],
        buyer_user_id=users[buyer],
        broker_id=introduction.broker_id or introduction.proposer_id,
    )
    deal.origin_kind, deal.origin_id = origin or ("introduction", introduction.id)
    return _open(session, deal, listings, opening, by=by, now=now)


def open_between(
    session: Session,
    seller: Organisation,
    buyer: Organisation,
    opening: Opening,
    *,
    by: Actor,
    now: datetime,
    origin: tuple[str, int | None] = ("none", None),
) -> Deal:
    """Begin a deal without an introduction: an editor of either side, or a broker of neither.

    Raises Forbidden, Invalid at ``form``, ``title``, ``no_need_reason``, and Forbidden
    ``organisation_not_approved``. A repeated ``request_key`` returns the deal opened with it.
    """
    own = [house.id for house in (seller, buyer) if by.at_least("editor", house.id)]
    if not own and not by.broker:
        raise Forbidden(action="open_deal")
    if any(house.state != "approved" for house in (seller, buyer)):
        raise Forbidden("organisation_not_approved")
    if seller.id == buyer.id:
        raise Invalid({"buyer": "same_house"})
    needs = [each for each in opening.listings if each.side == "need"]
    if not needs and not opening.no_need_reason.strip():
        raise Invalid({"no_need_reason": "required"})
    on_seller = seller.id in own
    deal = Deal(
        seller_organisation_id=seller.id,
        buyer_organisation_id=buyer.id,
        seller_user_id=by.user_id if on_seller else None,
        buyer_user_id=by.user_id if own and not on_seller else None,
        broker_id=None if own else by.user_id,
        no_need_reason=opening.no_need_reason.strip() or None,
        origin_kind=origin[0],
        origin_id=origin[1],
    )
    return _open(session, deal, list(opening.listings), opening, by=by, now=now)


def _open(
    session: Session,
    deal: Deal,
    listings: Sequence[Listing],
    opening: Opening,
    *,
    by: Actor,
    now: datetime,
) -> Deal:
    form = forms.get(opening.form)
    standing = _opened_before(session, opening, by)
    if standing is not None:
        return standing
    if len(listings) > MOST_LISTINGS:
        raise Invalid({"listings": "too_many"})
    first = form.states[0]
    deal.form = form.code
    deal.state, deal.stage = first.code, first.stage
    deal.title = _title(opening, listings)
    deal.language = opening.language
    deal.request_key = opening.request_key
    deal.stage_since = deal.state_since = deal.created_at = now
    deal.created_by = by.user_id
    seller = session.get_one(Organisation, deal.seller_organisation_id)
    deal.jurisdiction = seller.region or seller.country
    session.add(deal)
    session.flush()
    _rest_on(session, deal, listings, opening.rights)
    history.record(
        session,
        chain=("deal", deal.public_id),
        kind="open",
        by=by,
        now=now,
        facts={"form": form.code, "origin": deal.origin_kind, "listings": len(listings)},
    )
    emit(session, "deals.opened", {"id": deal.id, "by": by.user_id}, now=now)
    return deal


def _opened_before(session: Session, opening: Opening, by: Actor) -> Deal | None:
    if not opening.request_key:
        return None
    found = session.scalars(sa.select(Deal).where(Deal.request_key == opening.request_key)).first()
    if found is not None and found.created_by != by.user_id:
        raise Conflict("already_taken", kind="deal")
    return found


def _title(opening: Opening, listings: Sequence[Listing]) -> str:
    title = opening.title.strip()
    if not title:
        about = sorted(listings, key=lambda each: each.side)  # an achievement before a need
        if not about:
            raise Invalid({"title": "required"})
        title = about[0].text(opening.language).title
    if len(title) > TITLE_LIMIT:
        raise Invalid({"title": "too_long"})
    return title


def _rest_on(
    session: Session,
    deal: Deal,
    listings: Sequence[Listing],
    rights: Sequence[IpRight] | None,
) -> None:
    """Write what the deal rests on; rights of the achievements where none are chosen."""
    if rights is None:
        found = [
            right for each in listings if each.side == "achievement" for right in each.ip_rights
        ]
        rights = list({right.id: right for right in found}.values())
    session.add_all(DealListing(deal_id=deal.id, listing_id=each.id) for each in listings)
    session.add_all(DealRight(deal_id=deal.id, ip_right_id=each.id) for each in rights)
    session.flush()
    session.expire(deal, ["listings", "ip_rights"])
