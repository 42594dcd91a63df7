"""Tables of people, organisations and memberships.

Knows nothing of listings. The person's table is the one that the sign-in library works on, hence
its mixins here; no other room touches those columns.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

import sqlalchemy as sa
from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import (
    Base,
    BigId,
    Code,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    UTCDateTime,
    one_of,
)

# The seven parties of the field: 政产学研金服用.
ORGANISATION_KINDS = (
    "government",
    "enterprise",
    "university",
    "institute",
    "finance",
    "service",
    "user",
)
ORGANISATION_STATES = ("pending", "approved", "refused", "suspended")
MEMBER_ROLES = ("member", "editor", "administrator")
MEMBERSHIP_STATES = ("requested", "active", "ended")
SITE_ROLES = ("broker", "operator")
LANGUAGES = ("zh", "en")


class Role(Base, RoleMixin):
    """A role on the whole site: broker or operator, granted by an operator."""

    __tablename__ = "roles"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.String(40), unique=True)
    __table_args__ = (one_of("name", SITE_ROLES),)


class UserRole(Base):
    """Who holds which role on the site, and who granted it."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(sa.ForeignKey("roles.id"), primary_key=True)
    granted_by: Mapped[int | None] = mapped_column(BigId)
    granted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class User(Base, UserMixin):
    """A person who can sign in. Erasure empties everything personal and keeps the row."""

    __tablename__ = "users"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(
        sa.String(64), unique=True, default=lambda: uuid.uuid4().hex
    )
    confirmed_at: Mapped[OptionalMoment]
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    # The last time step a one-time code was used in: a code opens the door once.
    tf_last_counter: Mapped[int | None] = mapped_column(BigId)

    name: Mapped[str] = mapped_column(sa.String(120), default="")
    language: Mapped[str] = mapped_column(sa.String(8), default="zh")
    salt: Mapped[str] = mapped_column(sa.String(64), default=lambda: secrets.token_hex(16))
    acting_for_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    created_at: Mapped[datetime] = mapped_column(
        UTCDateTime, server_default=sa.func.current_timestamp()
    )
    terms_accepted_at: Mapped[OptionalMoment]
    erased_at: Mapped[OptionalMoment]
    demo: Mapped[bool] = mapped_column(default=False)

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # the mixin names its own
        secondary="user_roles", lazy="selectin"
    )
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", lazy="selectin", foreign_keys="Membership.user_id"
    )

    __table_args__ = (
        one_of("language", LANGUAGES),
        sa.CheckConstraint("email = lower(email)", name="email_lower"),
    )


class Organisation(Base):
    """A university, firm or any other of the seven kinds.

    Imported ones carry (source, external_id), which is unique. ``decision_reason`` is what an
    operator wrote when refusing or suspending it. ``state_founded`` says whether the state founded
    it; None means as its kind suggests (``queries.is_state_founded``). ``credit_code`` is the
    unified social credit code (GB 32100).
    """

    __tablename__ = "organisations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    state: Mapped[str] = mapped_column(sa.String(20), default="pending")
    version: Mapped[int] = mapped_column(default=1)
    name_zh: Mapped[str | None] = mapped_column(sa.String(200))
    name_en: Mapped[str | None] = mapped_column(sa.String(200))
    about_zh: Mapped[str | None] = mapped_column(sa.Text)
    about_en: Mapped[str | None] = mapped_column(sa.Text)
    website: Mapped[str | None] = mapped_column(sa.String(300))
    region: Mapped[OptionalCode]
    country: Mapped[str] = mapped_column(sa.String(2), default="CN")
    industry: Mapped[OptionalCode]
    state_founded: Mapped[bool | None]
    credit_code: Mapped[str | None] = mapped_column(sa.String(18))
    created_at: Mapped[Moment]
    created_by: Mapped[int | None] = mapped_column(BigId)
    decision_reason: Mapped[str | None] = mapped_column(sa.Text)
    source: Mapped[str | None] = mapped_column(sa.String(40))
    external_id: Mapped[str | None] = mapped_column(sa.String(120))

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation")

    __table_args__ = (
        one_of("kind", ORGANISATION_KINDS),
        one_of("state", ORGANISATION_STATES),
        sa.CheckConstraint("name_zh IS NOT NULL OR name_en IS NOT NULL", name="named"),
        sa.UniqueConstraint("source", "external_id"),
        sa.Index("ix_organisations_kind", "kind"),
    )

    def name(self, language: str) -> str:
        """Return the name in ``language`` (zh or en), or in the other where it is missing."""
        first, second = (
            (self.name_zh, self.name_en) if language == "zh" else (self.name_en, self.name_zh)
        )
        return first or second or ""


class Membership(Base):
    """A person's place in an organisation: asked for, active, or ended.

    ``note`` is what the person wrote when asking to join.
    """

    __tablename__ = "memberships"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    role: Mapped[str] = mapped_column(sa.String(20), default="member")
    state: Mapped[str] = mapped_column(sa.String(20), default="requested")
    note: Mapped[str | None] = mapped_column(sa.String(500))
    created_at: Mapped[Moment]
    decided_at: Mapped[OptionalMoment]
    decided_by: Mapped[int | None] = mapped_column(BigId)

    user: Mapped[User] = relationship(back_populates="memberships", foreign_keys=[user_id])
    organisation: Mapped[Organisation] = relationship(back_populates="memberships", lazy="joined")

    __table_args__ = (
        one_of("role", MEMBER_ROLES),
        one_of("state", MEMBERSHIP_STATES),
        sa.Index(
            "uq_memberships_live",
            "user_id",
            "organisation_id",
            unique=True,
            postgresql_where=sa.text("state <> 'ended'"),
            sqlite_where=sa.text("state <> 'ended'"),
        ),
        sa.Index("ix_memberships_organisation_id", "organisation_id"),
        # Every request of somebody signed in asks for all of a person's, ended ones too.
        sa.Index("ix_memberships_user_id", "user_id"),
    )
