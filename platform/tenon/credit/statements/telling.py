"""Tell a person that an operator issued or revoked a statement about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.credit.statements.models import CreditStatement
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "statement_issued": N_(
            "An operator issued a statement of your credit for %(since)s to %(until)s."
        ),
        "statement_revoked": N_(
            "An operator revoked the statement of your credit for %(since)s to %(until)s."
        ),
    },
    group="credit",
    samples={"since": "2026-01-01", "until": "2026-12-31"},
)


def tell_issued(session: Session, statement: CreditStatement, *, now: datetime) -> None:
    """Tell the person that there is a statement about them."""
    _tell(session, statement, "statement_issued", now)


def tell_revoked(session: Session, statement: CreditStatement, *, now: datetime) -> None:
    """Tell the person that a statement about them counts no longer."""
    _tell(session, statement, "statement_revoked", now)


def _tell(session: Session, statement: CreditStatement, kind: str, now: datetime) -> None:
    period = {"since": statement.since.isoformat(), "until": statement.until.isoformat()}
    path = f"/credit/statements/{statement.public_id}"
    notify(session, user=statement.user, kind=kind, facts=period, path=path, now=now)
