"""One's own listings, and the one-click steps of their life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from tenon.errors import Invalid
from tenon.listings import permissions, queries, services
from tenon.listings.forms import form_class
from tenon.listings.forms.base import message
from tenon.listings.models import SIDES
from tenon.listings.states import STATES
from tenon.listings.views.blueprint import Answer, listings, posted_version, seen_listing
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now, settings

# Tabs of "my listings": code -> the states behind it.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "drafts": ("draft", "approved", "returned"),
    "review": ("in_review", "on_hold"),
    "public": ("published", "in_matching"),
    "over": ("concluded", "withdrawn", "expired", "rejected"),
}
GROUP_NAMES = {
    "all": _l("All"),
    "drafts": _l("Drafts"),
    "review": _l("Being reviewed"),
    "public": _l("Public"),
    "over": _l("Over"),
}

_VERBS: Mapping[str, tuple[Callable[..., Any], Any]] = {
    "submit": (services.submit, _l("Handed in.")),
    "approve": (services.approve, _l("Approved.")),
    "send-back": (services.send_back, _l("Given back to the author.")),
    "withdraw": (services.withdraw, _l("Withdrawn.")),
    "conclude": (services.conclude, _l("Concluded.")),
    "reopen": (services.reopen, _l("Reopened as a draft.")),
}


@listings.get("/my/listings")
def mine() -> str:
    """List what the organisation acted for has written, with the next step of each."""
    organisation_id = current_actor().organisation_id
    assert organisation_id is not None  # noqa: S101  # the fence lets members in only
    group = request.args.get("group", "all")
    side = request.args.get("side", "")
    number = requested_page()
    session = current_session()
    rows, total = queries.own_listings(
        session,
        organisation_id=organisation_id,
        states=GROUPS.get(group, ()),
        side=side if side in SIDES else None,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    counts = queries.own_counts(session, organisation_id=organisation_id)
    by_group = {
        code: sum(counts.get(state, 0) for state in states or STATES)
        for code, states in GROUPS.items()
    }
    return render_template(
        "listings/mine.html",
        page=Page(rows, number, PAGE_SIZE, total),
        group=group if group in GROUPS else "all",
        groups=GROUP_NAMES,
        counts=by_group,
        side=side,
    )


@listings.post(
    "/listings/<public_id>/<any(submit,approve,'send-back',withdraw,conclude,reopen):verb>"
)
@limiter.limit(WRITE)
def step(public_id: str, verb: str) -> Answer:
    """Take one step; where something lacks, the wizard says what."""
    listing = seen_listing(public_id)
    do, done = _VERBS[verb]
    try:
        do(
            current_session(),
            listing,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        for code in dict.fromkeys(error.fields.values()):
            flash(message(code), "error")
        return _incomplete(public_id, error)
    flash(str(done), "success")
    return redirect(url_for("listings.show", public_id=public_id))


def _incomplete(public_id: str, error: Invalid) -> Answer:
    """Show the wizard with the faults at their fields, or the page to those who may not edit."""
    listing = seen_listing(public_id)
    if not permissions.may(current_actor(), "edit", listing):
        return redirect(url_for("listings.show", public_id=public_id))
    form = form_class(listing.side)(
        formdata=None,
        content=services.content_of(listing),
        data={"version": str(listing.version)},
    )
    form.take_errors(error)
    page = render_template(
        "listings/wizard.html", side=listing.side, form=form, listing=listing, file_form=None
    )
    return page, 422


@listings.get("/listings/<public_id>/renew")
def renewal(public_id: str) -> str:
    """Show the one button that a reminder leads to; reading mail must not renew anything."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "renew", listing, now=request_now())
    return render_template("listings/renew.html", listing=listing, days=settings().listing_days)


@listings.post("/listings/<public_id>/renew")
@limiter.limit(WRITE)
def renew(public_id: str) -> Answer:
    """Give the listing another term."""
    listing = seen_listing(public_id)
    services.renew(
        current_session(),
        listing,
        by=current_actor(),
        now=request_now(),
        listing_days=settings().listing_days,
        expected_version=posted_version(),
    )
    flash(str(_l("Renewed.")), "success")
    return redirect(url_for("listings.show", public_id=public_id))
