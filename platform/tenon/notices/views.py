"""Pages of notices: the inbox, and marking as read."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from tenon.notices import queries, services, wording
from tenon.notices.models import Notice
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.navigation import Entry, add_entries
from tenon.web.pages import safe_target
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

notices = Blueprint("notices", __name__, url_prefix="/notices")


@notices.get("")
def inbox() -> str:
    """List one's own notices, unread first."""
    number = requested_page()
    found, total = queries.notices(
        current_session(),
        current_actor().user_id or 0,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "notices/inbox.html", page=Page(found, number, PAGE_SIZE, total), words=_words
    )


def _words(notice: Notice) -> str:
    return wording.words(notice.kind, notice.facts, language())


@notices.post("/<int:notice_id>/read")
def read(notice_id: int) -> BaseResponse:
    """Mark a notice as read and go where it leads."""
    notice = services.mark_read(
        current_session(), notice_id=notice_id, by=current_actor(), now=request_now()
    )
    return redirect(safe_target(notice.path))


@notices.post("/read")
def read_all() -> BaseResponse:
    """Mark all of one's notices as read."""
    services.mark_all_read(current_session(), by=current_actor(), now=request_now())
    flash(_("All notices are marked as read."), "success")
    return redirect(url_for("notices.inbox"))


def unread_notices() -> int:
    """Return how many notices the actor has not read; for the header."""
    actor = current_actor()
    if actor.user_id is None:
        return 0
    if "unread_notices" not in g:  # the header asks twice: for wide and for narrow screens
        g.unread_notices = queries.count_unread(current_session(), actor.user_id)
    found: int = g.unread_notices
    return found


def install(app: Flask) -> None:
    """Register the pages, and the header's count."""
    app.register_blueprint(notices)
    declare(
        app,
        {
            "notices.inbox": Access.SIGNED_IN,
            "notices.read": Access.SIGNED_IN,
            "notices.read_all": Access.SIGNED_IN,
        },
    )
    add_entries(app, [Entry("notices.inbox", _l("Notices"), "account", 20)])
    app.jinja_env.globals["unread_notices"] = unread_notices
