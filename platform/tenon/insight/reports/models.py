"""The table of reports: what each said when it was made; rows are only added."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, Facts, Key, Moment, PublicId, one_of
from tenon.network.models import Station

KINDS = ("week", "month", "quarter", "year")
SITE = "site"


class Report(Base):
    """The figures of a period as they were known at its end.

    ``scope`` is ``site``, or the public id of the place whose subtree it is of. ``content`` is
    codes, keys and numbers; words are found when it is shown. ``sha256`` is over its canonical
    JSON, so that whoever computes it again can say whether it is the same.
    """

    __tablename__ = "insight_reports"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(sa.String(8))
    first: Mapped[date]
    last: Mapped[date]
    scope: Mapped[str] = mapped_column(sa.String(32), default=SITE)
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    as_of: Mapped[date]
    made_at: Mapped[Moment]
    content: Mapped[Facts]
    sha256: Mapped[str] = mapped_column(sa.String(64))

    station: Mapped[Station | None] = relationship()

    __table_args__ = (
        one_of("kind", KINDS),
        sa.CheckConstraint("last >= first", name="days_ordered"),
        sa.CheckConstraint(f"(station_id IS NULL) = (scope = '{SITE}')", name="scope_whole"),
        sa.UniqueConstraint("scope", "kind", "first"),
        sa.Index("ix_insight_reports_station_id", "station_id", "last"),
        sa.Index("ix_insight_reports_last", "last"),
    )
