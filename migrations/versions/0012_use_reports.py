"""use_reports: what licensees report, each submission and line, royalty statements."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "use_reports",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("period", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", Json, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("first_submitted_at", UTCDateTime(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state <> 'queried' OR remark IS NOT NULL", name=op.f("ck_use_reports_queried_why")
        ),
        sa.CheckConstraint(
            "state = 'due' OR figures IS NOT NULL", name=op.f("ck_use_reports_written_has_figures")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'draft') OR first_submitted_at IS NOT NULL",
            name=op.f("ck_use_reports_submitted_at"),
        ),
        sa.CheckConstraint(
            "state IN ('due', 'draft', 'submitted', 'queried', 'accepted')",
            name=op.f("ck_use_reports_state_known"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_use_reports_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_use_reports_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_reports")),
        sa.UniqueConstraint("deal_id", "period", name=op.f("uq_use_reports_deal_id_period")),
        sa.UniqueConstraint("deal_id", "starts_on", name=op.f("uq_use_reports_deal_id_starts_on")),
        sa.UniqueConstraint("public_id", name=op.f("uq_use_reports_public_id")),
    )
    op.create_index("ix_use_reports_remind_on", "use_reports", ["remind_on"], unique=False)
    op.create_index("ix_use_reports_state_due_on", "use_reports", ["state", "due_on"], unique=False)
    op.create_table(
        "royalty_statements",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("report_id", BigId, nullable=False),
        sa.Column("term_version_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("earned_minor", BigId, nullable=False),
        sa.Column("top_up_minor", BigId, nullable=False),
        sa.Column("payable_minor", BigId, nullable=False),
        sa.Column("stated_by", BigId, nullable=True),
        sa.Column("stated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "payable_minor >= 0 AND top_up_minor >= 0",
            name=op.f("ck_royalty_statements_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_royalty_statements_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["use_reports.id"],
            name=op.f("fk_royalty_statements_report_id_use_reports"),
        ),
        sa.ForeignKeyConstraint(
            ["stated_by"], ["users.id"], name=op.f("fk_royalty_statements_stated_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["term_version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_royalty_statements_term_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_royalty_statements")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_royalty_statements_deal_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_royalty_statements_public_id")),
        sa.UniqueConstraint("report_id", name=op.f("uq_royalty_statements_report_id")),
    )
    op.create_index(
        "ix_royalty_statements_stated_by", "royalty_statements", ["stated_by"], unique=False
    )
    op.create_index(
        "ix_royalty_statements_term_version_id",
        "royalty_statements",
        ["term_version_id"],
        unique=False,
    )
    op.create_table(
        "use_report_lines",
        sa.Column("report_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=80), nullable=False),
        sa.Column("ip_right", sa.String(length=80), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("units", BigId, nullable=False),
        sa.Column("gross_minor", BigId, nullable=False),
        sa.Column("deductions", Json, nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["use_reports.id"],
            name=op.f("fk_use_report_lines_report_id_use_reports"),
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name=op.f("pk_use_report_lines")),
    )
    op.create_index("ix_use_report_lines_lot", "use_report_lines", ["lot"], unique=False)
    op.create_table(
        "use_report_revisions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("report_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("submitted_by", BigId, nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state <> 'queried' OR reason IS NOT NULL",
            name=op.f("ck_use_report_revisions_queried_why"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'taken_back', 'queried', 'accepted')",
            name=op.f("ck_use_report_revisions_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_use_report_revisions_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["use_reports.id"],
            name=op.f("fk_use_report_revisions_report_id_use_reports"),
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["users.id"], name=op.f("fk_use_report_revisions_submitted_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_report_revisions")),
        sa.UniqueConstraint(
            "report_id", "number", name=op.f("uq_use_report_revisions_report_id_number")
        ),
    )
    op.create_index(
        "ix_use_report_revisions_answered_by", "use_report_revisions", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_use_report_revisions_submitted_by",
        "use_report_revisions",
        ["submitted_by"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_use_report_revisions_submitted_by", table_name="use_report_revisions")
    op.drop_index("ix_use_report_revisions_answered_by", table_name="use_report_revisions")
    op.drop_table("use_report_revisions")
    op.drop_index("ix_use_report_lines_lot", table_name="use_report_lines")
    op.drop_table("use_report_lines")
    op.drop_index("ix_royalty_statements_term_version_id", table_name="royalty_statements")
    op.drop_index("ix_royalty_statements_stated_by", table_name="royalty_statements")
    op.drop_table("royalty_statements")
    op.drop_index("ix_use_reports_state_due_on", table_name="use_reports")
    op.drop_index("ix_use_reports_remind_on", table_name="use_reports")
    op.drop_table("use_reports")
