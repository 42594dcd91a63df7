"""A person's searches, and one of them run now with what is new marked.

What a page shows counts as looked at; what stands on other pages, or on none any more, stays new
and is told in its time, unless the owner says that all of it is known.
"""

from __future__ import annotations

import logging

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from tenon.accounts.models import Organisation
from tenon.matches.engine import engine_of
from tenon.matches.views.search import address_of
from tenon.network.clocks import today
from tenon.searches import queries
from tenon.searches.forms import RHYTHMS
from tenon.searches.models import SavedSearch
from tenon.searches.permissions import may_offer
from tenon.searches.queries.answering import answer, question_of
from tenon.searches.queries.lists import new_experts_of, new_of
from tenon.searches.queries.offers import offers_to, own_offers
from tenon.searches.services.keeping import MOST_SEARCHES
from tenon.searches.services.recording import mark_seen
from tenon.searches.views.asked import asked_of, lines_of
from tenon.searches.views.blueprint import Answer, searches
from tenon.web.limits import BOX, WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now, settings

log = logging.getLogger("tenon.searches")

_LONGEST_SHARED = 400


@searches.get("")
def mine() -> str:
    """List the person's own searches with how much is new in each."""
    user_id = current_actor().user_id
    if user_id is None:
        abort(401)
    session, actor = current_session(), current_actor()
    kept = queries.mine(session, user_id, now=request_now())
    house = actor.organisation_id
    offers = own_offers(session, actor) if house is not None else frozenset()
    return render_template(
        "searches/mine.html",
        house=None if house is None else session.get(Organisation, house),
        offered={each.search.id for each in kept if (each.search.id, house) in offers},
        offerable={each.search.id for each in kept if may_offer(actor, each.search, house or 0)},
        others=[
            (each, lines_of(asked_of(each.offer.search))) for each in offers_to(session, actor)
        ],
        kept=[(each, lines_of(asked_of(each.search))) for each in kept],
        rhythms=RHYTHMS,
        most=MOST_SEARCHES,
    )


@searches.get("/<public_id>")
@limiter.limit(BOX)
def show(public_id: str) -> str:
    """Run a search now; what is new is marked, and what was shown is not new the next time."""
    session, actor, now = current_session(), current_actor(), request_now()
    search = queries.find_search(session, public_id, by=actor)
    number = requested_page()
    found = answer(
        session,
        engine_of(settings()),
        search,
        by=actor,
        now=now,
        offset=(number - 1) * PAGE_SIZE if search.kind == "browse" else 0,
        limit=PAGE_SIZE,
        reasons=True,
    )
    new = new_of(session, search.id, now=now)
    new_experts = new_experts_of(session, search.id) if search.kind == "browse" else frozenset()
    shown = new & {each.id for each in found.listings}
    shown_experts = new_experts & {each.id for each in found.experts}
    page = render_template(
        "searches/show.html",
        search=search,
        lines=lines_of(asked_of(search)),
        found=found,
        new=new,
        new_experts=new_experts,
        elsewhere_new=len(new) + len(new_experts) - len(shown) - len(shown_experts),
        page=Page(found.hits, number, PAGE_SIZE, found.total),
        views=sorted(found.views, key=lambda view: view.listing.id not in new),
        elsewhere=_elsewhere(search),
        today=today(now),
        rhythms=RHYTHMS,
    )
    if shown or shown_experts:
        _remember(search.id, shown, shown_experts)
    return page


@searches.post("/<public_id>/seen")
@limiter.limit(WRITE)
def seen(public_id: str) -> Answer:
    """Take all that is new in a search as known; it is not told any more."""
    session, now = current_session(), request_now()
    search = queries.find_search(session, public_id, by=current_actor())
    listings, experts = new_of(session, search.id, now=now), new_experts_of(session, search.id)
    mark_seen(session, search, listings, experts, now=now)
    flash(_("Nothing in this search is marked as new any more."), "success")
    return redirect(url_for("searches.show", public_id=public_id), 303)


def _elsewhere(search: SavedSearch) -> str | None:
    """Return the address of the page where the same is asked by hand; None for a long text."""
    if search.listing is not None:
        return url_for("matches.of_listing", public_id=search.listing.public_id)
    if search.kind == "browse":
        return address_of(question_of(search))
    if len(search.text) > _LONGEST_SHARED:
        return None
    return url_for("matches.box", text=search.text, side=search.side)


def _remember(search_id: int, listing_ids: frozenset[int], expert_ids: frozenset[int]) -> None:
    """Note that what is new was shown; the page is shown without, should that fail."""
    try:
        with database().writing() as session:
            search = session.get(SavedSearch, search_id)
            if search is not None:
                mark_seen(session, search, listing_ids, expert_ids, now=request_now())
    except SQLAlchemyError as error:
        log.warning("what was looked at of a search is not noted: %s", error)
