"""Search over everything that the reader may see."""

from __future__ import annotations

from flask import render_template, request

from tenon.desk import labels
from tenon.desk.search.finding import KINDS, search_desk
from tenon.desk.search.hits import LONGEST, SHORTEST
from tenon.desk.views.blueprint import desk
from tenon.matches.engine import engine_of
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session, request_now, settings


@desk.get("/search")
def search() -> str:
    """Find firms, people, listings, introductions, deals, events, notes, tasks, visits."""
    text = request.args.get("q", "").strip()[:LONGEST]
    kind = request.args.get("kind") if request.args.get("kind") in KINDS else None
    groups = search_desk(
        current_session(),
        engine_of(settings()),
        text=text,
        kind=kind,
        by=current_actor(),
        now=request_now(),
        language=language(),
    )
    return render_template(
        "desk/search.html",
        text=text,
        kind=kind,
        kinds=KINDS,
        groups=groups,
        labels=labels,
        longest=LONGEST,
        too_short=bool(text) and len(text) < SHORTEST,
    )
