"""The table of statements: written once; only a revocation and an erased name come later.

Triggers (migration 0006) refuse every other change, and every deletion; whoever rebuilds the
table in a later migration makes them again.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import LANGUAGES, User
from tenon.credit.statements.codes import LENGTH
from tenon.db import Base, Facts, Key, Moment, OptionalMoment, PublicId, one_of

PURPOSES = ("reward", "certificate", "fee", "other")
REVOCATIONS = ("replaced", "wrong", "lost")
"""Why a statement counts no longer: a newer one is there; it says something wrong; it fell into
the wrong hands."""


class CreditStatement(Base):
    """What the ledger said of a person for a period, at a moment.

    ``content`` is all that the paper says but the person's name, which stands in it as a salted
    digest; ``name`` is the name on the paper, emptied on erasure. ``content_sha256`` covers
    ``content``, ``pdf_sha256`` the file that was given out. Who issued and revoked it stands in the
    history.
    """

    __tablename__ = "credit_statements"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(sa.String(LENGTH), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    since: Mapped[date]
    until: Mapped[date]
    purpose: Mapped[str] = mapped_column(sa.String(12))
    language: Mapped[str] = mapped_column(sa.String(2))
    content: Mapped[Facts]
    content_sha256: Mapped[str] = mapped_column(sa.String(64))
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64))
    issued_at: Mapped[Moment]
    revoked_at: Mapped[OptionalMoment]
    revocation: Mapped[str | None] = mapped_column(sa.String(12))

    user: Mapped[User] = relationship()

    __table_args__ = (
        one_of("purpose", PURPOSES),
        one_of("language", LANGUAGES),
        sa.CheckConstraint("since <= until", name="period_in_order"),
        sa.CheckConstraint(
            "revocation IS NULL OR revocation IN ('replaced', 'wrong', 'lost')",
            name="revocation_known",
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revocation IS NULL)", name="revoked_with_reason"
        ),
        sa.Index("ix_credit_statements_user_id_issued_at", "user_id", "issued_at"),
    )
