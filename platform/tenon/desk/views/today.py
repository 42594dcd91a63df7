"""The day's work, and the lists behind two of its parts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from tenon.desk import labels
from tenon.desk.days import today_of
from tenon.desk.models import ListingFit
from tenon.desk.queries.tasks import task_counts
from tenon.desk.titles import title_of
from tenon.desk.today import expiring as expiring_part
from tenon.desk.today import needs as needs_part
from tenon.desk.today.gathering import day_of
from tenon.desk.today.parts import COUNTED, FIRST
from tenon.desk.views.blueprint import desk
from tenon.listings.models import Listing
from tenon.web.languages import language
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@desk.get("")
def today() -> str:
    """Show what there is to do, the most urgent first."""
    session, actor, now = current_session(), current_actor(), request_now()
    parts = day_of(session, by=actor, now=now, language=language())
    return render_template(
        "desk/today.html",
        parts=parts,
        labels=labels,
        today=today_of(now),
        counted=COUNTED,
        first=FIRST,
        later=task_counts(session, by=actor, today=today_of(now))["later"],
    )


@desk.get("/start")
def start() -> BaseResponse:
    """Lead who has just signed in to where their work is: brokers to their day, others home."""
    broker = current_actor().broker
    return redirect(url_for("desk.today" if broker else "matches.home"))


@desk.get("/needs")
def needs() -> str:
    """List every need in care for which nothing is on its way."""
    return _listings(
        needs_part.unmatched(current_actor(), request_now()), Listing.published_at, "needs"
    )


@desk.get("/expiring")
def expiring() -> str:
    """List every public listing in care that runs out soon."""
    return _listings(
        expiring_part.runs_out(current_actor(), request_now()), Listing.expires_at, "expiring"
    )


def _listings(condition: sa.ColumnElement[bool], order: Any, name: str) -> str:
    session, number = current_session(), requested_page()
    total = session.scalar(sa.select(sa.func.count(Listing.id)).where(condition)) or 0
    rows = session.execute(
        sa.select(
            Listing.public_id,
            Listing.side,
            Listing.published_at,
            Listing.expires_at,
            ListingFit.fitting,
            title_of(Listing.id, language()).label("title"),
        )
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(condition)
        .order_by(order, Listing.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    return render_template(
        "desk/listings.html",
        page=Page(rows, number, PAGE_SIZE, total),
        name=name,
        labels=labels,
        why=needs_part.why,
    )
