"""One's own ledger as a page and as a file, and a thing's ledger for those concerned."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from flask import Response, g, render_template, request
from flask_babel import gettext as _

from ingest.cells import write_csv
from tenon.actors import Actor
from tenon.credit import labels, queries
from tenon.credit.acts import ACTS, THINGS
from tenon.credit.queries import LedgerFilter, Line
from tenon.credit.views.blueprint import credit
from tenon.web.languages import SHOWN_ZONE
from tenon.web.languages import language as page_language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session

LONGEST_FILE = 20_000  # lines


@credit.get("")
def ledger() -> str:
    """Show what the actor is credited with."""
    session, user_id, wanted = current_session(), _user_id(), _wanted()
    number = requested_page()
    entries, total = queries.own_entries(
        session, user_id, wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    lines = queries.lines_of(session, entries, actor=current_actor())
    return render_template(
        "credit/ledger.html",
        page=Page(lines, number, PAGE_SIZE, total),
        totals=queries.totals(session, user_id, wanted),
        wanted=wanted,
        facets={
            "act": [(code, words, None) for code, words in labels.ACTS.items()],
            "kind": [(code, words, None) for code, words in labels.THINGS.items()],
        },
        since=_day("since"),
        until=_day("until"),
        disputes=queries.own_disputes(session, user_id),
    )


@credit.get("/ledger.csv")
@limiter.limit(UPLOAD)
def export() -> Response:
    """Return the same as a file that a spreadsheet opens without evaluating anything."""
    stream = io.StringIO(newline="")
    head = [
        _("Date"),
        _("Act"),
        _("Kind"),
        _("Subject"),
        _("Acted for"),
        _("Stands"),
        _("Entry number"),
    ]
    write_csv(stream, head, _rows())
    response = Response(stream.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="credit.csv"'
    return response


@credit.get("/things/<any(listing,introduction,meeting,deal):kind>/<public_id>")
def thing(kind: str, public_id: str) -> str:
    """Show a thing's ledger; nobody whom it does not concern learns that there is one."""
    found = queries.ledger_of(current_session(), thing=(kind, public_id), actor=current_actor())
    return render_template("credit/thing.html", kind=kind, lines=found)


def _rows() -> Iterator[tuple[str, ...]]:
    session, actor, language = current_session(), current_actor(), page_language()
    for part in queries.parts_of(session, _user_id(), _wanted(), limit=LONGEST_FILE):
        for line in queries.lines_of(session, part, actor=actor):
            entry = line.entry
            yield (
                entry.at.astimezone(SHOWN_ZONE).date().isoformat(),
                str(labels.ACTS[entry.act]),
                str(labels.THINGS[entry.thing_kind]),
                title_of(line),
                "" if entry.organisation is None else entry.organisation.name(language),
                _("yes") if line.stands else _("no"),
                entry.public_id,
            )


def title_of(line: Line) -> str:
    """Return a thing's title in the page's language, as its viewer may know it."""
    if line.thing is None:
        return str(labels.thing_title(line.entry.thing_kind))
    return line.thing.title(page_language())


def has_ledger(actor: Actor) -> bool:
    """Whether the menu leads to the ledger: brokers always, others once it names them."""
    if actor.broker or actor.user_id is None:
        return actor.broker
    if "credit_has_entries" not in g:  # a page asks for its menu several times
        g.credit_has_entries = queries.has_entries(current_session(), actor.user_id)
    found: bool = g.credit_has_entries
    return found


def _user_id() -> int:
    return current_actor().user_id or 0  # the fence lets nobody else in


def _wanted() -> LedgerFilter:
    """Return the filters asked for; what is no code or no day counts as not asked."""
    until = _day("until")
    return LedgerFilter(
        acts=[code for code in request.args.getlist("act") if code in ACTS],
        kinds=[code for code in request.args.getlist("kind") if code in THINGS],
        since=_morning(_day("since")),
        before=_morning(until + timedelta(days=1) if until and until < date.max else None),
    )


def _day(name: str) -> date | None:
    return request.args.get(name, type=date.fromisoformat)


def _morning(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), SHOWN_ZONE)
