"""deals: versions of terms, files, signatures, messages."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seller_organisation_id", BigId, nullable=False),
        sa.Column("buyer_organisation_id", BigId, nullable=False),
        sa.Column("seller_user_id", BigId, nullable=True),
        sa.Column("buyer_user_id", BigId, nullable=True),
        sa.Column("broker_id", BigId, nullable=True),
        sa.Column("origin_kind", sa.String(length=20), nullable=False),
        sa.Column("origin_id", BigId, nullable=True),
        sa.Column("no_need_reason", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("jurisdiction", sa.String(length=12), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", BigId, nullable=True),
        sa.Column("technology_value_minor", BigId, nullable=True),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("end_remark", sa.Text(), nullable=True),
        sa.Column("stage_since", UTCDateTime(), nullable=False),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("last_message_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('price', 'scope', 'timing', 'technology', 'approval', 'objection', 'finance', 'other_partner', 'breach', 'agreed', 'other')",
            name=op.f("ck_deals_end_reason_known"),
        ),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_deals_language_known")),
        sa.CheckConstraint(
            "origin_kind IN ('introduction', 'match', 'listing', 'meeting', 'offer', 'deal', 'none')",
            name=op.f("ck_deals_origin_kind_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('lead', 'talks', 'terms', 'approval', 'publicity', 'signing', 'signed', 'in_force', 'completed', 'terminated', 'lapsed', 'dropped')",
            name=op.f("ck_deals_stage_known"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('signed', 'in_force', 'completed', 'terminated') OR signed_on IS NOT NULL",
            name=op.f("ck_deals_signed_has_day"),
        ),
        sa.CheckConstraint(
            "stage NOT IN ('terminated', 'dropped') OR end_reason IS NOT NULL",
            name=op.f("ck_deals_end_has_reason"),
        ),
        sa.CheckConstraint(
            "state = stage OR state LIKE stage || '.%'", name=op.f("ck_deals_state_in_stage")
        ),
        sa.CheckConstraint(
            "seller_organisation_id <> buyer_organisation_id", name=op.f("ck_deals_two_sides")
        ),
        sa.CheckConstraint(
            "technology_value_minor BETWEEN 0 AND value_minor",
            name=op.f("ck_deals_technology_within_value"),
        ),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_deals_value_not_negative")),
        sa.ForeignKeyConstraint(["broker_id"], ["users.id"], name=op.f("fk_deals_broker_id_users")),
        sa.ForeignKeyConstraint(
            ["buyer_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_deals_buyer_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["buyer_user_id"], ["users.id"], name=op.f("fk_deals_buyer_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_deals_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["seller_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_deals_seller_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["seller_user_id"], ["users.id"], name=op.f("fk_deals_seller_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deals_public_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_deals_request_key")),
    )
    op.create_index(
        "ix_deals_broker_id_stage",
        "deals",
        ["broker_id", "stage", "stage_since", "id"],
        unique=False,
    )
    op.create_index(
        "ix_deals_buyer", "deals", ["buyer_organisation_id", "stage", "stage_since"], unique=False
    )
    op.create_index("ix_deals_buyer_user_id", "deals", ["buyer_user_id"], unique=False)
    op.create_index("ix_deals_created_by", "deals", ["created_by"], unique=False)
    op.create_index("ix_deals_form_stage", "deals", ["form", "stage"], unique=False)
    op.create_index("ix_deals_origin", "deals", ["origin_kind", "origin_id"], unique=False)
    op.create_index(
        "ix_deals_seller", "deals", ["seller_organisation_id", "stage", "stage_since"], unique=False
    )
    op.create_index("ix_deals_seller_user_id", "deals", ["seller_user_id"], unique=False)
    op.create_index("ix_deals_signed_on", "deals", ["signed_on"], unique=False)
    op.create_index(
        "ix_deals_stage_stage_since", "deals", ["stage", "stage_since", "id"], unique=False
    )
    op.create_table(
        "deal_listings",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_listings_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_deal_listings_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("deal_id", "listing_id", name=op.f("pk_deal_listings")),
    )
    op.create_index("ix_deal_listings_listing_id", "deal_listings", ["listing_id"], unique=False)
    op.create_table(
        "deal_messages",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("speaker", sa.String(length=8), nullable=False),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "speaker IN ('seller', 'buyer', 'broker')", name=op.f("ck_deal_messages_speaker_known")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_deal_messages_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_messages_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_messages")),
    )
    op.create_index("ix_deal_messages_author_id", "deal_messages", ["author_id"], unique=False)
    op.create_index("ix_deal_messages_deal_id", "deal_messages", ["deal_id", "id"], unique=False)
    op.create_table(
        "deal_rights",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("ip_right_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_rights_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["ip_right_id"], ["ip_rights.id"], name=op.f("fk_deal_rights_ip_right_id_ip_rights")
        ),
        sa.PrimaryKeyConstraint("deal_id", "ip_right_id", name=op.f("pk_deal_rights")),
    )
    op.create_index("ix_deal_rights_ip_right_id", "deal_rights", ["ip_right_id"], unique=False)
    op.create_table(
        "deal_term_versions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answer_note", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_deal_term_versions_side_known")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'replaced', 'declined', 'withdrawn')",
            name=op.f("ck_deal_term_versions_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_deal_term_versions_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_term_versions_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_deal_term_versions_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_term_versions")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_deal_term_versions_deal_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deal_term_versions_public_id")),
    )
    op.create_index(
        "ix_deal_term_versions_answered_by", "deal_term_versions", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_deal_term_versions_proposed_by", "deal_term_versions", ["proposed_by"], unique=False
    )
    op.create_index(
        "uq_deal_term_versions_accepted",
        "deal_term_versions",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
        sqlite_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "uq_deal_term_versions_proposed",
        "deal_term_versions",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "deal_files",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("version_id", BigId, nullable=True),
        sa.Column("uploaded_by", BigId, nullable=True),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('signed_contract', 'amendment', 'draft', 'appraisal', 'approval', 'insurance', 'report', 'evidence', 'other')",
            name=op.f("ck_deal_files_kind_known"),
        ),
        sa.CheckConstraint("side IN ('seller', 'buyer')", name=op.f("ck_deal_files_side_known")),
        sa.CheckConstraint(
            "NOT private OR side IS NOT NULL", name=op.f("ck_deal_files_private_has_side")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_files_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"], ["users.id"], name=op.f("fk_deal_files_uploaded_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_deal_files_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_deal_files_public_id")),
    )
    op.create_index("ix_deal_files_deal_id", "deal_files", ["deal_id", "id"], unique=False)
    op.create_index("ix_deal_files_sha256", "deal_files", ["sha256"], unique=False)
    op.create_index("ix_deal_files_uploaded_by", "deal_files", ["uploaded_by"], unique=False)
    op.create_index("ix_deal_files_version_id", "deal_files", ["version_id"], unique=False)
    op.create_table(
        "deal_signatures",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("version_id", BigId, nullable=False),
        sa.Column("signer", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("signatory", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by", BigId, nullable=True),
        sa.Column("confirmed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "organisation_id IS NOT NULL OR user_id IS NOT NULL",
            name=op.f("ck_deal_signatures_somebody_signed"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["users.id"], name=op.f("fk_deal_signatures_confirmed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_signatures_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_deal_signatures_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_deal_signatures_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_deal_signatures_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_signatures")),
        sa.UniqueConstraint(
            "version_id", "signer", name=op.f("uq_deal_signatures_version_id_signer")
        ),
    )
    op.create_index(
        "ix_deal_signatures_confirmed_by", "deal_signatures", ["confirmed_by"], unique=False
    )
    op.create_index("ix_deal_signatures_deal_id", "deal_signatures", ["deal_id"], unique=False)
    op.create_index(
        "ix_deal_signatures_organisation_id", "deal_signatures", ["organisation_id"], unique=False
    )
    op.create_index("ix_deal_signatures_user_id", "deal_signatures", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_deal_signatures_user_id", table_name="deal_signatures")
    op.drop_index("ix_deal_signatures_organisation_id", table_name="deal_signatures")
    op.drop_index("ix_deal_signatures_deal_id", table_name="deal_signatures")
    op.drop_index("ix_deal_signatures_confirmed_by", table_name="deal_signatures")
    op.drop_table("deal_signatures")
    op.drop_index("ix_deal_files_version_id", table_name="deal_files")
    op.drop_index("ix_deal_files_uploaded_by", table_name="deal_files")
    op.drop_index("ix_deal_files_sha256", table_name="deal_files")
    op.drop_index("ix_deal_files_deal_id", table_name="deal_files")
    op.drop_table("deal_files")
    op.drop_index(
        "uq_deal_term_versions_proposed",
        table_name="deal_term_versions",
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.drop_index(
        "uq_deal_term_versions_accepted",
        table_name="deal_term_versions",
        postgresql_where=sa.text("state = 'accepted'"),
        sqlite_where=sa.text("state = 'accepted'"),
    )
    op.drop_index("ix_deal_term_versions_proposed_by", table_name="deal_term_versions")
    op.drop_index("ix_deal_term_versions_answered_by", table_name="deal_term_versions")
    op.drop_table("deal_term_versions")
    op.drop_index("ix_deal_rights_ip_right_id", table_name="deal_rights")
    op.drop_table("deal_rights")
    op.drop_index("ix_deal_messages_deal_id", table_name="deal_messages")
    op.drop_index("ix_deal_messages_author_id", table_name="deal_messages")
    op.drop_table("deal_messages")
    op.drop_index("ix_deal_listings_listing_id", table_name="deal_listings")
    op.drop_table("deal_listings")
    op.drop_index("ix_deals_stage_stage_since", table_name="deals")
    op.drop_index("ix_deals_signed_on", table_name="deals")
    op.drop_index("ix_deals_seller_user_id", table_name="deals")
    op.drop_index("ix_deals_seller", table_name="deals")
    op.drop_index("ix_deals_origin", table_name="deals")
    op.drop_index("ix_deals_form_stage", table_name="deals")
    op.drop_index("ix_deals_created_by", table_name="deals")
    op.drop_index("ix_deals_buyer_user_id", table_name="deals")
    op.drop_index("ix_deals_buyer", table_name="deals")
    op.drop_index("ix_deals_broker_id_stage", table_name="deals")
    op.drop_table("deals")
