"""Pages that anybody may read: a listing, an IP right, an expert."""

from __future__ import annotations

from flask import abort, render_template, request

from tenon.listings import permissions, queries
from tenon.listings.models import TIERS, Listing
from tenon.listings.services import note_view
from tenon.listings.views.blueprint import listings, seen_listing
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session, database, request_now
from tenon.web.sections import sections


@listings.get("/listings/<public_id>")
def show(public_id: str) -> str:
    """Show a listing: the public tier, and what of the rest is open to the reader."""
    listing, actor, now = seen_listing(public_id), current_actor(), request_now()
    session = current_session()
    tiers = queries.open_tiers(session, listing, to=actor, now=now)
    own = permissions.belongs_to(actor, listing)
    return render_template(
        "listings/show.html",
        listing=listing,
        text=listing.text(_wanted_language()),
        tiers=_tiers(listing, tiers),
        knows_owner=permissions.may_know_owner(actor, listing),
        own=own,
        sees_history=permissions.may_see_history(actor, listing, now),
        sees_views=permissions.may_see_views(actor, listing),
        public=permissions.is_public(listing, now),
        review=queries.latest_review(session, listing) if own else None,
        contributor_pages=queries.expert_pages(
            session, [each.expert_id for each in listing.contributors if each.expert_id]
        ),
        actions=sections("listing.actions", session, listing, actor),
        sections=sections("listing", session, listing, actor),
    )


def _wanted_language() -> str:
    """Return the language asked for in the address, else the page's."""
    asked = request.args.get("text", "")
    return asked if asked in {"zh", "en"} else language()


def _tiers(listing: Listing, open_to_reader: tuple[str, ...]) -> list[dict[str, object]]:
    """Return the confidential tiers that hold anything, each open or locked, without its text."""
    shown: list[dict[str, object]] = []
    held = {detail.tier for detail in listing.details}
    for tier in TIERS[1:]:
        files = [file for file in listing.attachments if file.tier == tier]
        if tier in held or files:
            is_open = tier in open_to_reader
            shown.append(
                {
                    "tier": tier,
                    "open": is_open,
                    "text": tier in held,
                    "files": files if is_open else [],
                    "file_count": len(files),
                }
            )
    return shown


@listings.get("/listings/<public_id>/detail/<tier>")
def detail(public_id: str, tier: str) -> str:
    """Show one confidential tier to those to whom it is open; that they read it is written down."""
    listing, actor, now = seen_listing(public_id), current_actor(), request_now()
    held = next((each for each in listing.details if each.tier == tier), None)
    if held is None:
        abort(404)
    if tier not in queries.open_tiers(current_session(), listing, to=actor, now=now):
        abort(403)
    with database().writing() as session:
        note_view(session, listing, tier=tier, by=actor, now=now)
    return render_template("listings/detail.html", listing=listing, tier=tier, held=held)


@listings.get("/ip/<public_id>")
def ip_right(public_id: str) -> str:
    """Show an IP right and every public listing that rests on it."""
    session, now = current_session(), request_now()
    right = queries.find_right(session, public_id, by=current_actor(), now=now)
    return render_template(
        "listings/ip_right.html",
        right=right,
        found=queries.listings_on(session, right, now=now),
    )


@listings.get("/experts/<public_id>")
def expert(public_id: str) -> str:
    """Show an expert: fields, languages, availability, results, the rights behind them."""
    session, actor, now = current_session(), current_actor(), request_now()
    found = queries.find_expert(session, public_id, by=actor)
    results = queries.results_of(session, [found.id], now=now)[found.id]
    claim = None
    if actor.user_id is not None:
        claim = queries.open_claim_of(session, expert_id=found.id, user_id=actor.user_id)
    return render_template(
        "listings/expert.html",
        expert=found,
        results=results,
        rights=queries.rights_behind(session, [result.id for result in results]),
        claim=claim,
        may_edit=permissions.may_edit_expert(actor, found),
        may_claim=permissions.may_claim(actor, found),
    )
