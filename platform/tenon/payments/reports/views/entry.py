"""Use reports on a deal's first page: what is due, what waits for an answer, the last statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.payments.reports import permissions, queries
from tenon.web.sections import Section, add_section

SHOWN = 4


def load_section(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return what a deal's page shows of reports; None where there are none to know of."""
    if not permissions.may_read_states(actor, deal):
        return None
    reports = queries.of_deal(session, deal)
    if not reports:
        return None
    reads = permissions.may_read(actor, deal)
    statements = queries.statements_of(session, deal) if reads else {}
    return {
        "nav": ("use-reports", _("Use reports")),
        "reports": reports[:SHOWN],
        "more": len(reports) - SHOWN,
        "statements": statements,
        "reads": reads,
        "deal": deal,
    }


def install(app: Flask) -> None:
    """Hang the section on a deal's page."""
    add_section(app, "deal", Section("payments/reports_section.html", load_section, order=57))
