"""Pages of notices: the inbox, and marking as read."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from tenon.notices import queries, services, wording
from tenon.notices.choice_views import choices
from tenon.notices.models import Notice
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.pages import safe_target
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

notices = Blueprint("notices", __name__, url_prefix="/notices")


@notices.get("")
def inbox() -> str:
    """List one's own notices, unread first; ``unread`` and ``group`` leave others out."""
    number = requested_page()
    groups = wording.groups()
    group = request.args.get("group", "")
    group = group if group in groups else ""
    unread = request.args.get("show") == "unread"
    found, total = queries.notices(
        current_session(),
        current_actor().user_id or 0,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        unread=unread,
        kinds={kind.code for kind in groups[group]} if group else None,
    )
    return render_template(
        "notices/inbox.html",
        page=Page(found, number, PAGE_SIZE, total),
        words=_words,
        groups={each: wording.heading(each, language()) for each in groups},
        group=group,
        unread=unread,
    )


def _words(notice: Notice) -> str:
    """Return a notice in the page's language; of a kind that is gone, that it is."""
    if wording.kind_of(notice.kind) is None:
        return str(_("A notice of a kind that this site no longer has."))
    return wording.words(notice.kind, notice.facts, language())


@notices.post("/<int:notice_id>/read")
@limiter.limit(WRITE)
def read(notice_id: int) -> BaseResponse:
    """Mark a notice as read and go where it leads."""
    notice = services.mark_read(
        current_session(), notice_id=notice_id, by=current_actor(), now=request_now()
    )
    return redirect(safe_target(notice.path))


@notices.post("/read")
@limiter.limit(WRITE)
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
    app.register_blueprint(choices)
    declare(
        app,
        {
            "notices.inbox": Access.SIGNED_IN,
            "notices.read": Access.SIGNED_IN,
            "notices.read_all": Access.SIGNED_IN,
            "notice_choices.show": Access.SIGNED_IN,
            "notice_choices.change": Access.SIGNED_IN,
            "notice_choices.kinds": Access.OPERATOR,
        },
    )
    add_entries(
        app,
        [
            Entry("notices.inbox", _l("Notices"), "account", 20),
            Entry("notice_choices.show", _l("What I am told"), "account", 21),
            Entry("notice_choices.kinds", _l("All kinds of notice"), "desk", 87),
        ],
    )
    add_page_words(app, unread_notices=unread_notices)
