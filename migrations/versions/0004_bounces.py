"""bounces."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL")
FAILED = sa.text("failed_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "outbox_pauses",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_outbox_pauses")),
    )
    op.add_column("mails", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("mails", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("mails", sa.Column("first_failed_at", UTCDateTime(), nullable=True))
    op.add_column("mails", sa.Column("failed_at", UTCDateTime(), nullable=True))
    op.add_column("mails", sa.Column("problem", sa.String(length=300), nullable=True))
    op.create_index(
        "ix_mails_waiting",
        "mails",
        ["created_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(
        "ix_mails_failed_at", "mails", ["failed_at"], postgresql_where=FAILED, sqlite_where=FAILED
    )
    _create_bounces()
    _create_unreachable()


def _create_bounces() -> None:
    op.create_table(
        "mail_bounces",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("mail_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('hard', 'soft')", name=op.f("ck_mail_bounces_kind_known")),
        sa.CheckConstraint(
            "source IN ('answer', 'report')", name=op.f("ck_mail_bounces_source_known")
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["mails.id"],
            name=op.f("fk_mail_bounces_mail_id_mails"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mail_bounces_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_bounces")),
        sa.UniqueConstraint("reference", name=op.f("uq_mail_bounces_reference")),
    )
    op.create_index("ix_mail_bounces_address_digest_at", "mail_bounces", ["address_digest", "at"])
    op.create_index("ix_mail_bounces_user_id", "mail_bounces", ["user_id"])
    op.create_index("ix_mail_bounces_mail_id", "mail_bounces", ["mail_id"])


def _create_unreachable() -> None:
    op.create_table(
        "unreachable_addresses",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('hard', 'soft')", name=op.f("ck_unreachable_addresses_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_unreachable_addresses_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreachable_addresses")),
        sa.UniqueConstraint("address_digest", name=op.f("uq_unreachable_addresses_address_digest")),
    )
    op.create_index("ix_unreachable_addresses_user_id", "unreachable_addresses", ["user_id"])
    op.create_index("ix_unreachable_addresses_since", "unreachable_addresses", ["since"])


def downgrade() -> None:
    op.drop_table("unreachable_addresses")
    op.drop_table("mail_bounces")
    op.drop_index("ix_mails_failed_at", table_name="mails")
    op.drop_index("ix_mails_waiting", table_name="mails")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        for column in ("problem", "failed_at", "first_failed_at", "attempts", "language"):
            batch_op.drop_column(column)
    op.drop_table("outbox_pauses")
