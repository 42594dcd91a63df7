"""rights: owners, grants to contributors, standing, licences granted, open licences."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, ExactDecimal, Json, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rights_annuities",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("year BETWEEN 1 AND 25", name=op.f("ck_rights_annuities_year_scale")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"],
            ["ip_rights.id"],
            name=op.f("fk_rights_annuities_ip_right_id_ip_rights"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_annuities")),
        sa.UniqueConstraint(
            "ip_right_id", "year", name=op.f("uq_rights_annuities_ip_right_id_year")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_annuities_public_id")),
    )
    op.create_table(
        "rights_conditions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('suspended', 'evaluation_report', 'invalidation')",
            name=op.f("ck_rights_conditions_kind_known"),
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_rights_conditions_in_order")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"],
            ["ip_rights.id"],
            name=op.f("fk_rights_conditions_ip_right_id_ip_rights"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_conditions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_conditions_public_id")),
    )
    op.create_index(
        "ix_rights_conditions_ip_right_id", "rights_conditions", ["ip_right_id"], unique=False
    )
    op.create_table(
        "rights_licences",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("territory", Json, nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("deal", sa.String(length=32), nullable=True),
        sa.Column("licensor_id", BigId, nullable=True),
        sa.Column("licensee_id", BigId, nullable=True),
        sa.Column("licensee", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_on IS NOT NULL)",
            name=op.f("ck_rights_licences_ended_whole"),
        ),
        sa.CheckConstraint(
            "kind IN ('exclusive', 'sole', 'nonexclusive', 'open', 'assignment')",
            name=op.f("ck_rights_licences_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('live', 'ended')", name=op.f("ck_rights_licences_state_known")
        ),
        sa.CheckConstraint("until >= since", name=op.f("ck_rights_licences_in_order")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"], ["ip_rights.id"], name=op.f("fk_rights_licences_ip_right_id_ip_rights")
        ),
        sa.ForeignKeyConstraint(
            ["licensee_id"],
            ["organisations.id"],
            name=op.f("fk_rights_licences_licensee_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["licensor_id"],
            ["organisations.id"],
            name=op.f("fk_rights_licences_licensor_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_licences")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_licences_public_id")),
    )
    op.create_index("ix_rights_licences_deal", "rights_licences", ["deal"], unique=False)
    op.create_index(
        "ix_rights_licences_ip_right_id", "rights_licences", ["ip_right_id", "state"], unique=False
    )
    op.create_index(
        "uq_rights_licences_deal",
        "rights_licences",
        ["deal", "ip_right_id"],
        unique=True,
        postgresql_where=sa.text("state = 'live'"),
        sqlite_where=sa.text("state = 'live'"),
    )
    op.create_table(
        "rights_open_licences",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("number", sa.String(length=100), nullable=True),
        sa.Column("fee_mode", sa.String(length=10), nullable=False),
        sa.Column("fee_minor", BigId, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.String(length=12), nullable=True),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("live_key", sa.String(length=40), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.Column("declared_by", BigId, nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(fee_minor IS NOT NULL) = (fee_mode <> 'running')",
            name=op.f("ck_rights_open_licences_fee_if_sum"),
        ),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state = 'declared')",
            name=op.f("ck_rights_open_licences_live_key_while_declared"),
        ),
        sa.CheckConstraint(
            "(rate IS NOT NULL) = (fee_mode = 'running')",
            name=op.f("ck_rights_open_licences_rate_if_running"),
        ),
        sa.CheckConstraint(
            "(withdrawn_on IS NOT NULL) = (state = 'withdrawn')",
            name=op.f("ck_rights_open_licences_withdrawn_whole"),
        ),
        sa.CheckConstraint(
            "fee_mode IN ('single', 'yearly', 'running')",
            name=op.f("ck_rights_open_licences_fee_mode_known"),
        ),
        sa.CheckConstraint(
            "state IN ('declared', 'withdrawn')", name=op.f("ck_rights_open_licences_state_known")
        ),
        sa.CheckConstraint("until >= declared_on", name=op.f("ck_rights_open_licences_in_order")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"],
            ["ip_rights.id"],
            name=op.f("fk_rights_open_licences_ip_right_id_ip_rights"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_rights_open_licences_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_open_licences")),
        sa.UniqueConstraint("live_key", name=op.f("uq_rights_open_licences_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_open_licences_public_id")),
    )
    op.create_index(
        "ix_rights_open_licences_ip_right_id", "rights_open_licences", ["ip_right_id"], unique=False
    )
    op.create_index(
        "ix_rights_open_licences_organisation_id",
        "rights_open_licences",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "rights_pledges",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.Column("pledgee", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_rights_pledges_in_order")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"], ["ip_rights.id"], name=op.f("fk_rights_pledges_ip_right_id_ip_rights")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_pledges")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_pledges_public_id")),
    )
    op.create_index(
        "ix_rights_pledges_ip_right_id", "rights_pledges", ["ip_right_id"], unique=False
    )
    op.create_table(
        "rights_grants",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("institution_id", BigId, nullable=False),
        sa.Column("applicant_id", BigId, nullable=True),
        sa.Column("share", ExactDecimal(6), nullable=True),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("live_key", sa.String(length=40), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=False),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("publicised_at", UTCDateTime(), nullable=True),
        sa.Column("publicity_days", sa.Integer(), nullable=True),
        sa.Column("publicity_until", sa.Date(), nullable=True),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("decision_remark", sa.Text(), nullable=True),
        sa.Column("institution_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("institution_confirmed_by", BigId, nullable=True),
        sa.CheckConstraint(
            "(kind = 'ownership' AND share > 0 AND years IS NULL) OR (kind = 'use' AND years > 0 AND share IS NULL)",
            name=op.f("ck_rights_grants_what_is_granted"),
        ),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ('applied', 'approved', 'publicised'))",
            name=op.f("ck_rights_grants_live_key_while_open"),
        ),
        sa.CheckConstraint(
            "kind IN ('ownership', 'use')", name=op.f("ck_rights_grants_kind_known")
        ),
        sa.CheckConstraint(
            "state <> 'agreed' OR (agreed_at IS NOT NULL AND institution_confirmed_at IS NOT NULL)",
            name=op.f("ck_rights_grants_agreed_by_both"),
        ),
        sa.CheckConstraint(
            "state IN ('applied', 'approved', 'publicised', 'agreed', 'refused', 'withdrawn')",
            name=op.f("ck_rights_grants_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('publicised', 'agreed') OR publicity_until IS NOT NULL",
            name=op.f("ck_rights_grants_publicity_before_agreement"),
        ),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["users.id"], name=op.f("fk_rights_grants_applicant_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["organisations.id"],
            name=op.f("fk_rights_grants_institution_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_rights_grants_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_grants")),
        sa.UniqueConstraint("live_key", name=op.f("uq_rights_grants_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_grants_public_id")),
    )
    op.create_index(
        "ix_rights_grants_applicant_id", "rights_grants", ["applicant_id"], unique=False
    )
    op.create_index(
        "ix_rights_grants_institution_id",
        "rights_grants",
        ["institution_id", "state"],
        unique=False,
    )
    op.create_index("ix_rights_grants_listing_id", "rights_grants", ["listing_id"], unique=False)
    op.create_table(
        "rights_ownerships",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("ip_right_id", BigId, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=True),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("replaced_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('recorded', 'corrected', 'grant', 'title')",
            name=op.f("ck_rights_ownerships_reason_known"),
        ),
        sa.CheckConstraint(
            "(listing_id IS NULL) <> (ip_right_id IS NULL)",
            name=op.f("ck_rights_ownerships_of_one_subject"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_rights_ownerships_in_order")),
        sa.ForeignKeyConstraint(
            ["ip_right_id"],
            ["ip_rights.id"],
            name=op.f("fk_rights_ownerships_ip_right_id_ip_rights"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_rights_ownerships_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_ownerships")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_ownerships_public_id")),
    )
    op.create_index(
        "uq_rights_ownerships_ip_right",
        "rights_ownerships",
        ["ip_right_id", "valid_from"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "uq_rights_ownerships_listing",
        "rights_ownerships",
        ["listing_id", "valid_from"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "rights_grant_members",
        sa.Column("grant_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("share", ExactDecimal(6), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("share > 0", name=op.f("ck_rights_grant_members_share_positive")),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["rights_grants.id"],
            name=op.f("fk_rights_grant_members_grant_id_rights_grants"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_rights_grant_members_user_id_users")
        ),
        sa.PrimaryKeyConstraint("grant_id", "position", name=op.f("pk_rights_grant_members")),
    )
    op.create_index(
        "ix_rights_grant_members_user_id", "rights_grant_members", ["user_id"], unique=False
    )
    op.create_table(
        "rights_grant_objections",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("grant_id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)",
            name=op.f("ck_rights_grant_objections_answer_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_rights_grant_objections_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["rights_grants.id"],
            name=op.f("fk_rights_grant_objections_grant_id_rights_grants"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_grant_objections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rights_grant_objections_public_id")),
    )
    op.create_index(
        "ix_rights_grant_objections_author_id",
        "rights_grant_objections",
        ["author_id"],
        unique=False,
    )
    op.create_index(
        "ix_rights_grant_objections_grant_id", "rights_grant_objections", ["grant_id"], unique=False
    )
    op.create_table(
        "rights_of_use",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("grant_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_rights_of_use_in_order")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["rights_grants.id"], name=op.f("fk_rights_of_use_grant_id_rights_grants")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_rights_of_use_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_rights_of_use_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_of_use")),
    )
    op.create_index("ix_rights_of_use_grant_id", "rights_of_use", ["grant_id"], unique=False)
    op.create_index("ix_rights_of_use_listing_id", "rights_of_use", ["listing_id"], unique=False)
    op.create_index("ix_rights_of_use_user_id", "rights_of_use", ["user_id"], unique=False)
    op.create_table(
        "rights_ownership_shares",
        sa.Column("ownership_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("outside_kind", sa.String(length=12), nullable=True),
        sa.Column("share", ExactDecimal(6), nullable=False),
        sa.CheckConstraint(
            "outside_kind IN ('organisation', 'person')",
            name=op.f("ck_rights_ownership_shares_outside_kind_known"),
        ),
        sa.CheckConstraint(
            "(CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN outside_kind IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_rights_ownership_shares_one_owner"),
        ),
        sa.CheckConstraint("share > 0", name=op.f("ck_rights_ownership_shares_share_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_rights_ownership_shares_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["ownership_id"],
            ["rights_ownerships.id"],
            name=op.f("fk_rights_ownership_shares_ownership_id_rights_ownerships"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_rights_ownership_shares_user_id_users")
        ),
        sa.PrimaryKeyConstraint(
            "ownership_id", "position", name=op.f("pk_rights_ownership_shares")
        ),
    )
    op.create_index(
        "ix_rights_ownership_shares_organisation_id",
        "rights_ownership_shares",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        "ix_rights_ownership_shares_user_id", "rights_ownership_shares", ["user_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_rights_ownership_shares_user_id", table_name="rights_ownership_shares")
    op.drop_index(
        "ix_rights_ownership_shares_organisation_id", table_name="rights_ownership_shares"
    )
    op.drop_table("rights_ownership_shares")
    op.drop_index("ix_rights_of_use_user_id", table_name="rights_of_use")
    op.drop_index("ix_rights_of_use_listing_id", table_name="rights_of_use")
    op.drop_index("ix_rights_of_use_grant_id", table_name="rights_of_use")
    op.drop_table("rights_of_use")
    op.drop_index("ix_rights_grant_objections_grant_id", table_name="rights_grant_objections")
    op.drop_index("ix_rights_grant_objections_author_id", table_name="rights_grant_objections")
    op.drop_table("rights_grant_objections")
    op.drop_index("ix_rights_grant_members_user_id", table_name="rights_grant_members")
    op.drop_table("rights_grant_members")
    op.drop_index(
        "uq_rights_ownerships_listing",
        table_name="rights_ownerships",
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_index(
        "uq_rights_ownerships_ip_right",
        table_name="rights_ownerships",
        postgresql_where=sa.text("replaced_at IS NULL"),
        sqlite_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_table("rights_ownerships")
    op.drop_index("ix_rights_grants_listing_id", table_name="rights_grants")
    op.drop_index("ix_rights_grants_institution_id", table_name="rights_grants")
    op.drop_index("ix_rights_grants_applicant_id", table_name="rights_grants")
    op.drop_table("rights_grants")
    op.drop_index("ix_rights_pledges_ip_right_id", table_name="rights_pledges")
    op.drop_table("rights_pledges")
    op.drop_index("ix_rights_open_licences_organisation_id", table_name="rights_open_licences")
    op.drop_index("ix_rights_open_licences_ip_right_id", table_name="rights_open_licences")
    op.drop_table("rights_open_licences")
    op.drop_index(
        "uq_rights_licences_deal",
        table_name="rights_licences",
        postgresql_where=sa.text("state = 'live'"),
        sqlite_where=sa.text("state = 'live'"),
    )
    op.drop_index("ix_rights_licences_ip_right_id", table_name="rights_licences")
    op.drop_index("ix_rights_licences_deal", table_name="rights_licences")
    op.drop_table("rights_licences")
    op.drop_index("ix_rights_conditions_ip_right_id", table_name="rights_conditions")
    op.drop_table("rights_conditions")
    op.drop_table("rights_annuities")
