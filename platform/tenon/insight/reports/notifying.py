"""Who is told that a report is there: operators of the site's, heads of their place's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import operators
from tenon.insight.reports.models import Report
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.models import StationMember
from tenon.notices import wording
from tenon.notices.services import notify

KIND = "insight_report"
_SITE = {"zh": "全站", "en": "the whole site"}

wording.register(
    {KIND: N_("The report of %(period)s for %(scope)s is there.")},
    group="reports_made",
    heading=N_("Reports of figures"),
    mail="digest",
    samples={
        "period": {"zh": "2027 年 3 月", "en": "March 2027"},
        "scope": {"zh": "示例驿站", "en": "Example Station"},
    },
)


def period_words(report: Report) -> dict[str, str]:
    """Return the days of a report in both languages."""
    first, last = report.first, report.last
    return {"zh": f"{first} 至 {last}", "en": f"{first} to {last}"}


def scope_words(report: Report) -> dict[str, str]:
    """Return whose figures they are in both languages."""
    station = report.station
    if station is None:
        return dict(_SITE)
    return {"zh": station.name("zh"), "en": station.name("en")}


def tell(session: Session, report: Report, *, now: datetime) -> int:
    """Tell those who answer for the figures; return how many."""
    told = _readers(session, report)
    for user in told:
        notify(
            session,
            user=user,
            kind=KIND,
            facts={"period": period_words(report), "scope": scope_words(report)},
            path=f"/insight/reports/{report.public_id}",
            now=now,
        )
    return len(told)


def _readers(session: Session, report: Report) -> Sequence[User]:
    if report.station_id is None:
        return operators(session)
    return session.scalars(
        sa.select(User)
        .join(StationMember, StationMember.user_id == User.id)
        .where(
            StationMember.station_id == report.station_id,
            StationMember.role == "head",
            StationMember.ended_at.is_(None),
        )
        .order_by(User.id)
    ).all()
