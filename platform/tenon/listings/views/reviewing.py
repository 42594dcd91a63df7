"""The broker's desk: the queue, one listing under review, its history and versions."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Invalid
from tenon.listings import permissions, queries, services
from tenon.listings.comparison import compare
from tenon.listings.forms import ReviewForm
from tenon.listings.models import SIDES, Listing
from tenon.listings.queries.own_remarks import own_remark, own_remarks
from tenon.listings.queries.review import QueueFilter, neighbours
from tenon.listings.rubric import rubric
from tenon.listings.services.own_remarks import keep_remark
from tenon.listings.views.blueprint import Answer, listings, posted_version, seen_listing
from tenon.listings.views.wording import parts_in_words
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now, settings


@listings.get("/review")
def review_queue() -> str:
    """List what waits for a broker, longest first."""
    where = _asked()
    number, session, actor = requested_page(), current_session(), current_actor()
    rows, total = queries.review_queue(
        session,
        queue=where.queue,
        by=actor,
        side=where.side,
        language=where.language,
        here=where.here,
        offset=(number - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return render_template(
        "listings/review_queue.html",
        page=Page(rows, number, PAGE_SIZE, total),
        where=where,
        queue=where.queue,
        counts=queries.queue_counts(session, by=actor),
        side=where.side,
        language=where.language,
        placed=bool(actor.stations),
        knows_owner=lambda listing: permissions.may_know_owner(actor, listing),
    )


def _asked() -> QueueFilter:
    """Return the queue that the address names, and what it is narrowed to."""
    side, language = request.args.get("side", ""), request.args.get("language", "")
    return QueueFilter(
        queue=request.args.get("queue", "waiting"),
        side=side if side in SIDES else "",
        language=language if language in {"zh", "en"} else "",
        here=request.args.get("place") == "mine",
    )


def _address_of(where: QueueFilter) -> dict[str, Any]:
    """Return the parameters that carry a queue and its filter from page to page."""
    place = "mine" if where.here else ""
    named = {
        "queue": where.queue,
        "side": where.side,
        "language": where.language,
        "place": place,
    }
    return {name: value for name, value in named.items() if value}


def _form(listing: Listing) -> ReviewForm:
    return ReviewForm(side=listing.side, author_language=listing.language)


@listings.get("/listings/<public_id>/review")
def review(public_id: str) -> str:
    """Show a listing with the rubric beside it."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "review", listing, now=request_now())
    form = _form(listing)
    form.version.data = str(listing.version)
    return _review_page(listing, form)


def _review_page(listing: Listing, form: ReviewForm) -> str:
    session, actor, now = current_session(), current_actor(), request_now()
    tiers = queries.open_tiers(session, listing, to=actor, now=now)
    past = queries.reviews_of(session, listing)
    where = _asked()
    before, after = neighbours(session, listing, where, by=actor)
    return render_template(
        "listings/review.html",
        along=_address_of(where),
        before=before,
        after=after,
        ready=own_remarks(session, by=actor, listing=listing),
        listing=listing,
        form=form,
        rubric=rubric(),
        criteria=rubric().criteria_for(listing.side),
        past=past,
        changes=_since_review(listing, tiers),
        knows_owner=permissions.may_know_owner(actor, listing),
    )


def _since_review(listing: Listing, tiers: tuple[str, ...]) -> list[object]:
    """Return what changed since the version that was reviewed last; nothing at a first review."""
    if not 0 < listing.reviewed_version < listing.text_version:
        return []
    versions = {
        version.number: version for version in queries.versions_of(current_session(), listing)
    }
    before, after = versions.get(listing.reviewed_version), versions.get(listing.text_version)
    if before is None or after is None:
        return []
    rows = compare(
        parts_in_words(before.content, side=listing.side, tiers=tiers),
        parts_in_words(after.content, side=listing.side, tiers=tiers),
    )
    return [row for row in rows if not row.same]


@listings.post("/listings/<public_id>/review")
@limiter.limit(WRITE)
def judge(public_id: str) -> Answer:
    """Record the review and take the listing where it leads."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "review", listing, now=request_now())
    form = _form(listing)
    if "insert" in request.form or "keep" in request.form:
        return _with_remark(listing, form)
    if not form.validate():
        return _review_page(listing, form), 422
    try:
        services.review(
            current_session(),
            listing,
            scores=form.scores,
            outcome=form.outcome.data,
            remarks=form.whole_remarks,
            by=current_actor(),
            now=request_now(),
            listing_days=settings().listing_days,
            expected_version=form.expected_version,
        )
    except Invalid as error:
        form.take_errors(error)
        return _review_page(listing, form), 422
    return _onwards(listing)


def _onwards(listing: Listing) -> Answer:
    """Go on to what waits next in the queue that the review came from, or back to the list."""
    if "queue" not in request.args:
        flash(_("Your review has been recorded."), "success")
        return redirect(url_for("listings.review_queue"))
    where = _asked()
    along = _address_of(where)
    session, actor = current_session(), current_actor()
    before, after = neighbours(session, listing, where, by=actor)
    if after is None and before is None:
        flash(_("Your review has been recorded; nothing else waits here."), "success")
        return redirect(url_for("listings.review_queue", **along))
    flash(_("Your review has been recorded. This one waits next."), "success")
    return redirect(url_for("listings.review", public_id=after or before, **along))


def _with_remark(listing: Listing, form: ReviewForm) -> Answer:
    """Show the form again with a ready remark put in, or after keeping what was written."""
    session, actor = current_session(), current_actor()
    if "insert" in request.form:
        form.insert(own_remark(session, request.form["insert"], by=actor).text)
        return _review_page(listing, form)
    try:
        keep_remark(
            session,
            text=form.remarks.data or "",
            side=listing.side,
            language=listing.language,
            by=actor,
            now=request_now(),
        )
    except Invalid as error:
        words = [form.words_for("remarks", code) for code in error.fields.values()]
        form.remarks.errors = [*form.remarks.errors, *words]
        return _review_page(listing, form), 422
    flash(_("The remark is kept for the next time."), "success")
    return _review_page(listing, form)


@listings.post("/listings/<public_id>/take")
@limiter.limit(WRITE)
def take(public_id: str) -> Answer:
    """Become the listing's broker."""
    services.take(
        current_session(),
        seen_listing(public_id),
        by=current_actor(),
        now=request_now(),
        expected_version=posted_version(),
    )
    return redirect(url_for("listings.review", public_id=public_id))


def _with_history(public_id: str) -> Listing:
    listing = seen_listing(public_id)
    if not permissions.may_see_history(current_actor(), listing, request_now()):
        abort(403)
    return listing


@listings.get("/listings/<public_id>/history")
def history(public_id: str) -> str:
    """Show what happened to a listing, its reviews and its versions."""
    listing, session = _with_history(public_id), current_session()
    return render_template(
        "listings/history.html",
        listing=listing,
        entries=queries.timeline(session, listing),
        reviews=queries.reviews_of(session, listing),
        versions=queries.versions_of(session, listing),
        own=permissions.belongs_to(current_actor(), listing),
    )


@listings.get("/listings/<public_id>/versions")
def versions(public_id: str) -> str:
    """Compare two versions side by side; the last two where none are named."""
    listing, session, actor = _with_history(public_id), current_session(), current_actor()
    kept = [version.number for version in queries.versions_of(session, listing)]
    newest = kept[0] if kept else 1
    after = request.args.get("after", newest, type=int)
    before = request.args.get("before", max(1, after - 1), type=int)
    old = queries.version_of(session, listing, before)
    new = queries.version_of(session, listing, after)
    tiers = queries.open_tiers(session, listing, to=actor, now=request_now())
    return render_template(
        "listings/versions.html",
        listing=listing,
        numbers=kept,
        old=old,
        new=new,
        rows=compare(
            parts_in_words(old.content, side=listing.side, tiers=tiers),
            parts_in_words(new.content, side=listing.side, tiers=tiers),
        ),
    )
