"""Tables of the service network: the tree, its people, their firms, days off, hand-overs.

``Station`` is a place of any level: the centre (中心), a node (节点) or a station (驿站).
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import (
    Base,
    BigId,
    Facts,
    Json,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    one_of,
)

LEVELS = ("centre", "node", "station")
STATION_STATES = ("active", "closed")
MEMBER_ROLES = ("head", "broker", "liaison")
"""负责人; 技术经纪人/经理人; 成果转化联络员."""

CERTIFICATES = ("broker", "manager", "liaison")
"""技术经纪人, 技术经理人, 成果转化联络员."""

DAY_KINDS = ("holiday", "working")


class Station(Base):
    """One place of the tree.

    ``code`` is its stable name in files. ``answer_days`` is within how many working days a need
    is to be answered here; None: as the place above it, at the top as the site's rule says.
    """

    __tablename__ = "stations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    level: Mapped[str] = mapped_column(sa.String(10))
    state: Mapped[str] = mapped_column(sa.String(10), default="active")
    version: Mapped[int] = mapped_column(default=1)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    name_zh: Mapped[str | None] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    region: Mapped[OptionalCode]
    address: Mapped[str | None] = mapped_column(sa.String(300))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    answer_days: Mapped[int | None]
    created_at: Mapped[Moment]

    parent: Mapped[Station | None] = relationship(remote_side="Station.id")
    organisation: Mapped[Organisation | None] = relationship()

    __table_args__ = (
        one_of("level", LEVELS),
        one_of("state", STATION_STATES),
        sa.CheckConstraint("name_zh IS NOT NULL OR name_en IS NOT NULL", name="named"),
        sa.CheckConstraint("(parent_id IS NULL) = (level = 'centre')", name="centres_on_top"),
        sa.CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        sa.CheckConstraint("answer_days BETWEEN 1 AND 90", name="answer_days_plausible"),
        sa.Index("ix_stations_parent_id", "parent_id"),
        sa.Index("ix_stations_region", "region"),
        sa.Index("ix_stations_organisation_id", "organisation_id"),
    )

    def name(self, language: str) -> str:
        """Return the name in ``language`` (zh or en), or in the other where it is missing."""
        first, second = (
            (self.name_zh, self.name_en) if language == "zh" else (self.name_en, self.name_zh)
        )
        return first or second or ""


class StationAncestor(Base):
    """The tree laid flat: each place with itself (distance 0) and all above it.

    Kept by ``services.tree`` alone, in the change that moves a place.
    """

    __tablename__ = "station_ancestors"

    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), primary_key=True)
    distance: Mapped[int]

    __table_args__ = (
        sa.CheckConstraint(
            "distance >= 0 AND (distance = 0) = (station_id = ancestor_id)", name="distance_counts"
        ),
        sa.Index("ix_station_ancestors_ancestor_id", "ancestor_id", "station_id"),
    )


class StationMember(Base):
    """Somebody who works at a place, from a day on and until a day (inclusive) if it ended."""

    __tablename__ = "station_members"

    id: Mapped[Key]
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(sa.String(10))
    since: Mapped[date]
    until: Mapped[date | None]
    added_by: Mapped[int | None] = mapped_column(BigId)
    ended_at: Mapped[OptionalMoment]

    station: Mapped[Station] = relationship(lazy="joined")
    user: Mapped[User] = relationship()

    __table_args__ = (
        one_of("role", MEMBER_ROLES),
        sa.CheckConstraint("until IS NULL OR until >= since", name="ends_after_it_began"),
        sa.CheckConstraint("(until IS NULL) = (ended_at IS NULL)", name="end_whole"),
        sa.Index(
            "uq_station_members_live",
            "station_id",
            "user_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_station_members_user_id", "user_id"),
    )


class BrokerProfile(Base):
    """What routing and certificates know of a broker.

    ``most_firms`` and ``most_needs`` are how many firms and open needs they can look after;
    None: no limit of their own. ``languages`` holds codes (zh, en). ``alerted_days`` is how many
    days before the certificate's end somebody was last told of it; None: not yet.
    """

    __tablename__ = "broker_profiles"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)
    most_firms: Mapped[int | None]
    most_needs: Mapped[int | None]
    certificate: Mapped[OptionalCode]
    certificate_number: Mapped[str | None] = mapped_column(sa.String(60))
    certified_until: Mapped[date | None]
    alerted_days: Mapped[int | None]
    updated_at: Mapped[Moment]

    user: Mapped[User] = relationship()

    __table_args__ = (
        one_of("certificate", CERTIFICATES),
        sa.CheckConstraint("most_firms >= 0 AND most_needs >= 0", name="limits_not_negative"),
        sa.Index("ix_broker_profiles_certified_until", "certified_until"),
    )


class BrokerField(Base):
    """A field of technology (ipc, hitech) or industry (gbt4754) that a broker knows."""

    __tablename__ = "broker_fields"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    scheme: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)

    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["scheme", "code"], ["taxonomy_terms.scheme", "taxonomy_terms.code"]
        ),
        sa.Index("ix_broker_fields_scheme_code", "scheme", "code"),
    )


class BrokerRegion(Base):
    """A region that a broker serves; those below it count in."""

    __tablename__ = "broker_regions"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class Absence(Base):
    """Days on which somebody is away, and who stands in."""

    __tablename__ = "absences"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    deputy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    note: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[Moment]

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    deputy: Mapped[User | None] = relationship(foreign_keys=[deputy_id])

    __table_args__ = (
        sa.CheckConstraint("last_day >= first_day", name="days_ordered"),
        sa.CheckConstraint("deputy_id <> user_id", name="deputy_is_another"),
        sa.Index("ix_absences_user_id", "user_id", "last_day"),
        sa.Index("ix_absences_deputy_id", "deputy_id"),
    )


class CalendarDay(Base):
    """A day that is not what its weekday says: a public holiday, or a weekend that is worked."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    name_zh: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(60))
    source: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (one_of("kind", DAY_KINDS),)


class PortfolioFirm(Base):
    """A firm (or institution) that a broker looks after, from a day on.

    One broker at a time: ``ended_at`` is empty for the one who does now.
    """

    __tablename__ = "portfolio_firms"

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    broker_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    since: Mapped[Moment]
    ended_at: Mapped[OptionalMoment]
    handover_id: Mapped[int | None] = mapped_column(sa.ForeignKey("handovers.id"))

    organisation: Mapped[Organisation] = relationship()
    broker: Mapped[User] = relationship()
    station: Mapped[Station | None] = relationship()

    __table_args__ = (
        sa.Index(
            "uq_portfolio_firms_live",
            "organisation_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_portfolio_firms_broker_id", "broker_id", "ended_at"),
        sa.Index("ix_portfolio_firms_station_id", "station_id", "ended_at"),
        sa.Index("ix_portfolio_firms_handover_id", "handover_id"),
    )


class Handover(Base):
    """All that a broker looked after, given to others in one step.

    ``counts`` says how many things of each kind went, for the record; whose firm it was and whose
    it became, the portfolios say.
    """

    __tablename__ = "handovers"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    from_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    counts: Mapped[Facts]
    at: Mapped[Moment]

    from_user: Mapped[User | None] = relationship(foreign_keys=[from_user_id])

    __table_args__ = (
        sa.Index("ix_handovers_from_user_id", "from_user_id"),
        sa.Index("ix_handovers_by_id", "by_id"),
    )
