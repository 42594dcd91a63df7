"""The table of coded terms: fields of technology, industries, regions, countries, readiness."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base


class TaxonomyTerm(Base):
    """One term of one scheme, worded in both languages; loaded from the room's files."""

    __tablename__ = "taxonomy_terms"

    scheme: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(sa.String(20))
    position: Mapped[int]
    label_zh: Mapped[str] = mapped_column(sa.String(200))
    label_en: Mapped[str] = mapped_column(sa.String(200))
    note_zh: Mapped[str | None] = mapped_column(sa.Text)
    note_en: Mapped[str | None] = mapped_column(sa.Text)
    retired: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["scheme", "parent_code"], ["taxonomy_terms.scheme", "taxonomy_terms.code"]
        ),
    )
