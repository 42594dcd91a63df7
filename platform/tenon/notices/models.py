"""Tables of notices and of mail that waits to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Code, Facts, Key, Moment, OptionalMoment


class Notice(Base):
    """Something a person should know: a kind, facts for its wording, and an address to open.

    ``about_id`` is the person whom the facts name, if they name one: erasure asks for it.
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

    __table_args__ = (
        sa.Index("ix_notices_user_id_read_at", "user_id", "read_at"),
        sa.Index("ix_notices_about_id", "about_id"),
    )


class Mail(Base):
    """One mail, rendered when written; sent once by the outbox. ``about_id`` as in notices."""

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

    __table_args__ = (
        sa.Index("ix_mails_user_id", "user_id"),
        sa.Index("ix_mails_about_id", "about_id"),
    )
