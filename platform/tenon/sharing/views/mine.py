"""A person's own income shares: what waits, what was paid, statements of a year."""

from __future__ import annotations

from flask import Response, abort, render_template
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.compliance.days import day_of
from tenon.sharing import labels, queries, services
from tenon.sharing.statements import Statement, print_statement, statement_of
from tenon.sharing.views.blueprint import sharing
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings


def _me() -> int:
    user_id = current_actor().user_id
    if user_id is None:
        abort(401)
    return user_id


@sharing.get("/income-shares")
def mine() -> str:
    """List the person's shares, and what is public inside their organisations."""
    session: Session = current_session()
    return render_template(
        "sharing/mine.html",
        shares=queries.shares_of(session, _me()),
        years=queries.years_of(session, _me()),
        published=queries.published_for(session, current_actor()),
        labels=labels,
        plain=services.plain,
    )


def waiting() -> int:
    """Return how many shares wait for the person; for the menu."""
    user_id = current_actor().user_id
    return 0 if user_id is None else queries.waiting_for(current_session(), user_id)


def _statement(year: int) -> Statement:
    found = statement_of(current_session(), _me(), year)
    if not found.shares:
        abort(404)
    return found


@sharing.get("/income-shares/<int:year>")
def statement(year: int) -> str:
    """Show the statement of a year."""
    return render_template(
        "sharing/statement.html",
        statement=_statement(year),
        user=current_session().get_one(User, _me()),
        plain=services.plain,
    )


@sharing.get("/income-shares/<int:year>.pdf")
@limiter.limit(WRITE)
def statement_pdf(year: int) -> Response:
    """Send the statement of a year as a PDF."""
    pdf = print_statement(
        _statement(year),
        current_session().get_one(User, _me()),
        issuer=settings().base_url,
        made_on=day_of(request_now()),
        language=language(),
    )
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="income-{year}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
