"""An event: what it is, where and when, its rooms, tables, slots, sessions, and who may meet whom.

Slots are rows made from the days and their breaks: that nobody is in two places at once is then a
constraint that both databases can hold.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation
from tenon.db import Base, Json, Key, Moment, OptionalMoment, PublicId, one_of
from tenon.events.states import EVENT_STATES

KINDS = ("one_to_one", "roadshow", "open_day", "challenge_day")
MODES = ("on_site", "online", "hybrid")
SLOT_MINUTES = (15, 20, 30)
SESSION_KINDS = ("opening", "talk", "pitch", "panel", "challenge", "break", "other")
LEVELS = ("block_scheduling", "block_release", "warn", "ignore")
"""What a conflict does: it cannot be entered, cannot be released, is pointed out, is not said."""


class Event(Base):
    """A matchmaking event in one time zone, hosted by an organisation and run by a broker.

    The phases are moments: registration, requests, release of the timetable, follow-up; the state
    says only whether it is prepared, public, over or called off. ``sequence`` counts what
    calendars must be told (RFC 5545). ``costs`` are the optimiser's penalties, ``levels`` this
    event's own levels of conflict by code. ``most_requests`` limits how many wishes somebody may
    have open; None is no limit. ``reached_at`` is when it first counted: held, and somebody
    checked in.
    """

    __tablename__ = "events"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    state: Mapped[str] = mapped_column(sa.String(12), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(sa.String(20))
    mode: Mapped[str] = mapped_column(sa.String(10), default="on_site")
    title_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    text_zh: Mapped[str] = mapped_column(sa.Text, default="")
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events.id"))
    zone: Mapped[str] = mapped_column(sa.String(60), default="Asia/Shanghai")
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    venue_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    venue_en: Mapped[str] = mapped_column(sa.String(200), default="")
    address_zh: Mapped[str] = mapped_column(sa.String(300), default="")
    address_en: Mapped[str] = mapped_column(sa.String(300), default="")
    region: Mapped[str | None] = mapped_column(sa.String(12))
    online_url: Mapped[str | None] = mapped_column(sa.String(500))
    map_sha256: Mapped[str | None] = mapped_column(sa.String(64))
    map_type: Mapped[str | None] = mapped_column(sa.String(40))
    capacity: Mapped[int | None]
    needs_approval: Mapped[bool] = mapped_column(default=False)
    slot_minutes: Mapped[int] = mapped_column(default=20)
    walk_minutes: Mapped[int] = mapped_column(default=5)
    most_meetings: Mapped[int] = mapped_column(default=12)
    least_meetings: Mapped[int] = mapped_column(default=1)
    most_requests: Mapped[int | None] = mapped_column(default=20)
    registration_from: Mapped[OptionalMoment]
    registration_until: Mapped[OptionalMoment]
    requests_from: Mapped[OptionalMoment]
    requests_until: Mapped[OptionalMoment]
    schedule_until: Mapped[OptionalMoment]
    follow_up_until: Mapped[OptionalMoment]
    costs: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    levels: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    sequence: Mapped[int] = mapped_column(default=0)
    called_off_reason: Mapped[str | None] = mapped_column(sa.Text)
    reached_at: Mapped[OptionalMoment]
    created_at: Mapped[Moment]

    organisation: Mapped[Organisation] = relationship()
    days: Mapped[list[EventDay]] = relationship(
        order_by="EventDay.day", cascade="all, delete-orphan"
    )
    rooms: Mapped[list[EventRoom]] = relationship(
        order_by="EventRoom.position", cascade="all, delete-orphan"
    )
    groups: Mapped[list[EventGroup]] = relationship(
        order_by="EventGroup.position", cascade="all, delete-orphan"
    )
    sessions: Mapped[list[EventSession]] = relationship(
        order_by="EventSession.starts_at", cascade="all, delete-orphan"
    )

    __table_args__ = (
        one_of("state", EVENT_STATES),
        one_of("kind", KINDS),
        one_of("mode", MODES),
        sa.CheckConstraint("slot_minutes IN (15, 20, 30)", name="slot_minutes_known"),
        sa.CheckConstraint("walk_minutes BETWEEN 0 AND 30", name="walk_minutes_bounded"),
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        sa.CheckConstraint("most_meetings > 0", name="most_positive"),
        sa.CheckConstraint(
            "least_meetings >= 0 AND least_meetings <= most_meetings", name="least_up_to_most"
        ),
        sa.CheckConstraint(
            "state = 'draft' OR title_zh <> '' OR title_en <> ''", name="public_has_title"
        ),
        sa.CheckConstraint("(map_sha256 IS NULL) = (map_type IS NULL)", name="map_whole"),
        sa.Index("ix_events_state_starts_at", "state", "starts_at"),
        sa.Index("ix_events_owner_id", "owner_id", "state"),
        sa.Index("ix_events_organisation_id", "organisation_id", "state"),
    )

    def title(self, language: str) -> str:
        """Return the title in a language, or in the other where it was not written."""
        return self._said("title", language)

    def text(self, language: str) -> str:
        """Return the description in a language, or in the other."""
        return self._said("text", language)

    def venue(self, language: str) -> str:
        """Return the venue's name in a language, or in the other."""
        return self._said("venue", language)

    def address(self, language: str) -> str:
        """Return the venue's address in a language, or in the other."""
        return self._said("address", language)

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the event's own zone."""
        return moment.astimezone(ZoneInfo(self.zone))

    def _said(self, part: str, language: str) -> str:
        first, second = ("zh", "en") if language == "zh" else ("en", "zh")
        return str(getattr(self, f"{part}_{first}") or getattr(self, f"{part}_{second}"))


class EventDay(Base):
    """One day of meetings: from when until when, in the event's zone, and its breaks.

    Minutes count from midnight. ``breaks`` are pairs of minutes, not overlapping, ascending.
    """

    __tablename__ = "event_days"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    day: Mapped[date]
    opens: Mapped[int]
    closes: Mapped[int]
    breaks: Mapped[list[list[int]]] = mapped_column(Json, default=list)

    __table_args__ = (
        sa.UniqueConstraint("event_id", "day"),
        sa.CheckConstraint("opens >= 0 AND opens < closes AND closes <= 1440", name="opens_first"),
    )


class EventSlot(Base):
    """A span in which one meeting fits; numbered from 0 through all days."""

    __tablename__ = "event_slots"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]

    __table_args__ = (
        sa.UniqueConstraint("event_id", "number"),
        sa.UniqueConstraint("event_id", "starts_at"),
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
    )


class EventRoom(Base):
    """A room of the venue, or an online room with its own address."""

    __tablename__ = "event_rooms"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80), default="")
    online_url: Mapped[str | None] = mapped_column(sa.String(500))

    tables: Mapped[list[EventTable]] = relationship(
        order_by="EventTable.position", cascade="all, delete-orphan", back_populates="room"
    )

    __table_args__ = (sa.UniqueConstraint("event_id", "position"),)

    def name(self, language: str) -> str:
        """Return the room's name in a language, or in the other."""
        return (self.name_en or self.name_zh) if language == "en" else self.name_zh


class EventTable(Base):
    """A table at which one meeting sits at a time; ``closed`` are slot numbers without it."""

    __tablename__ = "event_tables"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    room_id: Mapped[int] = mapped_column(sa.ForeignKey("event_rooms.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(20))
    closed: Mapped[list[int]] = mapped_column(Json, default=list)

    room: Mapped[EventRoom] = relationship(back_populates="tables")

    __table_args__ = (
        sa.UniqueConstraint("event_id", "name"),
        sa.Index("ix_event_tables_room_id", "room_id"),
    )


class EventGroup(Base):
    """What somebody takes part as: researchers, companies, investors ..."""

    __tablename__ = "event_groups"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(sa.String(30))
    position: Mapped[int] = mapped_column(default=0)
    name_zh: Mapped[str] = mapped_column(sa.String(80))
    name_en: Mapped[str] = mapped_column(sa.String(80))

    __table_args__ = (sa.UniqueConstraint("event_id", "code"),)

    def name(self, language: str) -> str:
        """Return the group's name in a language."""
        return self.name_en if language == "en" else self.name_zh


class EventMay(Base):
    """Two groups whose members may meet; a group may be paired with itself. Both ways."""

    __tablename__ = "event_may"

    event_id: Mapped[int] = mapped_column(
        sa.ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    a_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_groups.id", ondelete="CASCADE"), primary_key=True
    )
    b_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_groups.id", ondelete="CASCADE"), primary_key=True
    )

    __table_args__ = (
        sa.CheckConstraint("a_id <= b_id", name="ordered"),
        sa.Index("ix_event_may_a_id", "a_id"),
        sa.Index("ix_event_may_b_id", "b_id"),
    )


class EventSession(Base):
    """A talk, pitch, break ... of the programme; its speakers are not free meanwhile.

    ``for_all``: nobody meets while it lasts.
    """

    __tablename__ = "event_sessions"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("event_rooms.id", ondelete="SET NULL")
    )
    kind: Mapped[str] = mapped_column(sa.String(12), default="talk")
    title_zh: Mapped[str] = mapped_column(sa.String(200), default="")
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    text_zh: Mapped[str] = mapped_column(sa.Text, default="")
    text_en: Mapped[str] = mapped_column(sa.Text, default="")
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    for_all: Mapped[bool] = mapped_column(default=False)

    room: Mapped[EventRoom | None] = relationship()
    speakers: Mapped[list[EventSpeaker]] = relationship(
        order_by="EventSpeaker.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        one_of("kind", SESSION_KINDS),
        sa.CheckConstraint("starts_at < ends_at", name="starts_before_end"),
        sa.CheckConstraint("title_zh <> '' OR title_en <> ''", name="titled"),
        sa.Index("ix_event_sessions_event_id", "event_id", "starts_at"),
        sa.Index("ix_event_sessions_room_id", "room_id"),
    )

    def title(self, language: str) -> str:
        """Return the title in a language, or in the other."""
        return (
            (self.title_en or self.title_zh)
            if language == "en"
            else (self.title_zh or self.title_en)
        )


class EventSpeaker(Base):
    """Who speaks in a session: somebody registered, or a name."""

    __tablename__ = "event_speakers"

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("event_sessions.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    registration_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("event_registrations.id", ondelete="SET NULL")
    )
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    about: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (
        sa.Index("ix_event_speakers_session_id", "session_id"),
        sa.Index("ix_event_speakers_registration_id", "registration_id"),
    )


class EventInterpreter(Base):
    """Somebody who interprets at meetings; ``languages`` are codes, ``closed`` slot numbers."""

    __tablename__ = "event_interpreters"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(80))
    languages: Mapped[list[str]] = mapped_column(Json)
    closed: Mapped[list[int]] = mapped_column(Json, default=list)

    __table_args__ = (sa.Index("ix_event_interpreters_event_id", "event_id"),)
