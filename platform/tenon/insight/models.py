"""Tables of targets and of who worked where: what is to be reached, by whom, and since when.

A target's versions are only added to: a report of a past day takes the version of that day.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import (
    Base,
    BigId,
    Code,
    Facts,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.network.models import Station, StationMember

SCOPES = ("site", "region", "station", "institution", "broker", "field")
PERIODS = ("year", "quarter", "month", "span")


class Target(Base):
    """A figure to be reached in a period, for the site or a part of it.

    ``measure`` is a code of ``insight.measures``. ``value`` is a number, or minor units of
    ``currency``, or hundredths of a percent, as the measure's unit is. Exactly the column that
    ``scope`` names is filled. ``live_key`` names measure, scope, period and currency while the
    target stands, so that there is one at a time. ``source_*`` is the sentence of a policy that
    asks for it. ``lead_id`` answers for it (牵头单位), ``responsible`` do the work (责任单位).
    """

    __tablename__ = "targets"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    version: Mapped[int] = mapped_column(default=1)
    measure: Mapped[Code]
    value: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str | None] = mapped_column(sa.String(3))
    scope: Mapped[str] = mapped_column(sa.String(12), default="site")
    region: Mapped[OptionalCode]
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    field_scheme: Mapped[OptionalCode]
    field_code: Mapped[OptionalCode]
    period: Mapped[str] = mapped_column(sa.String(8))
    first: Mapped[date]
    last: Mapped[date]
    source_document: Mapped[str] = mapped_column(sa.String(300), default="")
    source_paragraph: Mapped[str] = mapped_column(sa.String(100), default="")
    source_sentence: Mapped[str] = mapped_column(sa.Text, default="")
    lead_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    public: Mapped[bool] = mapped_column(default=False)
    live_key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    withdrawn_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]

    station: Mapped[Station | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id])
    broker: Mapped[User | None] = relationship()
    broker_places: Mapped[list[StationMember]] = relationship(
        primaryjoin=lambda: sa.and_(
            Target.broker_id == sa.orm.foreign(StationMember.user_id),
            StationMember.ended_at.is_(None),
        ),
        viewonly=True,
    )
    lead: Mapped[Organisation | None] = relationship(foreign_keys=[lead_id])
    responsible: Mapped[list[Organisation]] = relationship(
        secondary="target_organisations", order_by="Organisation.id"
    )

    __table_args__ = (
        one_of("scope", SCOPES),
        one_of("period", PERIODS),
        sa.CheckConstraint("value > 0", name="value_positive"),
        sa.CheckConstraint("last >= first", name="days_ordered"),
        sa.CheckConstraint(
            "(region IS NOT NULL) = (scope = 'region')"
            " AND (station_id IS NOT NULL) = (scope = 'station')"
            " AND (organisation_id IS NOT NULL) = (scope = 'institution')"
            " AND (broker_id IS NULL OR scope = 'broker')"
            " AND (field_code IS NOT NULL) = (scope = 'field')"
            " AND (field_code IS NULL) = (field_scheme IS NULL)",
            name="scope_whole",
        ),
        sa.CheckConstraint("(live_key IS NULL) = (withdrawn_at IS NOT NULL)", name="one_live"),
        sa.Index("ix_targets_measure_first", "measure", "first", "last"),
        sa.Index("ix_targets_station_id", "station_id"),
        sa.Index("ix_targets_organisation_id", "organisation_id"),
        sa.Index("ix_targets_broker_id", "broker_id"),
        sa.Index("ix_targets_lead_id", "lead_id"),
    )


class TargetOrganisation(Base):
    """A house that does the work of a target, beside its lead."""

    __tablename__ = "target_organisations"

    target_id: Mapped[int] = mapped_column(sa.ForeignKey("targets.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisations.id"), primary_key=True
    )

    __table_args__ = (sa.Index("ix_target_organisations_organisation_id", "organisation_id"),)


class StaffRecord(Base):
    """Somebody's work at a place, and their certificate, as they stood from ``recorded_at`` on.

    Roles and certificates change in their own tables; these rows are only added, so that a
    head-count of a past day can be made again. ``member_id`` is the row of ``station_members``.
    """

    __tablename__ = "staff_records"

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(sa.ForeignKey("station_members.id"))
    sequence: Mapped[int]
    recorded_at: Mapped[Moment]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"))
    role: Mapped[str] = mapped_column(sa.String(10))
    since: Mapped[date]
    until: Mapped[date | None]
    certificate: Mapped[OptionalCode]
    certified_until: Mapped[date | None]

    __table_args__ = (
        sa.UniqueConstraint("member_id", "sequence"),
        sa.Index("ix_staff_records_user_id", "user_id"),
        sa.Index("ix_staff_records_station_id", "station_id"),
    )


class TargetVersion(Base):
    """What a target said from a moment on; rows are only added.

    ``said`` holds its value, currency, period, source and houses; ``value`` stands by itself
    since reports of past days compare with it. ``withdrawn``: it ceased to be one.
    """

    __tablename__ = "target_versions"

    target_id: Mapped[int] = mapped_column(sa.ForeignKey("targets.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    value: Mapped[int] = mapped_column(BigId)
    withdrawn: Mapped[bool] = mapped_column(default=False)
    said: Mapped[Facts]

    by: Mapped[User | None] = relationship()

    __table_args__ = (
        sa.CheckConstraint("number > 0", name="counted_from_1"),
        sa.Index("ix_target_versions_by_id", "by_id"),
    )
