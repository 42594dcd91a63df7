"""Statements of credit for tests, issued by the services, file and all."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit.statements import services
from tenon.credit.statements.content import Period
from tenon.credit.statements.models import CreditStatement
from tests.factories.accounts import actor_for
from tests.factories.credit import NOW

YEAR = Period(date(2026, 1, 1), date(2026, 11, 22))
SITE = "https://tenon.example.org"


def make_draft(
    session: Session,
    person: User,
    *,
    period: Period = YEAR,
    purpose: str = "reward",
    language: str = "zh",
    by: Actor | None = None,
    now: datetime = NOW,
) -> services.Draft:
    """What a statement of a person's credit would say."""
    return services.draft(
        session,
        person,
        period=period,
        purpose=purpose,
        language=language,
        address=SITE,
        by=by or actor_for(person),
        now=now,
    )


def make_statement(
    session: Session,
    person: User,
    *,
    folder: Path | None = None,
    period: Period = YEAR,
    purpose: str = "reward",
    language: str = "zh",
    by: Actor | None = None,
    now: datetime = NOW,
) -> CreditStatement:
    """A statement that was issued; flushed. Its file is made only where a folder is named."""
    draft = make_draft(
        session, person, period=period, purpose=purpose, language=language, by=by, now=now
    )
    digest = "0" * 64 if folder is None else services.print_file(draft, folder=folder)
    return services.issue(session, draft, pdf_sha256=digest, by=by or actor_for(person), now=now)
