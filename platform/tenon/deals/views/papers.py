"""Papers of a deal: term sheet and contract draft of a version of its terms, to take away.

Printing is asked for by POST since the paper's hash enters the history; it is made with a session
for reading, so that nobody waits for a PDF to be laid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, render_template, request

from tenon.deals import forms, papers, permissions, queries
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import deals as reading
from tenon.deals.views.blueprint import deals
from tenon.deals.views.signing import signers_deal
from tenon.errors import NotFound
from tenon.history import HistoryEntry
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import (
    READS_ON_POST,
    current_actor,
    current_session,
    database,
    request_now,
)

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of the list of papers that were printed."""

    at: datetime
    facts: dict[str, Any]
    name: dict[str, str]


def install(app: Flask) -> None:  # noqa: ARG001  # one signature for what adds to the site
    """Let printing read only; the hash is written in a session of its own."""
    READS_ON_POST.add("deals.print_paper")


@deals.get("/<public_id>/papers")
def papers_of(public_id: str) -> str:
    """Show the papers that can be printed, and those that were, with their hashes."""
    deal = signers_deal(public_id)
    session, actor = current_session(), current_actor()
    versions = [each for each in _versions(deal) if papers.may_print(session, actor, deal, each)]
    return render_template(
        "deals/papers.html",
        deal=deal,
        versions=[(each, forms.get(each.form).papers) for each in versions],
        printed=_printed(deal) if permissions.may_read(actor, deal) else [],
        languages=papers.LANGUAGES,
        formats=list(papers.FORMATS),
    )


@deals.post("/<public_id>/papers")
@limiter.limit(WRITE)
def print_paper(public_id: str) -> Response:
    """Send a paper of a version as a file; its hash enters the history."""
    deal = signers_deal(public_id)
    session, actor = current_session(), current_actor()
    number = request.form.get("number", type=int)
    if number is None:
        raise NotFound(kind="terms")
    printed = papers.print_paper(
        session,
        deal,
        reading.version(session, deal, number),
        paper=request.form.get("paper", ""),
        language=request.form.get("language", ""),
        kind=request.form.get("format", ""),
        by=actor,
    )
    session.rollback()
    with database().writing() as writing:
        papers.record_print(writing, deal, printed, by=actor, now=request_now())
    response = Response(printed.content, mimetype=printed.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{printed.name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _versions(deal: Deal) -> list[TermVersion]:
    """Return the version asked for by its number; else the one proposed and the one accepted."""
    session = current_session()
    number = request.args.get("number", type=int)
    if number is not None:
        return [reading.version(session, deal, number)]
    found = [queries.accepted_terms(session, deal), queries.proposed_terms(session, deal)]
    return [each for each in found if each is not None]


def _printed(deal: Deal) -> list[Printed]:
    names = {
        paper.code: {"zh": paper.names.zh, "en": paper.names.en}
        for form in forms.all_forms()
        for paper in form.papers
    }
    rows = current_session().scalars(
        sa.select(HistoryEntry)
        .where(
            HistoryEntry.chain_kind == "deal",
            HistoryEntry.chain_id == deal.public_id,
            HistoryEntry.kind == papers.PRINTED,
        )
        .order_by(HistoryEntry.sequence.desc())
        .limit(SHOWN)
    )
    unnamed = {"zh": "–", "en": "–"}
    return [Printed(e.at, dict(e.facts), names.get(e.facts["paper"], unnamed)) for e in rows]
