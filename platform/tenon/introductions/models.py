"""Introductions, their threads, the confidentiality agreements made in them.

``from`` is the interested side, ``to`` the side that is approached. What a side may know of the
other stands in permissions.py.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import (
    Base,
    BigId,
    Key,
    Moment,
    OptionalCode,
    OptionalMoment,
    PublicId,
    one_of,
)
from tenon.introductions.states import LIVE_STATES, STATES
from tenon.listings.models import Listing

SIDES = ("from", "to")
ORIGINS = ("match", "listing", "broker", "meeting", "introduction")
DUE_STEPS = ("remind", "escalate", "lapse")
DECLINE_REASONS = (
    "too_early",
    "no_clear_benefit",
    "route_unclear",
    "description_unclear",
    "scientific_doubt",
    "no_capacity",
    "budget",
    "already_solved",
    "other",
)
"""The first five are the categories of matches; the next three say nothing of the listing."""

END_REASONS = ("led_on", "no_fit", "no_capacity", "other")
MESSAGE_KINDS = ("question", "reply", "remark", "message")
SPEAKERS = ("from", "to", "broker")
AUDIENCES = ("all", "from", "to", "brokers")


class Introduction(Base):
    """One side's interest in a listing of another, and what becomes of it.

    ``listing`` is the one approached, ``own_listing`` the interested side's own where it has one.
    ``live_key`` names the pair while the introduction lives, so that there is one at a time,
    whoever asked first; it is empty afterwards. ``unnamed`` keeps the interested side's name back
    until both agree. ``broker_id`` checks and looks after it; ``proposer_id`` had the idea.
    ``*_station_id`` is where in the service network a side's listing lay when it was asked for.
    """

    __tablename__ = "introductions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    state: Mapped[str] = mapped_column(sa.String(12))
    version: Mapped[int] = mapped_column(default=1)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"))
    own_listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    from_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    to_organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    from_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    to_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    proposer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    from_station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    to_station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    live_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    unnamed: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(sa.String(2), default="zh")
    interest: Mapped[str | None] = mapped_column(sa.Text)
    offer: Mapped[str | None] = mapped_column(sa.Text)
    proposal: Mapped[str | None] = mapped_column(sa.Text)
    origin_kind: Mapped[str] = mapped_column(sa.String(20), default="listing")
    origin_id: Mapped[int | None] = mapped_column(BigId)
    end_reason: Mapped[OptionalCode]
    end_remark: Mapped[str | None] = mapped_column(sa.Text)
    from_consented_at: Mapped[OptionalMoment]
    to_consented_at: Mapped[OptionalMoment]
    opened_at: Mapped[OptionalMoment]
    passed_on_at: Mapped[OptionalMoment]
    stage_since: Mapped[Moment]
    due_at: Mapped[OptionalMoment]
    due_step: Mapped[OptionalCode]
    last_message_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]

    listing: Mapped[Listing] = relationship(foreign_keys=[listing_id])
    own_listing: Mapped[Listing | None] = relationship(foreign_keys=[own_listing_id])
    from_organisation: Mapped[Organisation] = relationship(foreign_keys=[from_organisation_id])
    to_organisation: Mapped[Organisation] = relationship(foreign_keys=[to_organisation_id])
    nda: Mapped[IntroductionNda | None] = relationship(back_populates="introduction")

    __table_args__ = (
        one_of("state", STATES),
        one_of("language", ("zh", "en")),
        one_of("origin_kind", ORIGINS),
        one_of("due_step", DUE_STEPS),
        one_of("end_reason", tuple(dict.fromkeys((*DECLINE_REASONS, *END_REASONS)))),
        sa.CheckConstraint("from_organisation_id <> to_organisation_id", name="two_sides"),
        sa.CheckConstraint(
            "state = 'proposed' OR interest IS NOT NULL OR live_key IS NULL", name="answered"
        ),
        sa.CheckConstraint(
            "opened_at IS NULL OR (from_consented_at IS NOT NULL AND to_consented_at IS NOT NULL)",
            name="opened_by_consent",
        ),
        sa.CheckConstraint(
            "state NOT IN ('nda', 'connected') OR opened_at IS NOT NULL", name="open_when_accepted"
        ),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ("
            + ", ".join(f"'{state}'" for state in LIVE_STATES)
            + "))",
            name="live_key_while_live",
        ),
        sa.CheckConstraint("(due_at IS NULL) = (due_step IS NULL)", name="due_whole"),
        sa.Index("ix_introductions_state_stage_since", "state", "stage_since"),
        sa.Index("ix_introductions_state_due_at", "state", "due_at", "id"),
        sa.Index("ix_introductions_broker_id_state", "broker_id", "state", "due_at", "id"),
        sa.Index(
            "ix_introductions_broker_id_stage_since", "broker_id", "state", "stage_since", "id"
        ),
        sa.Index("ix_introductions_broker_id_passed_on_at", "broker_id", "passed_on_at"),
        # What nobody looks after: a few of many, which the board asks for by stage.
        sa.Index(
            "ix_introductions_nobodys",
            "state",
            "due_at",
            "id",
            postgresql_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
            sqlite_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
        ),
        sa.Index("ix_introductions_passed_on_at", "passed_on_at"),
        sa.Index("ix_introductions_opened_at", "opened_at"),
        sa.Index("ix_introductions_proposer_id_state", "proposer_id", "state", "stage_since"),
        sa.Index("ix_introductions_from", "from_organisation_id", "state", "stage_since"),
        sa.Index("ix_introductions_to", "to_organisation_id", "state", "stage_since"),
        sa.Index("ix_introductions_listing_id", "listing_id"),
        sa.Index("ix_introductions_own_listing_id", "own_listing_id"),
        sa.Index("ix_introductions_due_at", "due_at"),
        sa.Index("ix_introductions_from_user_id", "from_user_id"),
        sa.Index("ix_introductions_to_user_id", "to_user_id"),
        sa.Index("ix_introductions_from_station_id", "from_station_id", "state"),
        sa.Index("ix_introductions_to_station_id", "to_station_id", "state"),
        # What lies at no place of the network: in a grown network a few of many.
        sa.Index(
            "ix_introductions_nowhere",
            "state",
            "due_at",
            "id",
            postgresql_where=sa.text("from_station_id IS NULL AND to_station_id IS NULL"),
            sqlite_where=sa.text("from_station_id IS NULL AND to_station_id IS NULL"),
        ),
    )

    def organisation_id(self, side: str) -> int:
        """Return the organisation of a side (``from`` or ``to``)."""
        return self.from_organisation_id if side == "from" else self.to_organisation_id

    def listing_of(self, side: str) -> Listing | None:
        """Return the listing that a side brings in, if any."""
        return self.own_listing if side == "from" else self.listing

    def keeps_name_back(self, side: str) -> bool:
        """Whether a side's name is kept back until both agree."""
        brought = self.listing_of(side)
        hidden = brought is not None and brought.anonymous
        return hidden or (side == "from" and self.unnamed)


class IntroductionMessage(Base):
    """One message of the thread.

    ``speaker`` is the side that speaks, which is all that others see while names are closed.
    ``audience`` is who may read it besides the speaker's own side.
    """

    __tablename__ = "introduction_messages"

    id: Mapped[Key]
    introduction_id: Mapped[int] = mapped_column(sa.ForeignKey("introductions.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    speaker: Mapped[str] = mapped_column(sa.String(8))
    audience: Mapped[str] = mapped_column(sa.String(8), default="all")
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]

    __table_args__ = (
        one_of("kind", MESSAGE_KINDS),
        one_of("speaker", SPEAKERS),
        one_of("audience", AUDIENCES),
        sa.Index("ix_introduction_messages_introduction_id", "introduction_id", "id"),
        sa.Index("ix_introduction_messages_author_id", "author_id"),
    )


class IntroductionRead(Base):
    """How far a person has read a thread: the last message seen."""

    __tablename__ = "introduction_reads"

    introduction_id: Mapped[int] = mapped_column(
        sa.ForeignKey("introductions.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[Moment]

    __table_args__ = (sa.Index("ix_introduction_reads_user_id", "user_id"),)


class IntroductionNda(Base):
    """The confidentiality agreement of an introduction: its words, their hash, both confirmations.

    ``text`` is what both sides read, in both languages; ``sha256`` is over its UTF-8 bytes.
    ``*_signatory`` is the name and office that a side's person confirmed under.
    """

    __tablename__ = "introduction_ndas"

    id: Mapped[Key]
    introduction_id: Mapped[int] = mapped_column(sa.ForeignKey("introductions.id"), unique=True)
    template: Mapped[str] = mapped_column(sa.String(40))
    text: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[Moment]
    from_confirmed_at: Mapped[OptionalMoment]
    from_confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    from_signatory: Mapped[str | None] = mapped_column(sa.String(200))
    to_confirmed_at: Mapped[OptionalMoment]
    to_confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    to_signatory: Mapped[str | None] = mapped_column(sa.String(200))
    agreed_at: Mapped[OptionalMoment]

    introduction: Mapped[Introduction] = relationship(back_populates="nda")

    __table_args__ = (
        sa.CheckConstraint(
            "agreed_at IS NULL OR (from_confirmed_at IS NOT NULL AND to_confirmed_at IS NOT NULL)",
            name="agreed_by_both",
        ),
        sa.Index("ix_introduction_ndas_from_confirmed_by", "from_confirmed_by"),
        sa.Index("ix_introduction_ndas_to_confirmed_by", "to_confirmed_by"),
    )

    def confirmed_at(self, side: str) -> object:
        """Return when a side confirmed, or None."""
        return self.from_confirmed_at if side == "from" else self.to_confirmed_at
