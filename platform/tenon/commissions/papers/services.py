"""Issue a broker's yearly statement or certificate. Never commits.

As with every statement: ``draft_paper`` reads, ``credit.statements.services.print_file`` makes the
PDF, ``issue_paper`` writes. Revoking is the statements' own step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.accounts.models import Role, User, UserRole
from tenon.actors import Actor
from tenon.commissions.models import PAPERS, BrokerPaper, Part, Receiver
from tenon.commissions.papers.figures import period_of, year_figures
from tenon.compliance.days import day_of
from tenon.credit.models import CreditEntry
from tenon.credit.statements import services as statements
from tenon.credit.statements.papers import Paper, register
from tenon.credit.statements.services import Draft
from tenon.errors import Conflict, Invalid

MOST_ENTRIES = 3000
FIRST_YEAR = 2020

YEAR = Paper(
    "broker_year",
    "技术经纪人年度报告单",
    "Broker's yearly statement",
    purpose="other",
    template="broker_year.html",
    shown="commissions/_year_shown.html",
    most=MOST_ENTRIES,
)
CERTIFICATE = Paper(
    "broker_certificate",
    "技术经纪人年度证书",
    "Broker's certificate of the year",
    purpose="certificate",
    template="broker_certificate.html",
    shown="commissions/_certificate_shown.html",
    most=MOST_ENTRIES,
)
_PAPERS = dict(zip(PAPERS, (YEAR, CERTIFICATE), strict=True))
for _each in _PAPERS.values():
    register(_each)


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A paper that is not written down yet; ``number`` is a certificate's within its year."""

    draft: Draft
    paper: str
    year: int
    number: int | None


def draft_paper(
    session: Session,
    user: User,
    *,
    year: int,
    paper: str,
    language: str,
    address: str,
    signer: str,
    by: Actor,
    now: datetime,
) -> PaperDraft:
    """Gather what a person's year says; writes nothing.

    ``signer`` is printed on a certificate. Raises as ``statements.draft``; Invalid at ``year``:
    out_of_range, or not_over for a certificate of a year that still runs; Invalid no_entries for
    a certificate of nothing.
    """
    today = day_of(now)
    if paper not in PAPERS:
        raise Invalid({"paper": "unknown_code"})
    if not FIRST_YEAR <= year <= today.year:
        raise Invalid({"year": "out_of_range"})
    if paper == "certificate" and year == today.year:
        raise Invalid({"year": "not_over"})
    period = period_of(year, until=today)
    figures = year_figures(session, user, period)
    if paper == "certificate" and not any(figures["acts"].values()):
        raise Invalid({"": "no_entries"})
    number = _next_number(session, year) if paper == "certificate" else None
    said: dict[str, Any] = {"year": year}
    if number is None:
        said |= figures
    else:
        # A certificate tells counts alone: what contracts were worth is the parties' business.
        said |= {key: figures[key] for key in ("acts", "needs", "certificate", "places")}
        said |= {"number": written_number(year, number), "signer": signer}
    draft = statements.draft(
        session,
        user,
        period=period,
        purpose=_PAPERS[paper].purpose,
        language=language,
        address=address,
        by=by,
        now=now,
        paper=_PAPERS[paper],
        said=said,
    )
    return PaperDraft(draft, paper, year, number)


def _next_number(session: Session, year: int) -> int:
    last = sa.select(sa.func.max(BrokerPaper.number)).where(BrokerPaper.year == year)
    return 1 + (session.scalar(last) or 0)


def written_number(year: int, number: int) -> str:
    """Return a certificate's number as it stands on it."""
    return f"{year}-{number:04d}"


def issue_paper(
    session: Session, draft: PaperDraft, *, pdf_sha256: str, by: Actor, now: datetime
) -> BrokerPaper:
    """Write a paper down, whose file is kept already.

    Raises NotFound for an erased person, Conflict where somebody took its number, or the site had
    made this one, meanwhile.
    """
    statement = statements.issue(session, draft.draft, pdf_sha256=pdf_sha256, by=by, now=now)
    made = BrokerPaper(
        statement_id=statement.id,
        user_id=statement.user_id,
        year=draft.year,
        paper=draft.paper,
        number=draft.number,
        by_itself=by.system,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        raise Conflict("changed_meanwhile", kind="broker_paper") from error
    return made


def brokers_without(session: Session, year: int) -> list[int]:
    """Return the keys of brokers who did or earned something in a year and have no statement yet.

    Only what the site makes by itself counts: what somebody had made on demand may be older.
    """
    period = period_of(year)
    holders = sa.select(UserRole.user_id).join(Role).where(Role.name == "broker")
    has = sa.exists().where(
        BrokerPaper.user_id == User.id, BrokerPaper.year == year, BrokerPaper.by_itself.is_(True)
    )
    did = sa.exists().where(
        CreditEntry.user_id == User.id,
        CreditEntry.says == "credit",
        CreditEntry.at >= period.start,
        CreditEntry.at < period.end,
    )
    earned = sa.exists().where(
        Part.receiver_id == Receiver.id,
        Receiver.user_id == User.id,
        Part.on.between(period.since, period.until),
    )
    wanted = sa.select(User.id).where(
        User.id.in_(holders),
        User.active.is_(True),
        User.erased_at.is_(None),
        ~has,
        sa.or_(did, earned),
    )
    return list(session.scalars(wanted.order_by(User.id)))
