"""Tables of the room: a need's way through the network, its log, replies, visits, a place's choice.

``NeedCase`` says how things stand, ``NeedCaseMove`` how they came to stand so: the moves of a case,
taken in order, give its present state (``replaying``).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import Base, Code, Json, Key, Moment, OptionalCode, OptionalMoment, PublicId, one_of
from tenon.listings.models import Listing
from tenon.network.models import Station

CASE_STATES = ("open", "answered", "closed")
ANSWERS = ("proposed", "passed_on", "reply")
"""An introduction was proposed to the firm; one was passed on; a broker wrote to the firm."""

CLOSINGS = ("rejected", "withdrawn", "concluded", "expired")
MOVES = (
    "received",
    "routed",
    "assigned",
    "taken",
    "passed_on",
    "escalated",
    "reminded",
    "answered",
    "reopened",
    "closed",
)
CONSENTS = ("none", "work", "publish", "publish_unnamed")
"""What a firm agreed to: nothing, working on its need, publishing it, publishing it unnamed."""


class NeedCase(Base):
    """One need that came into the network: where it is, who looks after it, until when.

    ``entry_station_id`` is where it came in, ``station_id`` where it is now, ``risen`` how many
    levels it rose since it was received or opened anew. ``due_on`` is the last day for an answer,
    by the site's clock. ``reminded_for`` is the deadline that was reminded of, ``told_on`` the day
    on which the top was last told of it.
    """

    __tablename__ = "need_cases"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"), unique=True)
    entry_station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"))
    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    version: Mapped[int] = mapped_column(default=1)
    risen: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[Moment]
    due_on: Mapped[date]
    answered_at: Mapped[OptionalMoment]
    answered_how: Mapped[OptionalCode]
    closed_how: Mapped[OptionalCode]
    reminded_for: Mapped[date | None]
    told_on: Mapped[date | None]

    listing: Mapped[Listing] = relationship()
    entry_station: Mapped[Station] = relationship(foreign_keys=[entry_station_id])
    station: Mapped[Station] = relationship(foreign_keys=[station_id])
    broker: Mapped[User | None] = relationship(foreign_keys=[broker_id])

    __table_args__ = (
        one_of("state", CASE_STATES),
        one_of("answered_how", ANSWERS),
        one_of("closed_how", CLOSINGS),
        sa.CheckConstraint("risen >= 0", name="risen_not_negative"),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_how IS NULL)", name="answer_whole"),
        sa.CheckConstraint(
            "state <> 'answered' OR answered_at IS NOT NULL", name="answered_by_an_answer"
        ),
        sa.CheckConstraint("(closed_how IS NOT NULL) = (state = 'closed')", name="closed_somehow"),
        sa.Index("ix_need_cases_station_id", "station_id", "state", "due_on"),
        sa.Index("ix_need_cases_entry_station_id", "entry_station_id", "state", "due_on"),
        sa.Index("ix_need_cases_broker_id", "broker_id", "state", "due_on"),
        sa.Index("ix_need_cases_state_due_on", "state", "due_on", "id"),
    )


class NeedCaseMove(Base):
    """One step on the way; only ever added. ``number`` counts a case's steps from 1.

    ``state``, ``due_on``, ``to_station_id`` and ``to_broker_id`` are how things stand after it.
    ``reasons`` holds ``{"code": ..., further facts}``; ``remark`` what somebody wrote.
    """

    __tablename__ = "need_case_moves"

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("need_cases.id"))
    number: Mapped[int]
    kind: Mapped[Code]
    state: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[Moment]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    from_station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    to_station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"))
    from_broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    to_broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    due_on: Mapped[date]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    remark: Mapped[str | None] = mapped_column(sa.Text)

    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    from_station: Mapped[Station | None] = relationship(foreign_keys=[from_station_id])
    to_station: Mapped[Station] = relationship(foreign_keys=[to_station_id])
    from_broker: Mapped[User | None] = relationship(foreign_keys=[from_broker_id])
    to_broker: Mapped[User | None] = relationship(foreign_keys=[to_broker_id])

    __table_args__ = (
        one_of("kind", MOVES),
        one_of("state", CASE_STATES),
        sa.UniqueConstraint("case_id", "number"),
        sa.Index("ix_need_case_moves_kind_at", "kind", "at"),
        sa.Index("ix_need_case_moves_by_id", "by_id"),
        sa.Index("ix_need_case_moves_from_broker_id", "from_broker_id"),
        sa.Index("ix_need_case_moves_to_broker_id", "to_broker_id"),
        sa.Index("ix_need_case_moves_from_station_id", "from_station_id"),
        sa.Index("ix_need_case_moves_to_station_id", "to_station_id"),
    )


class NeedReply(Base):
    """What a broker answered a firm about its need, read on the need's page."""

    __tablename__ = "need_replies"

    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("need_cases.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[Moment]

    author: Mapped[User | None] = relationship()

    __table_args__ = (
        sa.Index("ix_need_replies_case_id", "case_id", "id"),
        sa.Index("ix_need_replies_author_id", "author_id"),
    )


class Visit(Base):
    """A broker's visit to a firm: the firm's own words, what it agreed to, who said so.

    ``key`` is made by the device, so that a report sent again after a lost network counts once.
    """

    __tablename__ = "visits"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisations.id"))
    broker_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    station_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stations.id"))
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"), unique=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    visited_on: Mapped[date]
    words: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(2))
    consent: Mapped[str] = mapped_column(sa.String(20), default="none")
    consent_name: Mapped[str | None] = mapped_column(sa.String(120))
    consent_office: Mapped[str | None] = mapped_column(sa.String(120))
    created_at: Mapped[Moment]

    organisation: Mapped[Organisation] = relationship()
    broker: Mapped[User | None] = relationship()
    station: Mapped[Station | None] = relationship()
    listing: Mapped[Listing | None] = relationship()

    __table_args__ = (
        one_of("consent", CONSENTS),
        one_of("language", ("zh", "en")),
        sa.CheckConstraint(
            "consent = 'none' OR consent_name IS NOT NULL", name="consent_by_somebody"
        ),
        sa.UniqueConstraint("broker_id", "key"),
        sa.Index("ix_visits_organisation_id", "organisation_id", "visited_on"),
        sa.Index("ix_visits_broker_id", "broker_id", "visited_on"),
        sa.Index("ix_visits_station_id", "station_id", "visited_on"),
    )


class RoutingChoice(Base):
    """Whether a place has needs assigned by themselves; without a row it is as the place above."""

    __tablename__ = "routing_choices"

    station_id: Mapped[int] = mapped_column(sa.ForeignKey("stations.id"), primary_key=True)
    automatic: Mapped[bool]
    chosen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    chosen_at: Mapped[Moment]

    __table_args__ = (sa.Index("ix_routing_choices_chosen_by", "chosen_by"),)
