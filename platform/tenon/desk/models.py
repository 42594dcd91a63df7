"""Tables of the desk: notes and tasks of brokers, how listings stand against the other side.

``about_kind`` and ``about_id`` name a thing of an earlier room; ``about.py`` says what it is and
whether somebody may know of it.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import User
from tenon.db import Base, BigId, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.listings.models import SIDES

THINGS = ("organisation", "listing", "introduction", "deal", "event")
AUDIENCES = ("me", "place", "up")
"""Only the author; those who work at the author's place; that place and all above it."""

REPEATS = ("weekly", "monthly")
BANDS = ("strong", "good", "possible", "weak")
LONGEST_NOTE, LONGEST_TITLE, LONGEST_DETAIL = 4_000, 200, 2_000


class DeskNote(Base):
    """What a broker wrote down about something; the firms concerned never read it.

    ``station_id`` is where the author worked then: what an audience is counted from.
    ``organisation_id`` and ``other_organisation_id`` are the firms concerned, whose own people are
    kept out. A note that was taken back keeps its row (``removed_at``) and loses its text.
    """

    __tablename__ = "desk_notes"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    about_kind: Mapped[str] = mapped_column(sa.String(12))
    about_id: Mapped[int] = mapped_column(BigId)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    other_organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    audience: Mapped[str] = mapped_column(sa.String(6), default="place")
    text: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    removed_at: Mapped[OptionalMoment]

    author: Mapped[User | None] = relationship()

    __table_args__ = (
        one_of("about_kind", THINGS),
        one_of("audience", AUDIENCES),
        sa.CheckConstraint("removed_at IS NULL OR text = ''", name="removed_says_nothing"),
        sa.Index("ix_desk_notes_about", "about_kind", "about_id", "created_at"),
        sa.Index("ix_desk_notes_author_id", "author_id", "created_at"),
        sa.Index("ix_desk_notes_station_id", "station_id", "created_at"),
        sa.Index("ix_desk_notes_organisation_id", "organisation_id"),
        sa.Index("ix_desk_notes_other_organisation_id", "other_organisation_id"),
    )


class DeskTask(Base):
    """Something to do by a day, about a thing or about none.

    ``owner_id`` is who is to do it, ``created_by`` who asked for it. A task that repeats has one
    follower at most (``follows_id``), made when it is done. ``reminded_on`` is the day on whose
    morning the owner was told.
    """

    __tablename__ = "desk_tasks"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(sa.String(LONGEST_TITLE))
    detail: Mapped[str] = mapped_column(sa.Text, default="")
    due_on: Mapped[date]
    about_kind: Mapped[str | None] = mapped_column(sa.String(12))
    about_id: Mapped[int | None] = mapped_column(BigId)
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    repeats: Mapped[str | None] = mapped_column(sa.String(8))
    follows_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk_tasks.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    reminded_on: Mapped[date | None]
    done_at: Mapped[OptionalMoment]
    done_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[Moment]

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    giver: Mapped[User | None] = relationship(foreign_keys=[created_by])

    __table_args__ = (
        one_of("about_kind", THINGS),
        one_of("repeats", REPEATS),
        sa.CheckConstraint("(about_kind IS NULL) = (about_id IS NULL)", name="about_whole"),
        sa.CheckConstraint("follows_id <> id", name="follows_another"),
        sa.Index("ix_desk_tasks_owner_id", "owner_id", "done_at", "due_on"),
        sa.Index("ix_desk_tasks_created_by", "created_by"),
        sa.Index("ix_desk_tasks_done_by", "done_by"),
        sa.Index("ix_desk_tasks_about", "about_kind", "about_id"),
        sa.Index("ix_desk_tasks_due_on", "due_on", "done_at"),
    )


class ListingFit(Base):
    """How a public listing stands against the other side, as the matcher found it last.

    ``fitting`` counts counterparts of the bands strong and good, at most ``fits.LOOKED_AT``;
    ``band`` is the best one's, None where nothing reaches the floor. Worked out by the clock,
    never by a page.
    """

    __tablename__ = "desk_listing_fits"

    listing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[str] = mapped_column(sa.String(12))
    band: Mapped[str | None] = mapped_column(sa.String(10))
    fitting: Mapped[int] = mapped_column(default=0)
    text_version: Mapped[int]
    looked_at: Mapped[Moment]

    __table_args__ = (
        one_of("side", SIDES),
        one_of("band", BANDS),
        sa.CheckConstraint("fitting >= 0", name="fitting_not_negative"),
        sa.Index("ix_desk_listing_fits_looked_at", "looked_at"),
        sa.Index("ix_desk_listing_fits_side", "side", "fitting"),
    )


class FieldSupply(Base):
    """Public achievements of a field of technology (hitech), counted by the clock.

    ``unsought`` are those that no open need is a good match of.
    """

    __tablename__ = "desk_field_supply"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    supply: Mapped[int]
    unsought: Mapped[int]
    counted_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("unsought BETWEEN 0 AND supply", name="unsought_of_supply"),
    )
