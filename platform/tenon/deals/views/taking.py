"""Take an open licence: whoever represents a firm begins the deal from the owner's declaration.

The owner lays the declared terms in; the firm's notice and payment make the licence.
"""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation
from tenon.deals import services
from tenon.deals.scope import today_of
from tenon.deals.services import Opening
from tenon.deals.views.blueprint import Answer, deals
from tenon.errors import Conflict, Forbidden
from tenon.listings.queries import listings_on
from tenon.rights import queries
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

FORM = "licence_open"


@deals.post("/from-open-licence/<public_id>")
@limiter.limit(WRITE)
def take_open_licence(public_id: str) -> Answer:
    """Begin the deal for the organisation that the actor acts for; sent twice, it begins one."""
    session, actor, now = current_session(), current_actor(), request_now()
    declared = queries.find_open_licence(session, public_id)
    house = actor.organisation_id
    if house is None or not actor.at_least("editor", house) or house == declared.organisation_id:
        raise Forbidden(action="open_deal")
    today = today_of(now)
    if declared.state != "declared" or declared.until < today:
        raise Conflict("changed_meanwhile", kind="open_licence")
    resting = listings_on(session, declared.ip_right, now=now, limit=5)
    opening = Opening(
        form=FORM,
        title=str(_("Open licence")) + f" {declared.ip_right.number or ''}".rstrip(),
        listings=[
            each
            for each in resting
            if each.side == "achievement" and each.organisation_id == declared.organisation_id
        ],
        rights=[declared.ip_right],
        no_need_reason=str(_("Taken from an open licence")),
        request_key=f"open:{declared.public_id}:{house}:{today:%y%m%d}"[:40],
        language=language(),
    )
    buyer = session.get_one(Organisation, house)
    deal = services.open_between(session, declared.organisation, buyer, opening, by=actor, now=now)
    flash(_("The owner lays the declared terms in; then your notice and payment make it."), "info")
    return redirect(url_for("deals.show", public_id=deal.public_id), 303)
