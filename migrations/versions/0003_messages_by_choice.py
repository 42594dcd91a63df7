"""messages by choice."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "notices", sa.Column("in_site", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "notices",
        sa.Column("mail", sa.String(length=10), server_default="none", nullable=False),
    )
    op.add_column("notices", sa.Column("mailed_at", UTCDateTime(), nullable=True))
    op.create_index(
        "ix_notices_waiting",
        "notices",
        ["user_id"],
        postgresql_where=sa.text("mail = 'waiting'"),
        sqlite_where=sa.text("mail = 'waiting'"),
    )
    op.add_column(
        "mails",
        sa.Column("kind", sa.String(length=10), server_default="account", nullable=False),
    )
    op.add_column("mails", sa.Column("scope", sa.String(length=40), nullable=True))
    op.add_column("mails", sa.Column("digest_day", sa.Date(), nullable=True))
    op.create_index("uq_mails_user_id_digest_day", "mails", ["user_id", "digest_day"], unique=True)
    op.create_table(
        "notice_choices",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("in_site", sa.Boolean(), nullable=True),
        sa.Column("mail", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "mail IN ('now', 'digest', 'off')", name=op.f("ck_notice_choices_mail_known")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_choices")),
    )
    _create_schedules()


def _create_schedules() -> None:
    op.create_table(
        "notice_schedules",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("quiet_begins", sa.SmallInteger(), nullable=True),
        sa.Column("quiet_ends", sa.SmallInteger(), nullable=True),
        sa.Column("digest_hour", sa.SmallInteger(), nullable=False),
        sa.Column("mailed_at", UTCDateTime(), nullable=True),
        sa.Column("gather_at", UTCDateTime(), nullable=True),
        sa.Column("digest_at", UTCDateTime(), nullable=True),
        sa.Column("digest_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "digest_hour BETWEEN 0 AND 23",
            name=op.f("ck_notice_schedules_digest_hour_of_a_day"),
        ),
        sa.CheckConstraint(
            "quiet_begins BETWEEN 0 AND 1439",
            name=op.f("ck_notice_schedules_quiet_begins_within_a_day"),
        ),
        sa.CheckConstraint(
            "quiet_ends BETWEEN 0 AND 1439",
            name=op.f("ck_notice_schedules_quiet_ends_within_a_day"),
        ),
        sa.CheckConstraint(
            "(quiet_begins IS NULL) = (quiet_ends IS NULL)",
            name=op.f("ck_notice_schedules_quiet_has_both_ends"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_schedules_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_schedules")),
    )
    for column in ("digest_at", "gather_at"):
        op.create_index(
            f"ix_notice_schedules_{column}",
            "notice_schedules",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
            sqlite_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("notice_schedules")
    op.drop_table("notice_choices")
    op.drop_index("uq_mails_user_id_digest_day", table_name="mails")
    op.drop_index("ix_notices_waiting", table_name="notices")
    with op.batch_alter_table("mails", schema=None) as batch_op:
        for column in ("digest_day", "scope", "kind"):
            batch_op.drop_column(column)
    with op.batch_alter_table("notices", schema=None) as batch_op:
        for column in ("mailed_at", "mail", "in_site"):
            batch_op.drop_column(column)
