"""One session and one actor per request.

Reads get a reading session. POST, PUT, PATCH and DELETE get a writing one, committed when the
answer is good (below 400) and rolled back otherwise. A GET that must write (a confirmation link)
is named in ``WRITES_ON_GET`` or opens a short ``writing()`` session of its own; a POST that
writes nothing is named in ``READS_ON_POST``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.local import LocalProxy

from tenon.actors import VISITOR, Actor
from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox.dispatcher import Dispatcher
from tenon.outbox.services import WAKE_AFTER_COMMIT
from tenon.settings import Settings

WRITES_ON_GET = {"security.confirm_email"}
# Asked by POST only since a text may be long; must not wait for, or be, a writer.
READS_ON_POST = {"matches.box"}
_SAFE = {"GET", "HEAD", "OPTIONS"}

LoadActor = Callable[[], Actor]


def install(app: Flask, *, settings: Settings, database: Database, load_actor: LoadActor) -> None:
    """Hang settings, database and the request's session on the app."""
    app.extensions["tenon.settings"] = settings
    app.extensions["tenon.database"] = database
    app.extensions["tenon.load_actor"] = load_actor
    app.before_request(_refuse_nul)
    app.after_request(_settle)
    app.teardown_request(_close)


def _refuse_nul() -> None:
    """Refuse text with a NUL: nobody types one, and PostgreSQL keeps none (it would be a 500)."""
    given = (*request.args.values(), *request.form.values(), request.path)
    if any("\0" in value for value in given):
        raise BadRequest


def settings() -> Settings:
    """Return the running site's settings."""
    found: Settings = current_app.extensions["tenon.settings"]
    return found


def database() -> Database:
    """Return the running site's database."""
    found: Database = current_app.extensions["tenon.database"]
    return found


def current_session() -> Session:
    """Return this request's session, opened on first use."""
    if "session" not in g:
        writes = (
            not has_request_context()
            or (request.method not in _SAFE and request.endpoint not in READS_ON_POST)
            or request.endpoint in WRITES_ON_GET
        )
        g.session = database().writer() if writes else database().reader()
        g.session_writes = writes
        event.listen(g.session, "after_commit", _wake)
    found: Session = g.session
    return found


# What the sign-in library takes for its session: always the request's own.
session_proxy = LocalProxy(current_session)


def current_actor() -> Actor:
    """Return who acts in this request."""
    if not has_request_context():
        return VISITOR
    if "actor" not in g:
        g.actor = current_app.extensions["tenon.load_actor"]()
    found: Actor = g.actor
    return found


def forget_actor() -> None:
    """Load the actor anew at the next question: after signing in or switching organisation."""
    g.pop("actor", None)


def request_now() -> datetime:
    """Return the moment of this request, the same throughout."""
    if "now" not in g:
        g.now = utc_now()
    found: datetime = g.now
    return found


def _wake(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.pop(WAKE_AFTER_COMMIT, False):
        return
    dispatcher: Dispatcher | None = current_app.extensions.get("tenon.dispatcher")
    if dispatcher is not None:
        dispatcher.wake()


def _settle(response: Response) -> Response:
    session: Session | None = g.get("session")
    if session is not None:
        if g.session_writes and response.status_code < 400:
            session.commit()
        else:
            session.rollback()
    return response


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()
