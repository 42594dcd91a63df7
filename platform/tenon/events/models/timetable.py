"""Drafts of timetables as the optimiser makes them, and the meetings that are agreed.

A draft may be thrown away; a meeting is what people are told. ``event_seats`` holds that nobody
sits at two tables at once, the partial index on meetings that no table is taken twice.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.db import Base, BigId, Json, Key, Moment, OptionalCode, OptionalMoment, PublicId, one_of
from tenon.events.models.event import Event, EventInterpreter, EventSlot, EventTable
from tenon.events.models.taking_part import Registration
from tenon.events.states import LIVE_MEETINGS, MEETING_STATES
from tenon.listings.models import Listing

DRAFT_STATES = ("queued", "running", "ready", "stopped", "failed", "released", "replaced")
DRAFT_KINDS = ("full", "replan")
ENDED = ("optimal", "time", "stopped", "crashed")
MEETING_ORIGINS = ("timetable", "request", "ad_hoc", "organiser")
MOVED_REASONS = ("cancelled", "no_show", "late", "replan", "organiser", "event_called_off", "other")
_LIVE = ", ".join(f"'{state}'" for state in LIVE_MEETINGS)


class TimetableDraft(Base):
    """One run of the optimiser: what it reached, the bound it proved, and against what.

    Values are the optimiser's points. ``floor`` counts those with at least one meeting.
    ``wanted_stop`` asks the process to end with the best so far; ``progress`` are pairs of
    (seconds, value). ``ordered_by`` is who asked for it.
    """

    __tablename__ = "event_timetables"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(8), default="full")
    state: Mapped[str] = mapped_column(sa.String(12), default="queued")
    version: Mapped[int] = mapped_column(default=1)
    seconds_allowed: Mapped[int] = mapped_column(default=20)
    wanted_stop: Mapped[bool] = mapped_column(default=False)
    value: Mapped[int | None] = mapped_column(BigId)
    penalties: Mapped[int | None] = mapped_column(BigId)
    floor: Mapped[int | None]
    bound: Mapped[int | None] = mapped_column(BigId)
    bound_floor: Mapped[int | None]
    bound_name: Mapped[str | None] = mapped_column(sa.String(60))
    greedy_value: Mapped[int | None] = mapped_column(BigId)
    first_come_value: Mapped[int | None] = mapped_column(BigId)
    meetings_moved: Mapped[int | None]
    ended: Mapped[OptionalCode]
    error: Mapped[str | None] = mapped_column(sa.Text)
    progress: Mapped[list[list[float]]] = mapped_column(Json, default=list)
    settings: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    ordered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[Moment]
    started_at: Mapped[OptionalMoment]
    finished_at: Mapped[OptionalMoment]
    released_at: Mapped[OptionalMoment]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))

    event: Mapped[Event] = relationship()

    __table_args__ = (
        one_of("kind", DRAFT_KINDS),
        one_of("state", DRAFT_STATES),
        one_of("ended", ENDED),
        sa.UniqueConstraint("event_id", "number"),
        sa.CheckConstraint("seconds_allowed BETWEEN 1 AND 600", name="seconds_bounded"),
        sa.CheckConstraint(
            "(state IN ('released', 'replaced')) = (released_at IS NOT NULL)", name="released_whole"
        ),
        sa.Index("ix_event_timetables_event_id_state", "event_id", "state"),
        sa.Index("ix_event_timetables_ordered_by", "ordered_by"),
        sa.Index("ix_event_timetables_released_by", "released_by"),
        # One run at a time an event.
        sa.Index(
            "uq_event_timetables_running",
            "event_id",
            unique=True,
            postgresql_where=sa.text("state IN ('queued', 'running')"),
            sqlite_where=sa.text("state IN ('queued', 'running')"),
        ),
        # One released timetable an event.
        sa.Index(
            "uq_event_timetables_released",
            "event_id",
            unique=True,
            postgresql_where=sa.text("state = 'released'"),
            sqlite_where=sa.text("state = 'released'"),
        ),
    )


class DraftMeeting(Base):
    """A meeting in a draft; ``pinned`` ones the organiser put there and a new run keeps."""

    __tablename__ = "event_draft_meetings"

    id: Mapped[Key]
    timetable_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_timetables.id", ondelete="CASCADE")
    )
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("event_slots.id"))
    table_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_tables.id"))
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    b_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_interpreters.id"))
    value: Mapped[int] = mapped_column(default=0)
    pinned: Mapped[bool] = mapped_column(default=False)

    slot: Mapped[EventSlot] = relationship()
    table: Mapped[EventTable | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("timetable_id", "slot_id", "table_id"),
        sa.UniqueConstraint("timetable_id", "slot_id", "a_id"),
        sa.UniqueConstraint("timetable_id", "slot_id", "b_id"),
        sa.UniqueConstraint("timetable_id", "a_id", "b_id"),
        sa.UniqueConstraint("timetable_id", "slot_id", "interpreter_id"),
        sa.CheckConstraint("a_id < b_id", name="ordered"),
        sa.Index("ix_event_draft_meetings_slot_id", "slot_id"),
        sa.Index("ix_event_draft_meetings_table_id", "table_id"),
        sa.Index("ix_event_draft_meetings_a_id", "a_id"),
        sa.Index("ix_event_draft_meetings_b_id", "b_id"),
        sa.Index("ix_event_draft_meetings_interpreter_id", "interpreter_id"),
    )


class Meeting(Base):
    """An agreed meeting of two who take part: what calendars, agendas and reports show.

    ``sequence`` counts its changes for calendars. ``missed_by`` is who did not come (``a``, ``b``,
    ``both``). ``pinned`` ones are not moved by a new plan. ``need`` and ``achievement`` are what
    it is about, where both brought one. ``live_pair`` keeps one live meeting a pair and event.
    ``introduction_id`` and ``deal_id`` are what it led to.
    """

    __tablename__ = "event_meetings"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("event_slots.id"))
    table_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_tables.id"))
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    b_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    interpreter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_interpreters.id"))
    state: Mapped[str] = mapped_column(sa.String(12), default="planned")
    version: Mapped[int] = mapped_column(default=1)
    live_pair: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    origin: Mapped[str] = mapped_column(sa.String(12), default="timetable")
    pinned: Mapped[bool] = mapped_column(default=False)
    value: Mapped[int] = mapped_column(default=0)
    need_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    achievement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    sequence: Mapped[int] = mapped_column(default=0)
    missed_by: Mapped[str | None] = mapped_column(sa.String(4))
    called_off_reason: Mapped[OptionalCode]
    introduction_id: Mapped[int | None] = mapped_column(sa.ForeignKey("introductions.id"))
    deal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deals.id"))
    reminded: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]

    event: Mapped[Event] = relationship()
    slot: Mapped[EventSlot] = relationship()
    table: Mapped[EventTable | None] = relationship()
    interpreter: Mapped[EventInterpreter | None] = relationship()
    a: Mapped[Registration] = relationship(foreign_keys=[a_id])
    b: Mapped[Registration] = relationship(foreign_keys=[b_id])
    need: Mapped[Listing | None] = relationship(foreign_keys=[need_id])
    achievement: Mapped[Listing | None] = relationship(foreign_keys=[achievement_id])

    __table_args__ = (
        one_of("state", MEETING_STATES),
        one_of("origin", MEETING_ORIGINS),
        one_of("missed_by", ("a", "b", "both")),
        one_of("called_off_reason", MOVED_REASONS),
        sa.CheckConstraint("a_id < b_id", name="ordered"),
        sa.CheckConstraint(f"(live_pair IS NOT NULL) = (state IN ({_LIVE}))", name="pair_live"),
        sa.CheckConstraint("(state = 'no_show') = (missed_by IS NOT NULL)", name="missed_whole"),
        sa.CheckConstraint(
            "(state = 'called_off') = (called_off_reason IS NOT NULL)", name="called_off_whole"
        ),
        sa.Index(
            "uq_event_meetings_slot_id_table_id",
            "slot_id",
            "table_id",
            unique=True,
            postgresql_where=sa.text(f"state IN ({_LIVE})"),
            sqlite_where=sa.text(f"state IN ({_LIVE})"),
        ),
        sa.Index(
            "uq_event_meetings_slot_id_interpreter_id",
            "slot_id",
            "interpreter_id",
            unique=True,
            postgresql_where=sa.text(f"state IN ({_LIVE})"),
            sqlite_where=sa.text(f"state IN ({_LIVE})"),
        ),
        sa.Index("ix_event_meetings_event_id_state", "event_id", "state", "slot_id"),
        sa.Index("ix_event_meetings_a_id", "a_id", "state"),
        sa.Index("ix_event_meetings_b_id", "b_id", "state"),
        sa.Index("ix_event_meetings_table_id", "table_id"),
        sa.Index("ix_event_meetings_interpreter_id", "interpreter_id"),
        sa.Index("ix_event_meetings_need_id", "need_id"),
        sa.Index("ix_event_meetings_achievement_id", "achievement_id"),
        sa.Index("ix_event_meetings_introduction_id", "introduction_id"),
        sa.Index("ix_event_meetings_deal_id", "deal_id"),
    )


class Seat(Base):
    """Somebody's one place in one slot, held by a live meeting: the double booking cannot be."""

    __tablename__ = "event_seats"

    slot_id: Mapped[int] = mapped_column(sa.ForeignKey("event_slots.id"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_registrations.id"), primary_key=True
    )
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("event_meetings.id", ondelete="CASCADE"))

    __table_args__ = (
        sa.Index("ix_event_seats_meeting_id", "meeting_id"),
        sa.Index("ix_event_seats_registration_id", "registration_id"),
    )
