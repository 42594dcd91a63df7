"""Pages behind the links in mails that switch such mails off; nobody needs to sign in for them."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from tenon.notices import unsubscribing, wording
from tenon.notices.unsubscribing import ALL, Unsubscription
from tenon.web.access import Access, declare
from tenon.web.languages import language
from tenon.web.limits import limiter
from tenon.web.requests import current_actor, current_session, request_now

unsubscribe = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")

# Mail programs send these from a few addresses for all their users, so the token counts as well.
_FROM_ONE_ADDRESS = "600 per minute"
_OF_ONE_LINK = "30 per hour"


def _token() -> str:
    return str((request.view_args or {}).get("token", ""))


@unsubscribe.get("/<token>")
@limiter.limit(_FROM_ONE_ADDRESS)
def ask(token: str) -> str:
    """Show what would be switched off, and a button; changes nothing, since scanners open links."""
    given = unsubscribing.read(token)
    affected = unsubscribing.affected(current_session(), given)
    return render_template(
        "notices/unsubscribe.html",
        token=token,
        scope=_scope(given),
        whole=given.scope == ALL,
        on=[kind for kind, mail in affected if mail != "off" and not kind.essential],
        kept=[kind for kind, _mail in affected if kind.essential],
        words=_kind_words,
    )


@unsubscribe.post("/<token>")
@limiter.limit(_OF_ONE_LINK, key_func=_token)
@limiter.limit(_FROM_ONE_ADDRESS)
def switch_off(token: str) -> str:
    """Switch it off: the button of the page, or a mail program's one click (RFC 8058).

    Takes no CSRF token: whoever holds the link may do this, and a mail program has no session.
    """
    given = unsubscribing.read(token)
    changed = unsubscribing.switch_off(current_session(), given, now=request_now())
    affected = unsubscribing.affected(current_session(), given)
    return render_template(
        "notices/unsubscribed.html",
        token=token,
        scope=_scope(given),
        whole=given.scope == ALL,
        kept=[kind for kind, mail in affected if mail != "off"],
        undo=unsubscribing.undo_token(given, changed) if changed else None,
        signed_in=current_actor().signed_in,
        words=_kind_words,
    )


@unsubscribe.post("/<token>/undo")
@limiter.limit(_OF_ONE_LINK, key_func=_token)
def undo(token: str) -> BaseResponse:
    """Put it back to how it was before."""
    given = unsubscribing.read(token)
    session = current_session()
    unsubscribing.undo(session, given, request.form.get("before", ""), now=request_now())
    flash(_("Everything is as it was before."), "success")
    return redirect(url_for("unsubscribe.ask", token=token))


def _scope(given: Unsubscription) -> str:
    """Return what a token switches off, in the page's language."""
    if given.scope == ALL:
        return str(_("All notices by mail"))
    kind = wording.kind_of(given.scope)
    if kind is not None:
        return kind.label(language())
    return wording.heading(given.scope, language())


def _kind_words(kind: wording.Kind) -> str:
    return str(kind.label(language()))


def install(app: Flask) -> None:
    """Register the pages; switching off alone needs no CSRF token."""
    app.register_blueprint(unsubscribe)
    protection: CSRFProtect = app.extensions["csrf"]
    protection.exempt(switch_off)
    declare(
        app,
        {
            "unsubscribe.ask": Access.PUBLIC,
            "unsubscribe.switch_off": Access.PUBLIC,
            "unsubscribe.undo": Access.PUBLIC,
        },
    )
