"""Pages of mail on its way: for operators what waits, failed and came back; for all, their own."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from tenon.errors import Invalid
from tenon.notices import bounces, mail_queries, sending
from tenon.notices.bounce_models import UnreachableAddress
from tenon.notices.mail_queries import COUNTED, SHOWN
from tenon.web.access import Access, declare
from tenon.web.forms import Form
from tenon.web.limits import WRITE, limiter
from tenon.web.navigation import Entry, add_entries
from tenon.web.page_words import add_page_words
from tenon.web.pages import safe_target
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now

mails = Blueprint("mails", __name__, url_prefix="/notices")


class LiftForm(Form):
    """Why an address is let in again."""

    reason = StringField(
        _l("Why it works again"),
        validators=[InputRequired(), Length(max=bounces.REASON_LENGTH)],
    )


@mails.get("/mails")
def outgoing() -> str:
    """Show operators what waits, what a server put off, and what was given up."""
    session, number = current_session(), requested_page()
    which = request.args.get("show", "")
    which = which if which in SHOWN else "failed"
    counts = mail_queries.counts(session)
    found = mail_queries.mails(session, which, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "notices/mails.html",
        page=Page(found, number, PAGE_SIZE, min(getattr(counts, which), COUNTED)),
        which=which,
        counts={name: _counted(getattr(counts, name)) for name in SHOWN},
        pause=mail_queries.pause(session),
        held_back=sending.HELD_BACK,
    )


def _counted(number: int) -> str:
    return str(number) if number <= COUNTED else f"{COUNTED}+"


@mails.post("/mails/<int:mail_id>/retry")
@limiter.limit(WRITE)
def retry(mail_id: int) -> BaseResponse:
    """Try a mail that was given up anew."""
    sending.retry(current_session(), mail_id=mail_id, by=current_actor(), now=request_now())
    flash(_("The mail is tried again."), "success")
    return redirect(url_for("mails.outgoing"))


@mails.post("/mails/go-on")
@limiter.limit(WRITE)
def go_on() -> BaseResponse:
    """Ask the mail server now, and not at the end of the pause."""
    sending.go_on(current_session(), by=current_actor(), now=request_now())
    flash(_("The mail server is asked again now."), "success")
    return redirect(url_for("mails.outgoing"))


@mails.get("/bounces")
def returned() -> str:
    """Show operators the addresses that get no notices by mail, and why."""
    return _bounces_page()


@mails.post("/bounces/<int:obstacle_id>/lift")
@limiter.limit(WRITE)
def lift(obstacle_id: int) -> BaseResponse | tuple[str, int]:
    """Let an address in again, with a reason."""
    form = LiftForm(prefix=f"o{obstacle_id}")
    if form.validate():
        try:
            bounces.lift(
                current_session(),
                obstacle_id=obstacle_id,
                reason=form.reason.data or "",
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Notices go to this address again."), "success")
            return redirect(url_for("mails.returned"))
    return _bounces_page((obstacle_id, form)), 422


def _bounces_page(tried: tuple[int, LiftForm] | None = None) -> str:
    number = requested_page()
    found, total = bounces.unreachable(
        current_session(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    forms = {each.id: LiftForm(None, prefix=f"o{each.id}") for each, _person in found}
    if tried is not None:
        forms[tried[0]] = tried[1]
    return render_template(
        "notices/bounces.html", page=Page(found, number, PAGE_SIZE, total), forms=forms
    )


@mails.post("/address/works")
@limiter.limit("5 per hour")
def address_works() -> BaseResponse:
    """Say that one's own address takes mail again."""
    actor, session = current_actor(), current_session()
    if bounces.confirm(session, user=current_user, by=actor, now=request_now()):
        flash(_("Notices are mailed to you again."), "success")
    return redirect(safe_target(request.form.get("next")))


def mail_obstacle() -> UnreachableAddress | None:
    """Return why the actor gets no notices by mail, or None."""
    if not current_actor().signed_in:
        return None
    return bounces.obstacle(current_session(), current_user)


def install(app: Flask) -> None:
    """Register the pages, and what the banner asks."""
    app.register_blueprint(mails)
    declare(
        app,
        {
            "mails.outgoing": Access.OPERATOR,
            "mails.retry": Access.OPERATOR,
            "mails.go_on": Access.OPERATOR,
            "mails.returned": Access.OPERATOR,
            "mails.lift": Access.OPERATOR,
            "mails.address_works": Access.SIGNED_IN,
        },
    )
    add_entries(
        app,
        [
            Entry("mails.outgoing", _l("Outgoing mail"), "desk", 88),
        ],
    )
    add_page_words(app, mail_obstacle=mail_obstacle)
