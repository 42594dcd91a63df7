"""Who is told what about use reports. No amount stands in a notice: mails leave the house."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.deals.notifying import brokers, name_of, side_people, tell
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.payments.reports.labels import names_of
from tenon.payments.reports.models import UseReport
from tenon.payments.reports.permissions import CHECKER, WRITER

wording.register(
    {
        "use_report_due": N_(
            "The use report for %(period)s in the deal “%(deal)s” is due by %(due)s."
        ),
        "use_report_late": N_(
            "The use report for %(period)s in the deal “%(deal)s” is late: it was due by %(due)s."
        ),
        "use_report_late_theirs": N_(
            "%(organisation)s has not reported use for %(period)s in the deal “%(deal)s”; it was "
            "due by %(due)s."
        ),
        "use_report_submitted": N_(
            "%(organisation)s has reported use for %(period)s in the deal “%(deal)s”: please check "
            "it."
        ),
        "use_report_queried": N_(
            "%(organisation)s has a question about the use report for %(period)s in the deal "
            "“%(deal)s”."
        ),
        "use_report_unanswered": N_(
            "The question about the use report for %(period)s in the deal “%(deal)s” waits for "
            "your answer."
        ),
        "use_report_accepted": N_(
            "%(organisation)s has accepted the use report for %(period)s in the deal “%(deal)s”; "
            "the royalty statement is there."
        ),
    },
    group="deals",
    heading=N_("Deals"),
    samples={
        "deal": {"zh": "高温热泵许可", "en": "Licence of a high-temperature heat pump"},
        "organisation": {"zh": "示例公司", "en": "Example Ltd"},
        "period": {"zh": "2027 年第 1 季度", "en": "Q1 2027"},
        "due": "2027-04-30",
    },
)


def tell_reminder(session: Session, report: UseReport, *, late: bool, now: datetime) -> None:
    """Remind the buyer; a late one is told to the seller and the broker as well."""
    deal = report.deal
    facts = {"period": names_of(report.period), "due": report.due_on.isoformat()}
    path = path_of(report)
    kind = "use_report_late" if late else "use_report_due"
    tell(session, deal, side_people(session, deal, WRITER), kind, facts, now=now, path=path)
    if late:
        people = [*side_people(session, deal, CHECKER), *brokers(session, deal)]
        named = {**facts, "organisation": name_of(deal, WRITER)}
        tell(session, deal, people, "use_report_late_theirs", named, now=now, path=path)


def tell_unanswered(session: Session, report: UseReport, *, now: datetime) -> None:
    """Remind the buyer of a question that was asked about a report."""
    people = side_people(session, report.deal, WRITER)
    facts = {"period": names_of(report.period)}
    path = path_of(report)
    tell(session, report.deal, people, "use_report_unanswered", facts, now=now, path=path)


def tell_step(session: Session, report: UseReport, change: str, *, now: datetime) -> None:
    """Tell the other side of a submission or of the answer to it."""
    deal = report.deal
    speaks = WRITER if change == "submit" else CHECKER
    hears = CHECKER if change == "submit" else WRITER
    kinds = {
        "submit": "use_report_submitted",
        "query": "use_report_queried",
        "accept": "use_report_accepted",
    }
    facts = {"period": names_of(report.period), "organisation": name_of(deal, speaks)}
    people = side_people(session, deal, hears)
    tell(session, deal, people, kinds[change], facts, now=now, path=path_of(report))


def path_of(report: UseReport) -> str:
    """Return where a report stands."""
    return f"/use-reports/{report.public_id}"
