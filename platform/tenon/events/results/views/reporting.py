"""The report of an event: a page whose figures lead to their rows, a PDF, a workbook."""

from __future__ import annotations

from flask import Response, abort, render_template, request

from tenon import history
from tenon.deals import labels as deal_labels
from tenon.events.models import Event
from tenon.events.queries import find_to_run
from tenon.events.results import exporting, labels
from tenon.events.results.queries.held import events_held
from tenon.events.results.queries.meetings import outcomes_of
from tenon.events.results.queries.report import MEETINGS, PEOPLE, STARS, Report
from tenon.events.results.queries.report import report as figures_of
from tenon.events.results.queries.rows import arrivals_of, rows_of
from tenon.events.results.views.blueprint import Answer, event_results
from tenon.events.states import EVENT
from tenon.events.views.moments import local_span, zone_name
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, database, request_now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _event(public_id: str) -> Event:
    return find_to_run(current_session(), public_id, by=current_actor())


@event_results.get("/<public_id>/report")
def report(public_id: str) -> Answer:
    """Show the figures of an event to its organiser."""
    event, session = _event(public_id), current_session()
    found = figures_of(session, event)
    year = event.local(event.starts_at).year
    return render_template(
        "events/results/report.html",
        event=event,
        report=found,
        order=labels.ORDER,
        satisfaction=exporting.satisfaction(found),
        sums=exporting.sums(found),
        stars=[*reversed(STARS)],
        year=year,
        held=events_held(session, year, organisation_id=event.organisation_id),
    )


@event_results.get("/<public_id>/report/rows")
def report_rows(public_id: str) -> Answer:
    """Show the rows behind one figure."""
    event, session, actor = _event(public_id), current_session(), current_actor()
    found = figures_of(session, event)
    code = request.args.get("figure", "")
    figure = found.figures.get(code)
    if figure is None:
        abort(404)
    number = requested_page()
    rows = rows_of(session, figure, by=actor, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "events/results/report_rows.html",
        event=event,
        figure=figure,
        words=labels.figure_words(found, code, language()),
        page=Page(rows, number, PAGE_SIZE, len(figure)),
        said=outcomes_of(session, [each.id for each in rows]) if figure.of == MEETINGS else {},
        there=arrivals_of(session, [each.id for each in rows]) if figure.of == PEOPLE else {},
        deal_stages=deal_labels.STAGES,
    )


@event_results.get("/<public_id>/report.pdf")
@limiter.limit(WRITE)
def report_pdf(public_id: str) -> Answer:
    """Send the figures on paper."""
    event = _event(public_id)
    content = exporting.report_pdf(
        event,
        figures_of(current_session(), event),
        span=local_span(event.starts_at, event.ends_at, event),
        zone=zone_name(event),
        language=language(),
        now=request_now(),
    )
    return _file(event, content, "application/pdf", "pdf")


@event_results.get("/<public_id>/report.xlsx")
@limiter.limit(WRITE)
def report_xlsx(public_id: str) -> Answer:
    """Send figures and rows as a workbook; that somebody did is recorded."""
    event, session, actor = _event(public_id), current_session(), current_actor()
    found: Report = figures_of(session, event)
    content = exporting.report_workbook(session, event, found, language=language(), by=actor)
    with database().writing() as writing:
        history.record(
            writing,
            chain=(EVENT.kind, event.public_id),
            kind="export",
            by=actor,
            now=request_now(),
            facts={"rows": found.number("registered") + found.number("scheduled")},
        )
    return _file(event, content, XLSX, "xlsx")


def _file(event: Event, content: bytes, kind: str, ending: str) -> Response:
    day = event.local(event.starts_at).date().isoformat()
    return Response(
        content,
        mimetype=kind,
        headers={"Content-Disposition": f'attachment; filename="event-{day}.{ending}"'},
    )
