"""insight: targets, reports; indexes by which figures of a period are counted."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insight_reports",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(station_id IS NULL) = (scope = 'site')", name=op.f("ck_insight_reports_scope_whole")
        ),
        sa.CheckConstraint(
            "kind IN ('week', 'month', 'quarter', 'year')",
            name=op.f("ck_insight_reports_kind_known"),
        ),
        sa.CheckConstraint("last >= first", name=op.f("ck_insight_reports_days_ordered")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_insight_reports_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insight_reports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_insight_reports_public_id")),
        sa.UniqueConstraint(
            "scope", "kind", "first", name=op.f("uq_insight_reports_scope_kind_first")
        ),
    )
    with op.batch_alter_table("insight_reports", schema=None) as batch_op:
        batch_op.create_index("ix_insight_reports_last", ["last"], unique=False)
        batch_op.create_index("ix_insight_reports_station_id", ["station_id", "last"], unique=False)

    op.create_table(
        "targets",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("value", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=True),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("broker_id", BigId, nullable=True),
        sa.Column("field_scheme", sa.String(length=40), nullable=True),
        sa.Column("field_code", sa.String(length=40), nullable=True),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("source_document", sa.String(length=300), nullable=False),
        sa.Column("source_paragraph", sa.String(length=100), nullable=False),
        sa.Column("source_sentence", sa.Text(), nullable=False),
        sa.Column("lead_id", BigId, nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("live_key", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(region IS NOT NULL) = (scope = 'region') AND (station_id IS NOT NULL) = (scope = 'station') AND (organisation_id IS NOT NULL) = (scope = 'institution') AND (broker_id IS NULL OR scope = 'broker') AND (field_code IS NOT NULL) = (scope = 'field') AND (field_code IS NULL) = (field_scheme IS NULL)",
            name=op.f("ck_targets_scope_whole"),
        ),
        sa.CheckConstraint(
            "period IN ('year', 'quarter', 'month', 'span')", name=op.f("ck_targets_period_known")
        ),
        sa.CheckConstraint(
            "scope IN ('site', 'region', 'station', 'institution', 'broker', 'field')",
            name=op.f("ck_targets_scope_known"),
        ),
        sa.CheckConstraint(
            "(live_key IS NULL) = (withdrawn_at IS NOT NULL)", name=op.f("ck_targets_one_live")
        ),
        sa.CheckConstraint("last >= first", name=op.f("ck_targets_days_ordered")),
        sa.CheckConstraint("value > 0", name=op.f("ck_targets_value_positive")),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["users.id"], name=op.f("fk_targets_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["organisations.id"], name=op.f("fk_targets_lead_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_targets_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_targets_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("live_key", name=op.f("uq_targets_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_targets_public_id")),
    )
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.create_index("ix_targets_broker_id", ["broker_id"], unique=False)
        batch_op.create_index("ix_targets_lead_id", ["lead_id"], unique=False)
        batch_op.create_index(
            "ix_targets_measure_first", ["measure", "first", "last"], unique=False
        )
        batch_op.create_index("ix_targets_organisation_id", ["organisation_id"], unique=False)
        batch_op.create_index("ix_targets_station_id", ["station_id"], unique=False)

    op.create_table(
        "staff_records",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("member_id", BigId, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("station_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("certificate", sa.String(length=40), nullable=True),
        sa.Column("certified_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["station_members.id"],
            name=op.f("fk_staff_records_member_id_station_members"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_staff_records_station_id_stations")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_staff_records_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_records")),
        sa.UniqueConstraint(
            "member_id", "sequence", name=op.f("uq_staff_records_member_id_sequence")
        ),
    )
    with op.batch_alter_table("staff_records", schema=None) as batch_op:
        batch_op.create_index("ix_staff_records_station_id", ["station_id"], unique=False)
        batch_op.create_index("ix_staff_records_user_id", ["user_id"], unique=False)

    op.create_table(
        "target_organisations",
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_target_organisations_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_target_organisations_target_id_targets")
        ),
        sa.PrimaryKeyConstraint(
            "target_id", "organisation_id", name=op.f("pk_target_organisations")
        ),
    )
    with op.batch_alter_table("target_organisations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_target_organisations_organisation_id", ["organisation_id"], unique=False
        )

    op.create_table(
        "target_versions",
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", BigId, nullable=True),
        sa.Column("value", BigId, nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("said", Json, nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_target_versions_counted_from_1")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_target_versions_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_target_versions_target_id_targets")
        ),
        sa.PrimaryKeyConstraint("target_id", "number", name=op.f("pk_target_versions")),
    )
    with op.batch_alter_table("target_versions", schema=None) as batch_op:
        batch_op.create_index("ix_target_versions_by_id", ["by_id"], unique=False)

    op.create_index("ix_credit_entries_at", "credit_entries", ["at", "user_id"], unique=False)

    op.create_index(
        "ix_history_entries_kind_at",
        "history_entries",
        ["chain_kind", "kind", "at", "chain_id", "sequence"],
        unique=False,
    )

    op.create_index("ix_introductions_opened_at", "introductions", ["opened_at"], unique=False)
    op.create_index(
        "ix_introductions_passed_on_at", "introductions", ["passed_on_at"], unique=False
    )

    op.create_index("ix_payments_paid_on", "payments", ["paid_on"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_payments_paid_on", "payments")

    op.drop_index("ix_introductions_passed_on_at", "introductions")
    op.drop_index("ix_introductions_opened_at", "introductions")

    op.drop_index("ix_history_entries_kind_at", "history_entries")

    op.drop_index("ix_credit_entries_at", "credit_entries")

    with op.batch_alter_table("target_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_target_versions_by_id")

    op.drop_table("target_versions")
    with op.batch_alter_table("target_organisations", schema=None) as batch_op:
        batch_op.drop_index("ix_target_organisations_organisation_id")

    op.drop_table("target_organisations")
    with op.batch_alter_table("staff_records", schema=None) as batch_op:
        batch_op.drop_index("ix_staff_records_user_id")
        batch_op.drop_index("ix_staff_records_station_id")

    op.drop_table("staff_records")
    with op.batch_alter_table("targets", schema=None) as batch_op:
        batch_op.drop_index("ix_targets_station_id")
        batch_op.drop_index("ix_targets_organisation_id")
        batch_op.drop_index("ix_targets_measure_first")
        batch_op.drop_index("ix_targets_lead_id")
        batch_op.drop_index("ix_targets_broker_id")

    op.drop_table("targets")
    with op.batch_alter_table("insight_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_insight_reports_station_id")
        batch_op.drop_index("ix_insight_reports_last")

    op.drop_table("insight_reports")
