"""Licences that were granted of an IP right, by deals or before; declarations of open licences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import Base, BigId, Json, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.listings.models import IpRight

LICENCE_KINDS = ("exclusive", "sole", "nonexclusive", "open", "assignment")
FEE_MODES = ("single", "yearly", "running")


class LicenceGrant(Base):
    """One right that somebody may use: how exclusively, where, in which fields, how long.

    An assignment that is signed stands here until the register's entry, so that nothing is sold
    or licensed twice in between.

    Attributes:
        territory: ``["*"]``, country codes, or codes of Chinese regions.
        fields: ``["*"]`` or names of products or industries.
        until: None for as long as the patent lives.
        deal: public id of the deal; None for what was recorded by hand.
        licensee: the name of a licensee without a page here.
        ended_on: when it ended before its time.
    """

    __tablename__ = "rights_licences"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    territory: Mapped[list[str]] = mapped_column(Json)
    fields: Mapped[list[str]] = mapped_column(Json)
    since: Mapped[date]
    until: Mapped[date | None]
    deal: Mapped[str | None] = mapped_column(sa.String(32))
    licensor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    licensee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    licensee: Mapped[str | None] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(8), default="live")
    ended_on: Mapped[date | None]
    recorded_by: Mapped[int | None] = mapped_column(BigId)
    recorded_at: Mapped[Moment]

    licensee_organisation: Mapped[Organisation | None] = relationship(
        lazy="joined", foreign_keys=[licensee_id]
    )

    __table_args__ = (
        one_of("kind", LICENCE_KINDS),
        one_of("state", ("live", "ended")),
        sa.CheckConstraint("until >= since", name="in_order"),
        sa.CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ended_whole"),
        sa.Index(
            "uq_rights_licences_deal",
            "deal",
            "ip_right_id",
            unique=True,
            postgresql_where=sa.text("state = 'live'"),
            sqlite_where=sa.text("state = 'live'"),
        ),
        sa.Index("ix_rights_licences_ip_right_id", "ip_right_id", "state"),
        sa.Index("ix_rights_licences_deal", "deal"),
    )


class OpenLicence(Base):
    """A patent owner's declaration that anybody may have a licence at the standard fee.

    Attributes:
        number: of the patent office's announcement, once there is one.
        fee_mode: ``single`` sum, ``yearly`` sum, or ``running`` percent of net sales.
        fee_minor, currency: of a single or yearly fee.
        rate: percent as decimal text; of a running fee.
        standard: the fee's standard in words, as declared.
        until: the last day on which notice may be given.
        live_key: unique while it stands, so that one patent has one.
    """

    __tablename__ = "rights_open_licences"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(sa.String(12), default="declared")
    ip_right_id: Mapped[int] = mapped_column(sa.ForeignKey("ip_rights.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    number: Mapped[str | None] = mapped_column(sa.String(100))
    fee_mode: Mapped[str] = mapped_column(sa.String(10))
    fee_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    rate: Mapped[str | None] = mapped_column(sa.String(12))
    standard: Mapped[str] = mapped_column(sa.Text, default="")
    declared_on: Mapped[date]
    until: Mapped[date]
    live_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    declared_at: Mapped[Moment]
    declared_by: Mapped[int | None] = mapped_column(BigId)
    withdrawn_on: Mapped[date | None]
    withdrawn_at: Mapped[OptionalMoment]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.String(500))

    ip_right: Mapped[IpRight] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def percent(self) -> Decimal | None:
        """The running fee's rate; None for a sum."""
        return None if self.rate is None else Decimal(self.rate)

    __table_args__ = (
        one_of("state", ("declared", "withdrawn")),
        one_of("fee_mode", FEE_MODES),
        sa.CheckConstraint("until >= declared_on", name="in_order"),
        sa.CheckConstraint("(rate IS NOT NULL) = (fee_mode = 'running')", name="rate_if_running"),
        sa.CheckConstraint("(fee_minor IS NOT NULL) = (fee_mode <> 'running')", name="fee_if_sum"),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state = 'declared')", name="live_key_while_declared"
        ),
        sa.CheckConstraint(
            "(withdrawn_on IS NOT NULL) = (state = 'withdrawn')", name="withdrawn_whole"
        ),
        sa.Index("ix_rights_open_licences_ip_right_id", "ip_right_id"),
        sa.Index("ix_rights_open_licences_organisation_id", "organisation_id"),
    )
