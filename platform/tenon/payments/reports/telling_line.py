"""Use reports on the one line of a deal: what was handed in, queried, accepted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments.reports import permissions
from tenon.payments.reports.labels import names_of
from tenon.payments.reports.models import UseReport, UseReportRevision
from tenon.payments.reports.notifying import path_of

_ANSWERS = {
    "queried": N_("The use report for %(period)s was queried"),
    "accepted": N_("The use report for %(period)s was accepted"),
}


@source("use_reports")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return what happened to a deal's reports; figures and reasons only to the parties."""
    if not permissions.may_read_states(actor, deal):
        return []
    reads = permissions.may_read(actor, deal)
    rows = session.execute(
        sa.select(UseReport, UseReportRevision)
        .join(UseReportRevision, UseReportRevision.report_id == UseReport.id)
        .where(UseReport.deal_id == deal.id)
        .order_by(UseReportRevision.id)
    )
    found: list[Item] = []
    for report, revision in rows:
        facts, path = {"period": names_of(report.period)}, path_of(report)
        found.append(
            Item(
                revision.submitted_at,
                "report",
                N_("Use was reported for %(period)s")
                if revision.number == 1
                else N_("The use report for %(period)s was handed in again"),
                facts,
                path,
                permissions.WRITER,
                user_id=revision.submitted_by,
            )
        )
        if revision.state in _ANSWERS and revision.answered_at is not None:
            found.append(
                Item(
                    revision.answered_at,
                    "report",
                    _ANSWERS[revision.state],
                    facts,
                    path,
                    permissions.CHECKER,
                    text=(revision.reason or "") if reads else "",
                    user_id=revision.answered_by,
                )
            )
    return found
