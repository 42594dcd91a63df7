"""Begin a deal: which form, what it is called, with whom; then its terms."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from tenon.accounts.models import Organisation
from tenon.accounts.queries import OrganisationFilter, organisation, organisations
from tenon.deals import forms, services
from tenon.deals.forms.schema import Form
from tenon.deals.models import Deal
from tenon.deals.page_forms import BeginForm
from tenon.deals.services import Opening
from tenon.deals.services.opening import may_open_from, seller_side
from tenon.deals.views.blueprint import Answer, deals
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.introductions import queries as introductions
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public, may_know_owner
from tenon.listings.queries import find_listing
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

LONGEST_NAME, OFFERED = 60, 10
LIVE = ("published", "in_matching", "concluded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a deal begins.

    Attributes:
        introduction: the one that it comes from, if any.
        listings: what it rests on.
        seller, buyer: the two sides; one is None until it is chosen.
    """

    introduction: Introduction | None = None
    listings: Sequence[Listing] = field(default=())
    seller: Organisation | None = None
    buyer: Organisation | None = None

    @property
    def lacks(self) -> str | None:
        """The side that is still to be chosen."""
        if self.seller is None:
            return "seller"
        return "buyer" if self.buyer is None else None

    @property
    def needs_reason(self) -> bool:
        """Whether no need stands behind it, so that somebody must say why."""
        return self.introduction is None and all(each.side != "need" for each in self.listings)


@dataclass(frozen=True, slots=True)
class Offered:
    """One form to choose, with how many of the listings name it."""

    form: Form
    named_by: int
    why: str


@deals.get("/new")
def new() -> Answer:
    """Ask for form, name and, where it is open, the other side."""
    start = _start(request.args)
    form = BeginForm(formdata=None)
    form.request_key.data = uuid.uuid4().hex
    form.language.data = "zh"
    if start.listings:
        about = sorted(start.listings, key=lambda each: each.side)
        form.title.data = about[0].text(language()).title
    return _page(start, form)


@deals.post("/new")
@limiter.limit(WRITE)
def create() -> Answer:
    """Begin the deal; a form that is sent twice begins one."""
    start, form = _start(request.form), BeginForm()
    session = current_session()
    try:
        deal = _open(start, form)
        session.flush()
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(_start(request.form), form), 422
    except IntegrityError:  # the same form, sent twice at once: the other request has begun it
        session.rollback()
        deal = _open(_start(request.form), form)
    flash(_("The deal has begun. Propose terms now, or write to the other side first."), "success")
    return redirect(url_for("deals.new_terms", public_id=deal.public_id), 303)


def _open(start: Start, form: BeginForm) -> Deal:
    session, actor, now = current_session(), current_actor(), request_now()
    if not form.form.data:
        raise Invalid({"form": "required"})
    opening = Opening(
        form=form.form.data,
        title=form.title.data or "",
        listings=start.listings,
        no_need_reason=form.no_need_reason.data or "",
        request_key=(form.request_key.data or "")[:40] or None,
        language="en" if form.language.data == "en" else "zh",
    )
    if start.introduction is not None:
        return services.open_from_introduction(
            session, start.introduction, opening, by=actor, now=now
        )
    if start.seller is None or start.buyer is None:
        raise Invalid({"organisation": "required"})
    origin = ("listing", start.listings[0].id) if start.listings else ("none", None)
    return services.open_between(
        session, start.seller, start.buyer, opening, by=actor, now=now, origin=origin
    )


def _start(given: Any) -> Start:
    """Read where the deal begins; raises NotFound, Forbidden to who may not begin it there."""
    session, actor = current_session(), current_actor()
    if given.get("introduction"):
        found = introductions.find(session, given["introduction"], by=actor)
        if not may_open_from(actor, found):
            raise Forbidden(action="open_deal")
        seller = seller_side(found)
        houses = {"from": found.from_organisation, "to": found.to_organisation}
        listings = [each for each in (found.listing, found.own_listing) if each is not None]
        return Start(
            introduction=found,
            listings=listings,
            seller=houses[seller],
            buyer=houses["from" if seller == "to" else "to"],
        )
    return _from_listing(given)


def _from_listing(given: Any) -> Start:
    session, actor, now = current_session(), current_actor(), request_now()
    if not given.get("listing"):
        abort(404)
    listing = find_listing(session, given["listing"], by=actor, now=now)
    if not may_begin(listing):
        raise Forbidden(action="open_deal")
    listings = [listing]
    house = _chosen_house(given)
    if given.get("with"):
        other = find_listing(session, given["with"], by=actor, now=now)
        if other.side == listing.side or not is_public(other, now):
            raise NotFound(kind="listing")
        if not may_know_owner(actor, other):
            raise Forbidden(action="open_deal")
        listings.append(other)
        house = other.organisation
    sides = (listing.organisation, house)
    seller, buyer = sides if listing.side == "achievement" else (sides[1], sides[0])
    return Start(listings=listings, seller=seller, buyer=buyer)


def may_begin(listing: Listing) -> bool:
    """Whether the actor may begin a deal on a listing: its own editors, brokers who know whose."""
    actor = current_actor()
    if listing.organisation_id is None or listing.state not in LIVE:
        return False
    if actor.at_least("editor", listing.organisation_id):
        return True
    return actor.broker and may_know_owner(actor, listing) and is_public(listing, request_now())


def _chosen_house(given: Any) -> Organisation | None:
    if not given.get("organisation"):
        return None
    found = organisation(current_session(), given["organisation"])
    return found if found.state == "approved" else None


def offered(listings: Sequence[Listing]) -> list[Offered]:
    """Return every form, those that the listings name first, with why."""
    named = [{each.form for each in listing.deal_forms} for listing in listings]
    found = []
    for form in forms.all_forms():
        by = [form.code in each for each in named]
        why = ""
        if len(by) > 1 and all(by):
            why = str(_("Both listings name this form."))
        elif any(by):
            listing = listings[by.index(True)]
            if listing.side == "achievement":
                why = str(_("The result's listing names this form."))
            else:
                why = str(_("The need's listing names this form."))
        found.append(Offered(form, sum(by), why))
    return sorted(found, key=lambda each: (-each.named_by, each.form.order))


def _page(start: Start, form: BeginForm) -> str:
    return render_template(
        "deals/begin.html",
        start=start,
        form=form,
        offered=offered(start.listings),
        houses=_houses(start),
        asked=_asked(),
        tongue=language(),
    )


def _asked() -> dict[str, str]:
    """Return what the page's address says, to be carried along."""
    given = request.values
    names = ("introduction", "listing", "with", "organisation")
    return {name: given[name] for name in names if given.get(name)}


def _houses(start: Start) -> Sequence[Organisation]:
    """Return organisations by the part of a name that was typed, to choose the other side of."""
    text = request.args.get("house", "").strip()[:LONGEST_NAME]
    if not text or start.lacks is None:
        return []
    found = organisations(current_session(), OrganisationFilter(text=text), limit=OFFERED)[0]
    present = start.seller or start.buyer
    return [each for each in found if present is None or each.id != present.id]
