"""Who may read a listing's confidential tiers, and who has: for its owner."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.accounts.queries import namesakes
from tenon.errors import Invalid
from tenon.listings import permissions, queries, services
from tenon.listings.forms import GrantForm
from tenon.listings.models import Listing
from tenon.listings.views.blueprint import Answer, listings, seen_listing
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _owned(public_id: str) -> Listing:
    listing = seen_listing(public_id)
    if not permissions.may_see_views(current_actor(), listing):
        abort(403)
    return listing


@listings.get("/listings/<public_id>/access")
def access(public_id: str) -> str:
    """Show grants and the log of reading."""
    return _access_page(_owned(public_id), GrantForm())


def _access_page(listing: Listing, form: GrantForm) -> str:
    session = current_session()
    return render_template(
        "listings/access.html",
        listing=listing,
        form=form,
        grants=queries.grants_of(session, listing),
        views=queries.views_of(session, listing),
        may_grant=permissions.may(current_actor(), "grant", listing),
        now=request_now(),
    )


@listings.post("/listings/<public_id>/access")
@limiter.limit(WRITE)
def grant(public_id: str) -> Answer:
    """Open a tier to an organisation, named in full."""
    listing, form = _owned(public_id), GrantForm()
    if not form.validate():
        return _access_page(listing, form), 422
    session, now = current_session(), request_now()
    try:
        services.grant_access(
            session,
            listing,
            organisation_id=_organisation_named(form.organisation.data),
            tier=form.tier.data,
            reason="owner",
            by=current_actor(),
            now=now,
            ends_at=_end_of(form),
        )
    except Invalid as error:
        form.take_errors(Invalid(_at_fields(error)))
        return _access_page(listing, form), 422
    flash(_("The detail is open to this organisation now."), "success")
    return redirect(url_for("listings.access", public_id=public_id))


def _at_fields(error: Invalid) -> dict[str, str]:
    return {{"ends_at": "ends_on"}.get(name, name): code for name, code in error.fields.items()}


def _organisation_named(name: str) -> int:
    """Return the one approved organisation of this name; raises Invalid for none or several."""
    found = [
        each
        for each in namesakes(current_session(), name_zh=name, name_en=name)
        if each.state == "approved"
    ]
    if len(found) != 1:
        raise Invalid({"organisation": "unknown_organisation"})
    return found[0].id


def _end_of(form: GrantForm) -> datetime | None:
    """Return the end of the day chosen."""
    day = form.ends_on.data
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)


@listings.post("/listings/<public_id>/access/<int:grant_id>/end")
@limiter.limit(WRITE)
def end_grant(public_id: str, grant_id: int) -> Answer:
    """Close a grant."""
    services.revoke_access(
        current_session(),
        _owned(public_id),
        grant_id=grant_id,
        by=current_actor(),
        now=request_now(),
    )
    flash(_("Access has ended."), "success")
    return redirect(url_for("listings.access", public_id=public_id))
