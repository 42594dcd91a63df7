"""Tables of notices, of who wants which when, and of mail that waits to be sent."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Code, Facts, Key, Moment, OptionalCode, OptionalMoment
from tenon.notices.planning import DIGEST_HOUR, NIGHT, NO_QUIET, Quiet


class Notice(Base):
    """Something a person should know: a kind, facts for its wording, and an address to open.

    ``about_id`` is the person whom the facts name, if they name one: erasure asks for it.
    ``in_site``: shown in the inbox. ``mail``: ``none`` (not to be mailed), ``waiting``, ``mailed``
    (in the mail written to the person at ``mailed_at``) or ``spared`` (read before, switched off
    meanwhile).
    """

    __tablename__ = "notices"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    about_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[Code]
    facts: Mapped[Facts]
    path: Mapped[str] = mapped_column(sa.String(300))
    created_at: Mapped[Moment]
    read_at: Mapped[OptionalMoment]
    in_site: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    mail: Mapped[str] = mapped_column(sa.String(10), default="none", server_default="none")
    mailed_at: Mapped[OptionalMoment]

    __table_args__ = (
        sa.Index("ix_notices_user_id_read_at", "user_id", "read_at"),
        sa.Index("ix_notices_about_id", "about_id"),
        sa.Index(
            "ix_notices_waiting",
            "user_id",
            postgresql_where=sa.text("mail = 'waiting'"),
            sqlite_where=sa.text("mail = 'waiting'"),
        ),
    )


class NoticeChoice(Base):
    """Where a person wants a kind otherwise than its default; NULL means as the default is."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    in_site: Mapped[bool | None]
    mail: Mapped[OptionalCode]

    __table_args__ = (sa.CheckConstraint("mail IN ('now', 'digest', 'off')", name="mail_known"),)


class NoticeSchedule(Base):
    """When a person is mailed: their hours, and what is planned.

    Whoever changes what is planned holds a lock on this row, or leaves it to a gathering.

    ``quiet_begins`` and ``quiet_ends`` are minutes of the day, both NULL for none. ``mailed_at``:
    the last notice mail, digests included. ``gather_at``: for when a gathering is queued, NULL for
    none. ``digest_at``: when the next digest is due, NULL while nothing waits for one.
    ``digest_day``: the last day of which a digest was written.
    """

    __tablename__ = "notice_schedules"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), primary_key=True)
    # A None given on purpose is written as NULL and does not become the default.
    quiet_begins: Mapped[int | None] = mapped_column(
        sa.SmallInteger().evaluates_none(), default=NIGHT.begins
    )
    quiet_ends: Mapped[int | None] = mapped_column(
        sa.SmallInteger().evaluates_none(), default=NIGHT.ends
    )
    digest_hour: Mapped[int] = mapped_column(sa.SmallInteger, default=DIGEST_HOUR)
    mailed_at: Mapped[OptionalMoment]
    gather_at: Mapped[OptionalMoment]
    digest_at: Mapped[OptionalMoment]
    digest_day: Mapped[date | None]

    __table_args__ = (
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour_of_a_day"),
        sa.CheckConstraint("quiet_begins BETWEEN 0 AND 1439", name="quiet_begins_within_a_day"),
        sa.CheckConstraint("quiet_ends BETWEEN 0 AND 1439", name="quiet_ends_within_a_day"),
        sa.CheckConstraint(
            "(quiet_begins IS NULL) = (quiet_ends IS NULL)", name="quiet_has_both_ends"
        ),
        sa.Index(
            "ix_notice_schedules_digest_at",
            "digest_at",
            postgresql_where=sa.text("digest_at IS NOT NULL"),
            sqlite_where=sa.text("digest_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_notice_schedules_gather_at",
            "gather_at",
            postgresql_where=sa.text("gather_at IS NOT NULL"),
            sqlite_where=sa.text("gather_at IS NOT NULL"),
        ),
    )

    @property
    def quiet(self) -> Quiet:
        """The hours without mail."""
        return quiet_hours(self.quiet_begins, self.quiet_ends)


def quiet_hours(begins: int | None, ends: int | None) -> Quiet:
    """Return the hours that two columns of a schedule mean."""
    return NO_QUIET if begins is None or ends is None else Quiet(begins, ends)


class Mail(Base):
    """One mail, rendered when written; sent once by the outbox. ``about_id`` as in notices.

    ``kind``: ``account`` (asked for by an act of one's own: no choice), ``notice`` or ``digest``.
    ``scope``: what its unsubscribe link switches off: a kind, a group, or ``all``; NULL for none.
    ``digest_day``: of which day it is the digest; there is one a person and day.
    ``attempts``: how often the server would not take it yet, the first time at
    ``first_failed_at``; ``problem``: its last words, without addresses. ``failed_at``: given up.
    ``language``: ``zh`` or ``en`` where it is known.
    """

    __tablename__ = "mails"

    id: Mapped[Key]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    about_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    recipient: Mapped[str] = mapped_column(sa.String(255))
    subject: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str | None] = mapped_column(sa.Text)
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[Moment]
    sent_at: Mapped[OptionalMoment]
    kind: Mapped[str] = mapped_column(sa.String(10), default="account", server_default="account")
    scope: Mapped[OptionalCode]
    digest_day: Mapped[date | None]
    language: Mapped[str | None] = mapped_column(sa.String(8))
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    first_failed_at: Mapped[OptionalMoment]
    failed_at: Mapped[OptionalMoment]
    problem: Mapped[str | None] = mapped_column(sa.String(300))

    __table_args__ = (
        sa.Index(
            "ix_mails_waiting",
            "created_at",
            postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
            sqlite_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
        ),
        sa.Index(
            "ix_mails_failed_at",
            "failed_at",
            postgresql_where=sa.text("failed_at IS NOT NULL"),
            sqlite_where=sa.text("failed_at IS NOT NULL"),
        ),
        sa.Index("uq_mails_user_id_digest_day", "user_id", "digest_day", unique=True),
        sa.Index("ix_mails_user_id", "user_id"),
        sa.Index("ix_mails_about_id", "about_id"),
    )
