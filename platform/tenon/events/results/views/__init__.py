"""Pages of the room: outcomes, what is overdue, the report, mails to many."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from tenon.events.permissions import may_run
from tenon.events.results import labels
from tenon.events.results.views import mailings, origins, outcomes, overdue, reporting
from tenon.events.results.views.blueprint import event_results
from tenon.events.views.tabs import Tab, add_tab
from tenon.web.access import Access, declare
from tenon.web.page_words import add_page_words
from tenon.web.requests import request_now

__all__ = ["install", "mailings", "overdue", "reporting"]

_ROUTES = (
    "mine",
    "outcome",
    "record",
    "follow_up",
    "overdue",
    "ask_again",
    "report",
    "report_rows",
    "report_pdf",
    "report_xlsx",
    "mailings",
    "write_mailing",
    "mailing",
)


def install(app: Flask) -> None:
    """Register the room's pages and its tabs on events."""
    app.register_blueprint(event_results)
    declare(app, {f"event_results.{name}": Access.SIGNED_IN for name in _ROUTES})
    add_page_words(app, event_outcomes=labels)
    origins.install(app)
    add_tab(
        app,
        Tab(
            "event_results.mine",
            _l("What came of it"),
            order=70,
            shown=lambda _actor, event: outcomes.own_part(event),
            within=("event_results.outcome", "event_results.record"),
        ),
    )
    add_tab(
        app,
        Tab(
            "event_results.mailings",
            _l("Mails"),
            order=90,
            within=("event_results.write_mailing", "event_results.mailing"),
        ),
    )
    add_tab(
        app,
        Tab(
            "event_results.overdue",
            _l("Overdue outcomes"),
            order=85,
            shown=lambda actor, event: may_run(actor, event) and event.starts_at <= request_now(),
            within=("event_results.ask_again",),
        ),
    )
    add_tab(
        app,
        Tab("event_results.report", _l("Report"), order=95, within=("event_results.report_rows",)),
    )
