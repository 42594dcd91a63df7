"""The table of rules: one row says what a rule's value is, where, from when and until when.

Must not know what any rule is used for.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Facts, Key, Moment, OptionalMoment, PublicId, one_of

KINDS = ("integer", "decimal", "money", "text")
APPLIES = ("binding", "default")


class RuleRow(Base):
    """The value of one rule in one jurisdiction for a span of days.

    Attributes:
        code: names the rule; what it means stands in the files of ``tables``.
        jurisdiction: code of the scheme ``region``, or CN for the whole country.
        effective_to: the last day on which it holds; None where it holds until changed.
        value: ``{"value": ...}``: an integer, a decimal as text, a text, or for money
            ``{"minor": ..., "currency": ...}``.
        applies: ``binding`` holds against another agreement, ``default`` where nothing is agreed.
        verified: whether somebody read the value in the statute or paper named.
        edited_by: the operator who wrote or changed it; None for what the files brought, which a
            later load may amend.
    """

    __tablename__ = "rules"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(sa.String(60))
    jurisdiction: Mapped[str] = mapped_column(sa.String(20))
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    kind: Mapped[str] = mapped_column(sa.String(10))
    value: Mapped[Facts]
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    applies: Mapped[str] = mapped_column(sa.String(10))
    source_zh: Mapped[str] = mapped_column(sa.Text)
    source_en: Mapped[str] = mapped_column(sa.Text)
    verified: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    edited_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    edited_at: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("applies", APPLIES),
        sa.CheckConstraint("effective_to >= effective_from", name="in_order"),
        sa.UniqueConstraint("code", "jurisdiction", "effective_from"),
    )
