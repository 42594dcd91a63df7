"""Grants of ownership or of long use to contributors (赋权), objections, rights of use."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import (
    Base,
    BigId,
    ExactDecimal,
    Key,
    Moment,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.listings.models import Listing
from tenon.rights.models.owners import SHARE_DIGITS

GRANT_KINDS = ("ownership", "use")
GRANT_STATES = ("applied", "approved", "publicised", "agreed", "refused", "withdrawn")
_LIVE = "('applied', 'approved', 'publicised')"


class RightGrant(Base):
    """An institution's grant of a part of its ownership, or of a right of use, to contributors.

    Attributes:
        share: percent of the whole that passes to the contributors; of a grant of ownership.
        years: how long they may use it; of a grant of use.
        publicity_days: the rule's number on the day on which publicity began.
        publicity_until: the last day of publicity, which always passes in full.
        decision_remark: what the institution wrote on refusing.
        live_key: unique while it is open, so that one achievement has one open grant.
    """

    __tablename__ = "rights_grants"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    state: Mapped[str] = mapped_column(sa.String(12), default="applied")
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(sa.String(12))
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"))
    institution_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    applicant_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    share = mapped_column(ExactDecimal(SHARE_DIGITS), nullable=True)
    years: Mapped[int | None]
    statement: Mapped[str] = mapped_column(sa.Text)
    live_key: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    applied_at: Mapped[Moment]
    approved_at: Mapped[OptionalMoment]
    publicised_at: Mapped[OptionalMoment]
    publicity_days: Mapped[int | None]
    publicity_until: Mapped[date | None]
    agreed_at: Mapped[OptionalMoment]
    ended_at: Mapped[OptionalMoment]
    decision_remark: Mapped[str | None] = mapped_column(sa.Text)
    institution_confirmed_at: Mapped[OptionalMoment]
    institution_confirmed_by: Mapped[int | None] = mapped_column(BigId)

    listing: Mapped[Listing] = relationship(lazy="joined")
    institution: Mapped[Organisation] = relationship(lazy="joined")
    members: Mapped[list[GrantMember]] = relationship(
        lazy="selectin", order_by="GrantMember.position", cascade="all, delete-orphan"
    )
    objections: Mapped[list[GrantObjection]] = relationship(
        lazy="select", order_by="GrantObjection.id", back_populates="grant"
    )

    __table_args__ = (
        one_of("kind", GRANT_KINDS),
        one_of("state", GRANT_STATES),
        sa.CheckConstraint(
            "(kind = 'ownership' AND share > 0 AND years IS NULL)"
            " OR (kind = 'use' AND years > 0 AND share IS NULL)",
            name="what_is_granted",
        ),
        sa.CheckConstraint(
            f"(live_key IS NOT NULL) = (state IN {_LIVE})", name="live_key_while_open"
        ),
        sa.CheckConstraint(
            "state NOT IN ('publicised', 'agreed') OR publicity_until IS NOT NULL",
            name="publicity_before_agreement",
        ),
        sa.CheckConstraint(
            "state <> 'agreed' OR (agreed_at IS NOT NULL AND institution_confirmed_at IS NOT NULL)",
            name="agreed_by_both",
        ),
        sa.Index("ix_rights_grants_listing_id", "listing_id"),
        sa.Index("ix_rights_grants_institution_id", "institution_id", "state"),
        sa.Index("ix_rights_grants_applicant_id", "applicant_id"),
    )


class GrantMember(Base):
    """A contributor who takes part in a grant; ``share`` is percent of what the team gets."""

    __tablename__ = "rights_grant_members"

    grant_id: Mapped[int] = mapped_column(
        sa.ForeignKey("rights_grants.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    share = mapped_column(ExactDecimal(SHARE_DIGITS), nullable=False)
    confirmed_at: Mapped[OptionalMoment]

    user: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        sa.CheckConstraint("share > 0", name="share_positive"),
        sa.Index("ix_rights_grant_members_user_id", "user_id"),
    )


class GrantObjection(Base):
    """What somebody says against a grant while it is published, and the institution's answer."""

    __tablename__ = "rights_grant_objections"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("rights_grants.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_by: Mapped[int | None] = mapped_column(BigId)
    answered_at: Mapped[OptionalMoment]

    grant: Mapped[RightGrant] = relationship(back_populates="objections")
    author: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_whole"),
        sa.Index("ix_rights_grant_objections_grant_id", "grant_id"),
        sa.Index("ix_rights_grant_objections_author_id", "author_id"),
    )


class UseRight(Base):
    """A contributor's right to use an achievement for a span of years, from an agreed grant."""

    __tablename__ = "rights_of_use"

    id: Mapped[Key]
    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("rights_grants.id"))
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(120))
    since: Mapped[date]
    until: Mapped[date]

    user: Mapped[User | None] = relationship(lazy="joined")

    __table_args__ = (
        sa.CheckConstraint("until > since", name="in_order"),
        sa.Index("ix_rights_of_use_grant_id", "grant_id"),
        sa.Index("ix_rights_of_use_listing_id", "listing_id"),
        sa.Index("ix_rights_of_use_user_id", "user_id"),
    )
