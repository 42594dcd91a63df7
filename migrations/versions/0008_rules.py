"""rules: what regions and law prescribe; whether an organisation is the state's, and its code."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("jurisdiction", sa.String(length=20), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("applies", sa.String(length=10), nullable=False),
        sa.Column("source_zh", sa.Text(), nullable=False),
        sa.Column("source_en", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("edited_by", BigId, nullable=True),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('integer', 'decimal', 'money', 'text')", name=op.f("ck_rules_kind_known")
        ),
        sa.CheckConstraint(
            "applies IN ('binding', 'default')", name=op.f("ck_rules_applies_known")
        ),
        sa.CheckConstraint("effective_to >= effective_from", name=op.f("ck_rules_in_order")),
        sa.ForeignKeyConstraint(["edited_by"], ["users.id"], name=op.f("fk_rules_edited_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sa.UniqueConstraint(
            "code",
            "jurisdiction",
            "effective_from",
            name=op.f("uq_rules_code_jurisdiction_effective_from"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_rules_public_id")),
    )
    op.add_column("organisations", sa.Column("state_founded", sa.Boolean(), nullable=True))
    op.add_column("organisations", sa.Column("credit_code", sa.String(length=18), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_column("credit_code")
        batch_op.drop_column("state_founded")
    op.drop_table("rules")
