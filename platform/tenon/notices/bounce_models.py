"""Tables of mail that came back, and of addresses that get none for the time being.

Addresses stand in them as keyed digests: a person's own is in the accounts room, once.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenon.db import Base, Key, Moment, OptionalMoment, one_of

BOUNCE_KINDS = ("hard", "soft")
BOUNCE_SOURCES = ("answer", "report")


class MailBounce(Base):
    """One mail that was not delivered: the server's answer said so, or a report that came later.

    ``reference`` is the digest of the mail's Message-ID, so that a mail counts once however often
    it is told; it outlives the mail. ``status`` is RFC 3463's, or SMTP's three digits. ``reason``
    holds no address. ``settled_at``: since when it no longer counts against the address.
    """

    __tablename__ = "mail_bounces"

    id: Mapped[Key]
    mail_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mails.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    address_digest: Mapped[str] = mapped_column(sa.String(64))
    reference: Mapped[str] = mapped_column(sa.String(64), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(4))
    source: Mapped[str] = mapped_column(sa.String(6))
    status: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[Moment]
    settled_at: Mapped[OptionalMoment]

    __table_args__ = (
        one_of("kind", BOUNCE_KINDS),
        one_of("source", BOUNCE_SOURCES),
        sa.Index("ix_mail_bounces_address_digest_at", "address_digest", "at"),
        sa.Index("ix_mail_bounces_user_id", "user_id"),
        sa.Index("ix_mail_bounces_mail_id", "mail_id"),
    )


class UnreachableAddress(Base):
    """An address to which no notices are mailed until somebody says that it works.

    ``kind`` is that of the bounce that settled it, ``bounces`` how many had come by the last one.
    """

    __tablename__ = "unreachable_addresses"

    id: Mapped[Key]
    address_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(sa.String(4))
    status: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(300))
    bounces: Mapped[int]
    since: Mapped[Moment]

    __table_args__ = (
        one_of("kind", BOUNCE_KINDS),
        sa.Index("ix_unreachable_addresses_user_id", "user_id"),
        sa.Index("ix_unreachable_addresses_since", "since"),
    )
