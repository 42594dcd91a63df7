"""Files that people asked the site to import, and how far each has come."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Json, Key, Moment, OptionalMoment, PublicId, one_of

IMPORT_STATES = ("uploaded", "checking", "checked", "importing", "done", "failed", "cancelled")
IMPORT_KINDS = ("organisations", "people", "achievements", "needs")


class ImportJob(Base):
    """One file from upload to the last row; ``report`` holds counts and every row's errors."""

    __tablename__ = "import_jobs"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    source: Mapped[str] = mapped_column(sa.String(40))
    state: Mapped[str] = mapped_column(sa.String(20), default="uploaded")
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    publish: Mapped[bool] = mapped_column(default=False)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[Moment]
    finished_at: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("kind", IMPORT_KINDS),
        one_of("state", IMPORT_STATES),
        sa.Index("ix_import_jobs_user_id", "user_id"),
    )
