"""The day itself and after: check-ins, devices at the door, outcomes, mails to many."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, Json, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.events.models.event import Event
from tenon.events.models.taking_part import Registration
from tenon.events.models.timetable import Meeting

CHECK_IN_WAYS = ("camera", "scanner", "typed", "list", "self")
OUTCOMES = ("nothing", "follow_up", "nda", "sample_or_trial", "letter_of_intent", "contract")


class CheckIn(Base):
    """Somebody arrived. ``client_key`` comes from the device: the same twice is one.

    ``at`` is when it happened, on the device; ``received_at`` when the site heard of it.
    """

    __tablename__ = "event_check_ins"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_registrations.id"), unique=True
    )
    way: Mapped[str] = mapped_column(sa.String(10))
    device_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_devices.id"))
    client_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    at: Mapped[Moment]
    received_at: Mapped[Moment]
    by_user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    registration: Mapped[Registration] = relationship()

    __table_args__ = (
        one_of("way", CHECK_IN_WAYS),
        sa.Index("ix_event_check_ins_event_id", "event_id", "at"),
        sa.Index("ix_event_check_ins_device_id", "device_id"),
        sa.Index("ix_event_check_ins_by_user_id", "by_user_id"),
    )


class Device(Base):
    """A phone or tablet at the door: what it may hold, and until when it may hold it."""

    __tablename__ = "event_devices"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    roster_until: Mapped[Moment]
    synced_at: Mapped[OptionalMoment]
    withdrawn_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]

    event: Mapped[Event] = relationship()

    __table_args__ = (
        sa.Index("ix_event_devices_event_id", "event_id"),
        sa.Index("ix_event_devices_user_id", "user_id"),
    )


class Outcome(Base):
    """What one side says came of a meeting; three taps. ``client_key``: the same twice is one."""

    __tablename__ = "event_outcomes"

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("event_meetings.id"))
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    outcome: Mapped[str] = mapped_column(sa.String(20))
    rating: Mapped[int]
    remark: Mapped[str] = mapped_column(sa.String(500), default="")
    client_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    at: Mapped[Moment]
    changed_at: Mapped[Moment]

    meeting: Mapped[Meeting] = relationship()
    registration: Mapped[Registration] = relationship()

    __table_args__ = (
        one_of("outcome", OUTCOMES),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_bounded"),
        sa.UniqueConstraint("meeting_id", "registration_id"),
        sa.Index("ix_event_outcomes_registration_id", "registration_id"),
    )


class Mailing(Base):
    """A mail to many of an event: whom it was shown to go to, and that it went once.

    ``choice`` is what the organiser chose recipients by; who they were at sending are rows.
    """

    __tablename__ = "event_mailings"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    subject_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    subject_en: Mapped[str] = mapped_column(sa.String(200), default="")
    text_zh: Mapped[str] = mapped_column(sa.Text, default="")
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    choice: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    request_key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    written_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    sent_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("subject_zh <> '' OR subject_en <> ''", name="has_subject"),
        sa.Index("ix_event_mailings_event_id", "event_id"),
        sa.Index("ix_event_mailings_written_by", "written_by"),
    )


class MailingRecipient(Base):
    """Somebody who was sent a mailing; once."""

    __tablename__ = "event_mailing_recipients"

    mailing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_mailings.id", ondelete="CASCADE"), primary_key=True
    )
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_registrations.id"), primary_key=True
    )

    __table_args__ = (sa.Index("ix_event_mailing_recipients_registration_id", "registration_id"),)
