"""compliance: publicity, objections, approvals, first refusal, duties, registrations."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "compliance_chain_steps",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("from_minor", BigId, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "role IN ('editor', 'administrator')", name=op.f("ck_compliance_chain_steps_role_known")
        ),
        sa.CheckConstraint(
            "(role IS NULL) <> (user_id IS NULL)",
            name=op.f("ck_compliance_chain_steps_role_or_person"),
        ),
        sa.CheckConstraint(
            "from_minor >= 0", name=op.f("ck_compliance_chain_steps_threshold_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_compliance_chain_steps_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_compliance_chain_steps_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_chain_steps")),
        sa.UniqueConstraint(
            "organisation_id",
            "position",
            name=op.f("uq_compliance_chain_steps_organisation_id_position"),
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_chain_steps_public_id")),
    )
    op.create_index(
        "ix_compliance_chain_steps_user_id", "compliance_chain_steps", ["user_id"], unique=False
    )
    op.create_table(
        "compliance_contributors",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("expert_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("relation", sa.String(length=12), nullable=True),
        sa.Column("relation_detail", sa.String(length=500), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=True),
        sa.Column("declared_by", BigId, nullable=True),
        sa.CheckConstraint(
            "relation IN ('none', 'is_buyer', 'related')",
            name=op.f("ck_compliance_contributors_relation_known"),
        ),
        sa.CheckConstraint(
            "relation IS NULL OR declared_at IS NOT NULL",
            name=op.f("ck_compliance_contributors_relation_has_day"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_contributors_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by"], ["users.id"], name=op.f("fk_compliance_contributors_declared_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_compliance_contributors_expert_id_experts")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_compliance_contributors_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_contributors")),
        sa.UniqueConstraint(
            "deal_id", "position", name=op.f("uq_compliance_contributors_deal_id_position")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_contributors_public_id")),
    )
    op.create_index(
        "ix_compliance_contributors_declared_by",
        "compliance_contributors",
        ["declared_by"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_contributors_expert_id",
        "compliance_contributors",
        ["expert_id"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_contributors_user_id", "compliance_contributors", ["user_id"], unique=False
    )
    op.create_table(
        "compliance_foreign_checks",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("export_control", sa.String(length=12), nullable=False),
        sa.Column("export_licence", sa.String(length=120), nullable=True),
        sa.Column("state_funded", sa.Boolean(), nullable=False),
        sa.Column("approval_number", sa.String(length=120), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("filled_at", UTCDateTime(), nullable=False),
        sa.Column("filled_by", BigId, nullable=True),
        sa.CheckConstraint(
            "export_control IN ('free', 'restricted', 'prohibited')",
            name=op.f("ck_compliance_foreign_checks_export_control_known"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_foreign_checks_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["filled_by"], ["users.id"], name=op.f("fk_compliance_foreign_checks_filled_by_users")
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_compliance_foreign_checks")),
    )
    op.create_index(
        "ix_compliance_foreign_checks_filled_by",
        "compliance_foreign_checks",
        ["filled_by"],
        unique=False,
    )
    op.create_table(
        "compliance_registrations",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("project_name", sa.String(length=300), nullable=False),
        sa.Column("contract", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", BigId, nullable=False),
        sa.Column("technology_value_minor", BigId, nullable=False),
        sa.Column("seller_country", sa.String(length=3), nullable=False),
        sa.Column("seller_division", sa.String(length=6), nullable=True),
        sa.Column("seller_nature", sa.String(length=20), nullable=False),
        sa.Column("buyer_country", sa.String(length=3), nullable=False),
        sa.Column("buyer_division", sa.String(length=6), nullable=True),
        sa.Column("buyer_nature", sa.String(length=20), nullable=False),
        sa.Column("ip_kind", sa.String(length=20), nullable=True),
        sa.Column("industry", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "buyer_nature IN ('enterprise', 'institution', 'association', 'government', 'person', 'other')",
            name=op.f("ck_compliance_registrations_buyer_nature_known"),
        ),
        sa.CheckConstraint(
            "contract IN ('development', 'transfer', 'licence', 'consulting', 'service')",
            name=op.f("ck_compliance_registrations_contract_known"),
        ),
        sa.CheckConstraint(
            "ip_kind IN ('invention', 'utility_model', 'design', 'software', 'plant_variety', 'layout_design', 'trade_secret', 'know_how', 'other')",
            name=op.f("ck_compliance_registrations_ip_kind_known"),
        ),
        sa.CheckConstraint(
            "seller_nature IN ('enterprise', 'institution', 'association', 'government', 'person', 'other')",
            name=op.f("ck_compliance_registrations_seller_nature_known"),
        ),
        sa.CheckConstraint(
            "length(number) = 16", name=op.f("ck_compliance_registrations_number_whole")
        ),
        sa.CheckConstraint(
            "registered_on >= signed_on",
            name=op.f("ck_compliance_registrations_registered_after_signed"),
        ),
        sa.CheckConstraint(
            "technology_value_minor BETWEEN 0 AND value_minor",
            name=op.f("ck_compliance_registrations_technology_within_value"),
        ),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_compliance_registrations_valid_in_order")
        ),
        sa.CheckConstraint(
            "value_minor >= 0", name=op.f("ck_compliance_registrations_value_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_registrations_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_compliance_registrations")),
        sa.UniqueConstraint("number", name=op.f("uq_compliance_registrations_number")),
    )
    op.create_index(
        "ix_compliance_registrations_registered_on",
        "compliance_registrations",
        ["registered_on"],
        unique=False,
    )
    op.create_table(
        "compliance_approvals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("by_acceptance", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('editor', 'administrator')", name=op.f("ck_compliance_approvals_role_known")
        ),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_compliance_approvals_side_known")
        ),
        sa.CheckConstraint(
            "state <> 'returned' OR remark IS NOT NULL",
            name=op.f("ck_compliance_approvals_return_has_remark"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'returned', 'void')",
            name=op.f("ck_compliance_approvals_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL",
            name=op.f("ck_compliance_approvals_decision_has_day"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_approvals_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_compliance_approvals_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_compliance_approvals_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_compliance_approvals_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_approvals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_approvals_public_id")),
        sa.UniqueConstraint(
            "version_id",
            "side",
            "position",
            name=op.f("uq_compliance_approvals_version_id_side_position"),
        ),
    )
    op.create_index(
        "ix_compliance_approvals_deal_id", "compliance_approvals", ["deal_id", "id"], unique=False
    )
    op.create_index(
        "ix_compliance_approvals_decided_by", "compliance_approvals", ["decided_by"], unique=False
    )
    op.create_index(
        "ix_compliance_approvals_state", "compliance_approvals", ["state", "asked_at"], unique=False
    )
    op.create_index(
        "ix_compliance_approvals_user_id",
        "compliance_approvals",
        ["user_id", "state"],
        unique=False,
    )
    op.create_table(
        "compliance_publicities",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body", Json, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("jurisdiction", sa.String(length=12), nullable=False),
        sa.Column("source_zh", sa.Text(), nullable=False),
        sa.Column("source_en", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("started_by", BigId, nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("stopped_at", UTCDateTime(), nullable=True),
        sa.Column("told_over_at", UTCDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state <> 'stopped' OR stopped_at IS NOT NULL",
            name=op.f("ck_compliance_publicities_stopped_has_day"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'stopped')", name=op.f("ck_compliance_publicities_state_known")
        ),
        sa.CheckConstraint("days > 0", name=op.f("ck_compliance_publicities_days_positive")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_publicities_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["users.id"], name=op.f("fk_compliance_publicities_started_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_compliance_publicities_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_publicities")),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_publicities_public_id")),
    )
    op.create_index(
        "ix_compliance_publicities_deal_id", "compliance_publicities", ["deal_id"], unique=False
    )
    op.create_index(
        "ix_compliance_publicities_last_on",
        "compliance_publicities",
        ["last_on", "id"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_publicities_started_by",
        "compliance_publicities",
        ["started_by"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_publicities_version_id",
        "compliance_publicities",
        ["version_id"],
        unique=False,
    )
    op.create_index(
        "uq_compliance_publicities_running",
        "compliance_publicities",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
        sqlite_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "compliance_duties",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("source_zh", sa.Text(), nullable=True),
        sa.Column("source_en", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("file_id", BigId, nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", BigId, nullable=True),
        sa.Column("reminded_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_compliance_duties_side_known")
        ),
        sa.CheckConstraint(
            "state <> 'done' OR done_on IS NOT NULL", name=op.f("ck_compliance_duties_done_has_day")
        ),
        sa.CheckConstraint(
            "state <> 'waived' OR remark IS NOT NULL",
            name=op.f("ck_compliance_duties_waived_has_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'waived')", name=op.f("ck_compliance_duties_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["users.id"], name=op.f("fk_compliance_duties_closed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_duties_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["deal_files.id"], name=op.f("fk_compliance_duties_file_id_deal_files")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_duties")),
        sa.UniqueConstraint("deal_id", "code", name=op.f("uq_compliance_duties_deal_id_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_duties_public_id")),
    )
    op.create_index(
        "ix_compliance_duties_closed_by", "compliance_duties", ["closed_by"], unique=False
    )
    op.create_index("ix_compliance_duties_file_id", "compliance_duties", ["file_id"], unique=False)
    op.create_index(
        "ix_compliance_duties_state_due_on", "compliance_duties", ["state", "due_on"], unique=False
    )
    op.create_table(
        "compliance_first_refusals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("contributor_id", BigId, nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("source_zh", sa.Text(), nullable=False),
        sa.Column("source_en", sa.Text(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("file_id", BigId, nullable=True),
        sa.CheckConstraint(
            "answer IN ('takes_up', 'waives')",
            name=op.f("ck_compliance_first_refusals_answer_known"),
        ),
        sa.CheckConstraint(
            "answer IS NULL OR answered_on IS NOT NULL",
            name=op.f("ck_compliance_first_refusals_answer_is_dated"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["users.id"],
            name=op.f("fk_compliance_first_refusals_answered_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["contributor_id"],
            ["compliance_contributors.id"],
            name=op.f("fk_compliance_first_refusals_contributor_id_compliance_contributors"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_first_refusals_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["deal_files.id"],
            name=op.f("fk_compliance_first_refusals_file_id_deal_files"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_compliance_first_refusals_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_first_refusals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_first_refusals_public_id")),
        sa.UniqueConstraint(
            "version_id",
            "contributor_id",
            name=op.f("uq_compliance_first_refusals_version_id_contributor_id"),
        ),
    )
    op.create_index(
        "ix_compliance_first_refusals_answered_by",
        "compliance_first_refusals",
        ["answered_by"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_first_refusals_contributor_id",
        "compliance_first_refusals",
        ["contributor_id"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_first_refusals_deal_id",
        "compliance_first_refusals",
        ["deal_id"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_first_refusals_file_id",
        "compliance_first_refusals",
        ["file_id"],
        unique=False,
    )
    op.create_table(
        "compliance_objections",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("publicity_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'rejected', 'withdrawn')",
            name=op.f("ck_compliance_objections_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('upheld', 'rejected') OR (decided_at IS NOT NULL AND grounds IS NOT NULL)",
            name=op.f("ck_compliance_objections_decision_has_grounds"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_compliance_objections_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["publicity_id"],
            ["compliance_publicities.id"],
            name=op.f("fk_compliance_objections_publicity_id_compliance_publicities"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_compliance_objections_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compliance_objections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_compliance_objections_public_id")),
    )
    op.create_index(
        "ix_compliance_objections_decided_by", "compliance_objections", ["decided_by"], unique=False
    )
    op.create_index(
        "ix_compliance_objections_publicity_id",
        "compliance_objections",
        ["publicity_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_compliance_objections_user_id", "compliance_objections", ["user_id"], unique=False
    )
    op.create_table(
        "compliance_openings",
        sa.Column("publicity_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publicity_id"],
            ["compliance_publicities.id"],
            name=op.f("fk_compliance_openings_publicity_id_compliance_publicities"),
        ),
        sa.PrimaryKeyConstraint("publicity_id", "day", name=op.f("pk_compliance_openings")),
    )
    op.create_table(
        "compliance_sheets",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(length=12), nullable=True),
        sa.Column("base_minor", BigId, nullable=True),
        sa.Column("price_minor", BigId, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("evidence_file_id", BigId, nullable=True),
        sa.Column("publicity_name", sa.String(length=300), nullable=True),
        sa.Column("publicity_summary", sa.Text(), nullable=True),
        sa.Column("publicity_price", sa.String(length=500), nullable=True),
        sa.Column("publicity_contact", sa.String(length=500), nullable=True),
        sa.Column("not_service_reason", sa.String(length=500), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", BigId, nullable=True),
        sa.CheckConstraint(
            "route IN ('agreement', 'listing', 'auction')",
            name=op.f("ck_compliance_sheets_route_known"),
        ),
        sa.CheckConstraint(
            "route IS NULL OR route = 'agreement' OR base_minor IS NOT NULL",
            name=op.f("ck_compliance_sheets_base_price_given"),
        ),
        sa.CheckConstraint("base_minor >= 0", name=op.f("ck_compliance_sheets_base_not_negative")),
        sa.CheckConstraint(
            "price_minor >= base_minor", name=op.f("ck_compliance_sheets_not_below_base")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_compliance_sheets_changed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_compliance_sheets_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_file_id"],
            ["deal_files.id"],
            name=op.f("fk_compliance_sheets_evidence_file_id_deal_files"),
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_compliance_sheets")),
    )
    op.create_index(
        "ix_compliance_sheets_changed_by", "compliance_sheets", ["changed_by"], unique=False
    )
    op.create_index(
        "ix_compliance_sheets_evidence_file_id",
        "compliance_sheets",
        ["evidence_file_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_compliance_sheets_evidence_file_id", table_name="compliance_sheets")
    op.drop_index("ix_compliance_sheets_changed_by", table_name="compliance_sheets")
    op.drop_table("compliance_sheets")
    op.drop_table("compliance_openings")
    op.drop_index("ix_compliance_objections_user_id", table_name="compliance_objections")
    op.drop_index("ix_compliance_objections_publicity_id", table_name="compliance_objections")
    op.drop_index("ix_compliance_objections_decided_by", table_name="compliance_objections")
    op.drop_table("compliance_objections")
    op.drop_index("ix_compliance_first_refusals_file_id", table_name="compliance_first_refusals")
    op.drop_index("ix_compliance_first_refusals_deal_id", table_name="compliance_first_refusals")
    op.drop_index(
        "ix_compliance_first_refusals_contributor_id", table_name="compliance_first_refusals"
    )
    op.drop_index(
        "ix_compliance_first_refusals_answered_by", table_name="compliance_first_refusals"
    )
    op.drop_table("compliance_first_refusals")
    op.drop_index("ix_compliance_duties_state_due_on", table_name="compliance_duties")
    op.drop_index("ix_compliance_duties_file_id", table_name="compliance_duties")
    op.drop_index("ix_compliance_duties_closed_by", table_name="compliance_duties")
    op.drop_table("compliance_duties")
    op.drop_index(
        "uq_compliance_publicities_running",
        table_name="compliance_publicities",
        postgresql_where=sa.text("state = 'running'"),
        sqlite_where=sa.text("state = 'running'"),
    )
    op.drop_index("ix_compliance_publicities_version_id", table_name="compliance_publicities")
    op.drop_index("ix_compliance_publicities_started_by", table_name="compliance_publicities")
    op.drop_index("ix_compliance_publicities_last_on", table_name="compliance_publicities")
    op.drop_index("ix_compliance_publicities_deal_id", table_name="compliance_publicities")
    op.drop_table("compliance_publicities")
    op.drop_index("ix_compliance_approvals_user_id", table_name="compliance_approvals")
    op.drop_index("ix_compliance_approvals_state", table_name="compliance_approvals")
    op.drop_index("ix_compliance_approvals_decided_by", table_name="compliance_approvals")
    op.drop_index("ix_compliance_approvals_deal_id", table_name="compliance_approvals")
    op.drop_table("compliance_approvals")
    op.drop_index(
        "ix_compliance_registrations_registered_on", table_name="compliance_registrations"
    )
    op.drop_table("compliance_registrations")
    op.drop_index("ix_compliance_foreign_checks_filled_by", table_name="compliance_foreign_checks")
    op.drop_table("compliance_foreign_checks")
    op.drop_index("ix_compliance_contributors_user_id", table_name="compliance_contributors")
    op.drop_index("ix_compliance_contributors_expert_id", table_name="compliance_contributors")
    op.drop_index("ix_compliance_contributors_declared_by", table_name="compliance_contributors")
    op.drop_table("compliance_contributors")
    op.drop_index("ix_compliance_chain_steps_user_id", table_name="compliance_chain_steps")
    op.drop_table("compliance_chain_steps")
