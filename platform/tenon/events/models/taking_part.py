"""Who takes part, with what, when; and whom they wish to meet."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tenon.accounts.models import Organisation, User
from tenon.db import Base, Json, Key, Moment, OptionalCode, OptionalMoment, PublicId, one_of
from tenon.events.models.event import Event, EventGroup
from tenon.events.states import ACTIVE_REGISTRATIONS, REGISTRATION_STATES
from tenon.listings.models import Listing

WISH_KINDS = ("must", "would", "rather_not")
WISH_STATES = ("open", "accepted", "declined", "withdrawn")
DECLINE_REASONS = ("no_fit", "no_time", "met_before", "already_in_touch", "competitor", "other")
ATTENDS = ("on_site", "online")
RULES = ("add", "forbid", "fix")
LANGUAGES = ("zh", "en", "fr", "de", "ja", "ko", "ru", "es")
_ACTIVE = ", ".join(f"'{state}'" for state in ACTIVE_REGISTRATIONS)


class Registration(Base):
    """One person's part in one event, for an organisation or for themselves.

    Delegates of one firm each have their own. ``code`` is the opaque one on the badge, which says
    nothing by itself. ``place`` numbers those who wait, first come first served; ``offer_until``
    is how long a free place is held for them. ``shows_contact``: who has an agreed meeting with
    them may read their contact data. ``live_key`` keeps one live registration a person and event.
    ``attends`` counts at a hybrid event only: ``online`` says whether it does.
    """

    __tablename__ = "event_registrations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisations.id"))
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("event_groups.id"))
    state: Mapped[str] = mapped_column(sa.String(12))
    version: Mapped[int] = mapped_column(default=1)
    live_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    place: Mapped[int | None]
    offer_until: Mapped[OptionalMoment]
    languages: Mapped[list[str]] = mapped_column(Json, default=list)
    attends: Mapped[str] = mapped_column(sa.String(8), default="on_site", server_default="on_site")
    wants_interpreter: Mapped[bool] = mapped_column(default=False)
    about: Mapped[str] = mapped_column(sa.String(500), default="")
    seeks: Mapped[str] = mapped_column(sa.String(500), default="")
    most_meetings: Mapped[int | None]
    table_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("event_tables.id", ondelete="SET NULL")
    )
    shows_contact: Mapped[bool] = mapped_column(default=False)
    state_reason: Mapped[str | None] = mapped_column(sa.Text)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[Moment]
    state_since: Mapped[Moment]

    event: Mapped[Event] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    organisation: Mapped[Organisation | None] = relationship()
    group: Mapped[EventGroup] = relationship()
    listings: Mapped[list[Listing]] = relationship(secondary="event_registration_listings")

    __table_args__ = (
        one_of("state", REGISTRATION_STATES),
        one_of("attends", ATTENDS),
        sa.CheckConstraint(
            f"(live_key IS NOT NULL) = (state IN ({_ACTIVE}))", name="live_key_while_live"
        ),
        sa.CheckConstraint("(state = 'waiting') = (place IS NOT NULL)", name="place_while_waiting"),
        sa.CheckConstraint(
            "(state = 'offered') = (offer_until IS NOT NULL)", name="offer_while_offered"
        ),
        sa.CheckConstraint("most_meetings IS NULL OR most_meetings > 0", name="most_positive"),
        sa.UniqueConstraint("event_id", "place"),
        sa.Index("ix_event_registrations_event_id_state", "event_id", "state"),
        sa.Index("ix_event_registrations_user_id", "user_id", "state"),
        sa.Index("ix_event_registrations_organisation_id", "organisation_id", "event_id"),
        sa.Index("ix_event_registrations_group_id", "group_id"),
        sa.Index("ix_event_registrations_table_id", "table_id"),
        sa.Index("ix_event_registrations_decided_by", "decided_by"),
        sa.Index("ix_event_registrations_offer_until", "offer_until"),
    )

    @property
    def online(self) -> bool:
        """Whether they take part from elsewhere, at an event that others come to."""
        return self.event.mode == "hybrid" and self.attends == "online"


class RegistrationListing(Base):
    """A listing that somebody comes with."""

    __tablename__ = "event_registration_listings"

    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_registrations.id", ondelete="CASCADE"), primary_key=True
    )
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id"), primary_key=True)

    __table_args__ = (sa.Index("ix_event_registration_listings_listing_id", "listing_id"),)


class Absence(Base):
    """A slot in which somebody taking part is not free."""

    __tablename__ = "event_absences"

    registration_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_registrations.id", ondelete="CASCADE"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(
        sa.ForeignKey("event_slots.id", ondelete="CASCADE"), primary_key=True
    )

    __table_args__ = (sa.Index("ix_event_absences_slot_id", "slot_id"),)


class Wish(Base):
    """What one taking part wishes of another, and what the other says to it.

    ``score`` is the match score (0 to 1000) when it was made, where listings of both match;
    ``listing_id`` the other's listing that it is about, ``own_listing_id`` the own one.
    """

    __tablename__ = "event_wishes"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(12), default="open")
    version: Mapped[int] = mapped_column(default=1)
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    own_listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listings.id"))
    score: Mapped[int | None]
    message: Mapped[str] = mapped_column(sa.String(500), default="")
    decline_reason: Mapped[OptionalCode]
    decline_remark: Mapped[str | None] = mapped_column(sa.String(500))
    suggested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    answered_at: Mapped[OptionalMoment]

    from_: Mapped[Registration] = relationship(foreign_keys=[from_id])
    to: Mapped[Registration] = relationship(foreign_keys=[to_id])
    listing: Mapped[Listing | None] = relationship(foreign_keys=[listing_id])
    own_listing: Mapped[Listing | None] = relationship(foreign_keys=[own_listing_id])

    __table_args__ = (
        one_of("kind", WISH_KINDS),
        one_of("state", WISH_STATES),
        one_of("decline_reason", DECLINE_REASONS),
        sa.UniqueConstraint("event_id", "from_id", "to_id"),
        sa.CheckConstraint("from_id <> to_id", name="two_people"),
        sa.CheckConstraint("score IS NULL OR score BETWEEN 0 AND 1000", name="score_bounded"),
        sa.CheckConstraint(
            "(state = 'declined') = (decline_reason IS NOT NULL)", name="declined_with_reason"
        ),
        sa.CheckConstraint("kind <> 'rather_not' OR state <> 'accepted'", name="rather_not_open"),
        sa.Index("ix_event_wishes_from_id", "from_id", "state"),
        sa.Index("ix_event_wishes_to_id", "to_id", "state"),
        sa.Index("ix_event_wishes_listing_id", "listing_id"),
        sa.Index("ix_event_wishes_own_listing_id", "own_listing_id"),
    )


class PairRule(Base):
    """What the organiser decides of two who take part: let them meet, keep them apart, fix it."""

    __tablename__ = "event_pair_rules"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events.id"))
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    b_id: Mapped[int] = mapped_column(sa.ForeignKey("event_registrations.id"))
    rule: Mapped[str] = mapped_column(sa.String(8))
    slot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_slots.id"))
    table_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event_tables.id"))
    remark: Mapped[str] = mapped_column(sa.String(300), default="")
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    made_at: Mapped[Moment]

    __table_args__ = (
        one_of("rule", RULES),
        sa.UniqueConstraint("event_id", "a_id", "b_id"),
        sa.CheckConstraint("a_id < b_id", name="ordered"),
        sa.CheckConstraint("(rule = 'fix') = (slot_id IS NOT NULL)", name="fixed_in_a_slot"),
        sa.CheckConstraint("table_id IS NULL OR slot_id IS NOT NULL", name="table_in_a_slot"),
        sa.Index("ix_event_pair_rules_a_id", "a_id"),
        sa.Index("ix_event_pair_rules_b_id", "b_id"),
        sa.Index("ix_event_pair_rules_slot_id", "slot_id"),
        sa.Index("ix_event_pair_rules_table_id", "table_id"),
        sa.Index("ix_event_pair_rules_made_by", "made_by"),
    )
