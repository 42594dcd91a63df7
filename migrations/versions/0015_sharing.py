"""sharing: distributions of income, their costs, shares and objections."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, ExactDecimal, Json, UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "income_distributions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("through_on", sa.Date(), nullable=False),
        sa.Column("pilot", sa.Boolean(), nullable=False),
        sa.Column("percent", ExactDecimal(4), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("income_minor", BigId, nullable=True),
        sa.Column("costs_minor", BigId, nullable=True),
        sa.Column("net_minor", BigId, nullable=True),
        sa.Column("pot_minor", BigId, nullable=True),
        sa.Column("basis", Json, nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("publicised_at", UTCDateTime(), nullable=True),
        sa.Column("publicity_ends_on", sa.Date(), nullable=True),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("approved_by", BigId, nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ('draft', 'proposed', 'disputed', 'confirmed', 'publicised', 'approved'))",
            name=op.f("ck_income_distributions_live_key_while_live"),
        ),
        sa.CheckConstraint(
            "state <> 'paid' OR paid_on IS NOT NULL",
            name=op.f("ck_income_distributions_paid_has_day"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'disputed', 'confirmed', 'publicised', 'approved', 'paid', 'withdrawn')",
            name=op.f("ck_income_distributions_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'disputed', 'confirmed', 'publicised', 'approved', 'paid') OR pot_minor IS NOT NULL",
            name=op.f("ck_income_distributions_settled"),
        ),
        sa.CheckConstraint(
            "net_minor = income_minor - costs_minor AND pot_minor BETWEEN 0 AND net_minor",
            name=op.f("ck_income_distributions_adds_up"),
        ),
        sa.CheckConstraint(
            "percent BETWEEN 0 AND 1000000", name=op.f("ck_income_distributions_percent_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_income_distributions_approved_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_income_distributions_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_income_distributions_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_income_distributions_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_distributions")),
        sa.UniqueConstraint(
            "deal_id", "number", name=op.f("uq_income_distributions_deal_id_number")
        ),
        sa.UniqueConstraint("live_key", name=op.f("uq_income_distributions_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_income_distributions_public_id")),
    )
    op.create_index(
        "ix_income_distributions_approved_by", "income_distributions", ["approved_by"], unique=False
    )
    op.create_index(
        "ix_income_distributions_created_by", "income_distributions", ["created_by"], unique=False
    )
    op.create_index(
        "ix_income_distributions_proposed_by", "income_distributions", ["proposed_by"], unique=False
    )
    op.create_index(
        "ix_income_distributions_state",
        "income_distributions",
        ["state", "publicity_ends_on"],
        unique=False,
    )
    op.create_table(
        "income_costs",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("distribution_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("receipt_name", sa.String(length=200), nullable=False),
        sa.Column("receipt_type", sa.String(length=100), nullable=False),
        sa.Column("receipt_sha256", sa.String(length=64), nullable=False),
        sa.Column("added_by", BigId, nullable=True),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('appraisal', 'travel', 'tax', 'agency', 'other')",
            name=op.f("ck_income_costs_kind_known"),
        ),
        sa.CheckConstraint("minor > 0", name=op.f("ck_income_costs_positive")),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_income_costs_added_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["income_distributions.id"],
            name=op.f("fk_income_costs_distribution_id_income_distributions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_costs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_income_costs_public_id")),
    )
    op.create_index("ix_income_costs_added_by", "income_costs", ["added_by"], unique=False)
    op.create_index(
        "ix_income_costs_distribution_id", "income_costs", ["distribution_id"], unique=False
    )
    op.create_table(
        "income_shares",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("distribution_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("percent", ExactDecimal(4), nullable=False),
        sa.Column("main", sa.Boolean(), nullable=False),
        sa.Column("minor", BigId, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("paper_name", sa.String(length=200), nullable=True),
        sa.Column("paper_type", sa.String(length=100), nullable=True),
        sa.Column("paper_sha256", sa.String(length=64), nullable=True),
        sa.Column("paper_by", BigId, nullable=True),
        sa.CheckConstraint(
            "state = 'waiting' OR answered_at IS NOT NULL", name=op.f("ck_income_shares_answered")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'disputed')",
            name=op.f("ck_income_shares_state_known"),
        ),
        sa.CheckConstraint("minor >= 0", name=op.f("ck_income_shares_not_negative")),
        sa.CheckConstraint(
            "percent BETWEEN 0 AND 1000000", name=op.f("ck_income_shares_percent_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["income_distributions.id"],
            name=op.f("fk_income_shares_distribution_id_income_distributions"),
        ),
        sa.ForeignKeyConstraint(
            ["paper_by"], ["users.id"], name=op.f("fk_income_shares_paper_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_income_shares_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_shares")),
        sa.UniqueConstraint(
            "distribution_id", "user_id", name=op.f("uq_income_shares_distribution_id_user_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_income_shares_public_id")),
    )
    op.create_index("ix_income_shares_paper_by", "income_shares", ["paper_by"], unique=False)
    op.create_index("ix_income_shares_user_id", "income_shares", ["user_id", "state"], unique=False)
    op.create_table(
        "income_objections",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("distribution_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_income_objections_answer_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_income_objections_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["distribution_id"],
            ["income_distributions.id"],
            name=op.f("fk_income_objections_distribution_id_income_distributions"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_income_objections_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_objections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_income_objections_public_id")),
    )
    op.create_index(
        "ix_income_objections_answered_by", "income_objections", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_income_objections_distribution_id",
        "income_objections",
        ["distribution_id"],
        unique=False,
    )
    op.create_index("ix_income_objections_user_id", "income_objections", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_income_objections_answered_by", table_name="income_objections")
    op.drop_index("ix_income_objections_distribution_id", table_name="income_objections")
    op.drop_index("ix_income_objections_user_id", table_name="income_objections")
    op.drop_table("income_objections")
    op.drop_index("ix_income_shares_paper_by", table_name="income_shares")
    op.drop_index("ix_income_shares_user_id", table_name="income_shares")
    op.drop_table("income_shares")
    op.drop_index("ix_income_costs_added_by", table_name="income_costs")
    op.drop_index("ix_income_costs_distribution_id", table_name="income_costs")
    op.drop_table("income_costs")
    op.drop_index("ix_income_distributions_approved_by", table_name="income_distributions")
    op.drop_index("ix_income_distributions_created_by", table_name="income_distributions")
    op.drop_index("ix_income_distributions_proposed_by", table_name="income_distributions")
    op.drop_index("ix_income_distributions_state", table_name="income_distributions")
    op.drop_table("income_distributions")
