"""trials of pay after use: readings, policies, lessons; deliveries of milestones."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, ExactDecimal, UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "milestone_deliveries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("milestone", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("delivered_by", BigId, nullable=True),
        sa.Column("delivered_at", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'delivered') = (answered_at IS NULL)",
            name=op.f("ck_milestone_deliveries_answered_whole"),
        ),
        sa.CheckConstraint(
            "state IN ('delivered', 'accepted', 'returned')",
            name=op.f("ck_milestone_deliveries_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_milestone_deliveries_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_milestone_deliveries_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["delivered_by"], ["users.id"], name=op.f("fk_milestone_deliveries_delivered_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_deliveries")),
        sa.UniqueConstraint(
            "deal_id",
            "milestone",
            "attempt",
            name=op.f("uq_milestone_deliveries_deal_id_milestone_attempt"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_milestone_deliveries_public_id")),
    )
    op.create_index(
        "ix_milestone_deliveries_answered_by", "milestone_deliveries", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_milestone_deliveries_delivered_by",
        "milestone_deliveries",
        ["delivered_by"],
        unique=False,
    )
    op.create_index(
        "uq_milestone_deliveries_live",
        "milestone_deliveries",
        ["deal_id", "milestone"],
        unique=True,
        postgresql_where=sa.text("state IN ('delivered', 'accepted')"),
        sqlite_where=sa.text("state IN ('delivered', 'accepted')"),
    )
    op.create_table(
        "trial_policies",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("insurer", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("sum_minor", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_trial_policies_side_known")
        ),
        sa.CheckConstraint(
            "ends_on >= begins_on", name=op.f("ck_trial_policies_ends_after_beginning")
        ),
        sa.CheckConstraint("sum_minor > 0", name=op.f("ck_trial_policies_sum_positive")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_trial_policies_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_trial_policies_recorded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_policies")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_trial_policies_deal_id")),
    )
    op.create_index(
        "ix_trial_policies_recorded_by", "trial_policies", ["recorded_by"], unique=False
    )
    op.create_table(
        "trial_readings",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("value", ExactDecimal(6), nullable=True),
        sa.Column("sold_minor", BigId, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("reported_by", BigId, nullable=True),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", BigId, nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(kind = 'metric') = (value IS NOT NULL)",
            name=op.f("ck_trial_readings_metric_has_value"),
        ),
        sa.CheckConstraint(
            "(kind = 'sales') = (sold_minor IS NOT NULL)",
            name=op.f("ck_trial_readings_sales_have_sum"),
        ),
        sa.CheckConstraint(
            "kind IN ('metric', 'sales')", name=op.f("ck_trial_readings_kind_known")
        ),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_trial_readings_side_known")
        ),
        sa.CheckConstraint("sold_minor >= 0", name=op.f("ck_trial_readings_sold_not_negative")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["users.id"], name=op.f("fk_trial_readings_confirmed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_trial_readings_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["users.id"], name=op.f("fk_trial_readings_reported_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_readings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_trial_readings_public_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_trial_readings_request_key")),
    )
    op.create_index(
        "ix_trial_readings_confirmed_by", "trial_readings", ["confirmed_by"], unique=False
    )
    op.create_index("ix_trial_readings_deal_id", "trial_readings", ["deal_id", "on"], unique=False)
    op.create_index(
        "ix_trial_readings_reported_by", "trial_readings", ["reported_by"], unique=False
    )
    op.create_table(
        "trials",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("triggered_on", sa.Date(), nullable=True),
        sa.Column("trigger", sa.String(length=12), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("learned", sa.Text(), nullable=True),
        sa.Column("learned_at", UTCDateTime(), nullable=True),
        sa.Column("learned_by", BigId, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'rejected', 'converted')", name=op.f("ck_trials_outcome_known")
        ),
        sa.CheckConstraint(
            "trigger IN ('date', 'metric', 'sales', 'first_sale')",
            name=op.f("ck_trials_trigger_known"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_on IS NULL)", name=op.f("ck_trials_outcome_whole")
        ),
        sa.CheckConstraint(
            "(trigger IS NULL) = (triggered_on IS NULL)", name=op.f("ck_trials_trigger_whole")
        ),
        sa.CheckConstraint("ends_on >= started_on", name=op.f("ck_trials_ends_after_start")),
        sa.CheckConstraint("extensions >= 0", name=op.f("ck_trials_extensions_counted")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_trials_deal_id_deals")),
        sa.ForeignKeyConstraint(
            ["learned_by"], ["users.id"], name=op.f("fk_trials_learned_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_trials_deal_id")),
    )
    op.create_index("ix_trials_learned_by", "trials", ["learned_by"], unique=False)
    op.create_index("ix_trials_outcome_ends_on", "trials", ["outcome", "ends_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_trials_outcome_ends_on", table_name="trials")
    op.drop_index("ix_trials_learned_by", table_name="trials")
    op.drop_table("trials")
    op.drop_index("ix_trial_readings_reported_by", table_name="trial_readings")
    op.drop_index("ix_trial_readings_deal_id", table_name="trial_readings")
    op.drop_index("ix_trial_readings_confirmed_by", table_name="trial_readings")
    op.drop_table("trial_readings")
    op.drop_index("ix_trial_policies_recorded_by", table_name="trial_policies")
    op.drop_table("trial_policies")
    op.drop_index(
        "uq_milestone_deliveries_live",
        table_name="milestone_deliveries",
        postgresql_where=sa.text("state IN ('delivered', 'accepted')"),
        sqlite_where=sa.text("state IN ('delivered', 'accepted')"),
    )
    op.drop_index("ix_milestone_deliveries_delivered_by", table_name="milestone_deliveries")
    op.drop_index("ix_milestone_deliveries_answered_by", table_name="milestone_deliveries")
    op.drop_table("milestone_deliveries")
