"""Parts of the wizard that answer while one writes: requirements as understood, near-duplicates."""

from __future__ import annotations

from flask import render_template, request

from tenon.listings.duplicates import find_similar
from tenon.listings.models import SIDES
from tenon.listings.queries import public_listings
from tenon.listings.requirements import entries_of, understand
from tenon.listings.services.validation import MOST_ENTRIES, TEXT_LIMIT
from tenon.listings.views.blueprint import listings
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

LEAST_TEXT = 12
SHOWN = 3


@listings.post("/listings/requirements/preview")
@limiter.limit(WRITE)
def requirements_preview() -> str:
    """Show how each line is understood."""
    entries = entries_of(request.form.get("requirements", "")[:TEXT_LIMIT])[:MOST_ENTRIES]
    return render_template(
        "listings/requirements_preview.html",
        rows=[(entry, understand(entry.text)) for entry in entries],
    )


@listings.post("/listings/similar")
@limiter.limit(WRITE)
def similar() -> str:
    """Show public listings of the same side that say nearly the same."""
    side = request.form.get("side", "")
    title = request.form.get("title", "")[:300]
    text = request.form.get("summary", "")[:TEXT_LIMIT]
    found = []
    if side in SIDES and len(title + text) >= LEAST_TEXT:
        ids = find_similar(
            current_session(),
            side=side,
            language=request.form.get("language", "zh"),
            title=title,
            text=text,
            actor=current_actor(),
        )
        near = public_listings(current_session(), list(ids), now=request_now())
        # A listing being edited is very like itself.
        found = [each for each in near if each.public_id != request.form.get("self")][:SHOWN]
    return render_template("listings/similar.html", found=found)
