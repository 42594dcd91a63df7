"""Files of a listing: added, fetched by those to whom their tier is open, removed."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _

from tenon.errors import Invalid
from tenon.listings import permissions, queries, services
from tenon.listings.forms import FileForm
from tenon.listings.services.attachments import MOST_FILES, SIZE_LIMIT, place
from tenon.listings.views.blueprint import Answer, listings, seen_listing
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, database, request_now, settings


@listings.get("/listings/<public_id>/files")
def files(public_id: str) -> str:
    """Show a listing's files and the form to add one."""
    listing = seen_listing(public_id)
    permissions.require(current_actor(), "edit", listing, now=request_now())
    return _files_page(public_id, FileForm())


def _files_page(public_id: str, form: FileForm) -> str:
    return render_template(
        "listings/files.html",
        listing=seen_listing(public_id),
        form=form,
        limit=SIZE_LIMIT // 2**20,
        most=MOST_FILES,
    )


@listings.post("/listings/<public_id>/files")
@limiter.limit(UPLOAD)
def add_file(public_id: str) -> Answer:
    """Take a file in."""
    listing, form = seen_listing(public_id), FileForm()
    sent = form.file.data if form.validate() else None
    try:
        services.attach(
            current_session(),
            listing,
            name=sent.filename or "" if sent else "",
            content=sent.read(SIZE_LIMIT + 1) if sent else b"",
            tier=form.tier.data or "public",
            folder=settings().files_folder,
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _files_page(public_id, form), 422
    flash(_("The file has been added."), "success")
    return redirect(url_for("listings.files", public_id=public_id))


@listings.post("/listings/<public_id>/files/<file_id>/remove")
@limiter.limit(WRITE)
def remove_file(public_id: str, file_id: str) -> Answer:
    """Remove a file."""
    services.detach(
        current_session(),
        seen_listing(public_id),
        attachment_id=file_id,
        folder=settings().files_folder,
        by=current_actor(),
        now=request_now(),
    )
    flash(_("The file has been removed."), "success")
    return redirect(url_for("listings.files", public_id=public_id))


@listings.get("/listings/<public_id>/files/<file_id>")
def file(public_id: str, file_id: str) -> Response:
    """Give a file out, always as a download; a confidential one is written down as read."""
    listing, actor, now = seen_listing(public_id), current_actor(), request_now()
    found = next((each for each in listing.attachments if each.public_id == file_id), None)
    if found is None:
        abort(404)
    if found.tier not in queries.open_tiers(current_session(), listing, to=actor, now=now):
        abort(403)
    path = place(settings().files_folder, found.sha256)
    if not path.is_file():
        abort(404)
    if found.tier != "public":
        with database().writing() as session:
            services.note_view(session, listing, tier=found.tier, by=actor, now=now)
    answer = send_file(
        path,
        mimetype=found.media_type,
        as_attachment=True,
        download_name=found.name,
        max_age=0,
        etag=found.sha256,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
