"""equity: companies, holders, events, agreements, proposals, appraisals, first calls."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equity_companies",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("par_minor", sa.Integer(), nullable=False),
        sa.Column("preemption", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.CheckConstraint(
            "kind <> 'limited' OR par_minor = 1", name=op.f("ck_equity_companies_par_of_limited")
        ),
        sa.CheckConstraint(
            "kind IN ('limited', 'joint_stock')", name=op.f("ck_equity_companies_kind_known")
        ),
        sa.CheckConstraint("par_minor > 0", name=op.f("ck_equity_companies_par_positive")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_equity_companies_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_equity_companies_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_companies")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_equity_companies_organisation_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_equity_companies_public_id")),
    )
    op.create_index(
        "ix_equity_companies_created_by", "equity_companies", ["created_by"], unique=False
    )
    op.create_table(
        "equity_deals",
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("company_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["equity_companies.id"],
            name=op.f("fk_equity_deals_company_id_equity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_equity_deals_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("deal_id", name=op.f("pk_equity_deals")),
    )
    op.create_index("ix_equity_deals_company_id", "equity_deals", ["company_id"], unique=False)
    op.create_table(
        "equity_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("company_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("result", Json, nullable=False),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("source", sa.String(length=300), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('incorporation', 'contribution', 'round', 'pool', 'pool_issued', 'right_granted', 'exercise', 'right_lapsed', 'grant_made', 'conversion', 'grant_closed', 'transfer', 'repurchase', 'split', 'strike')",
            name=op.f("ck_equity_events_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["equity_companies.id"],
            name=op.f("fk_equity_events_company_id_equity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_equity_events_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_equity_events_recorded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_events")),
        sa.UniqueConstraint(
            "company_id", "number", name=op.f("uq_equity_events_company_id_number")
        ),
    )
    op.create_index("ix_equity_events_deal_id", "equity_events", ["deal_id"], unique=False)
    op.create_index("ix_equity_events_recorded_by", "equity_events", ["recorded_by"], unique=False)
    op.create_table(
        "equity_holders",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("company_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.CheckConstraint(
            "kind IN ('organisation', 'team', 'person', 'other')",
            name=op.f("ck_equity_holders_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["equity_companies.id"],
            name=op.f("fk_equity_holders_company_id_equity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_equity_holders_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_holders")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_equity_holders_company_id_key")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_equity_holders_company_id_name")),
    )
    op.create_index(
        "ix_equity_holders_organisation_id", "equity_holders", ["organisation_id"], unique=False
    )
    op.create_table(
        "equity_agreements",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("company_id", BigId, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("holder_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'subscription' OR expires_on IS NOT NULL",
            name=op.f("ck_equity_agreements_expiry_set"),
        ),
        sa.CheckConstraint(
            "kind IN ('subscription', 'grant')", name=op.f("ck_equity_agreements_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('granted', 'vested', 'exercised_in_part', 'exercised', 'lapsed', 'terminated', 'conversion_proposed', 'converted', 'repaid', 'closed')",
            name=op.f("ck_equity_agreements_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["equity_companies.id"],
            name=op.f("fk_equity_agreements_company_id_equity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_equity_agreements_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["equity_holders.id"],
            name=op.f("fk_equity_agreements_holder_id_equity_holders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_agreements")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_equity_agreements_company_id_key")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_equity_agreements_deal_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_equity_agreements_public_id")),
    )
    op.create_index(
        "ix_equity_agreements_holder_id", "equity_agreements", ["holder_id"], unique=False
    )
    op.create_index(
        "ix_equity_agreements_state_expires_on",
        "equity_agreements",
        ["state", "expires_on"],
        unique=False,
    )
    op.create_table(
        "equity_preemptions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("holder_id", BigId, nullable=False),
        sa.Column("units", BigId, nullable=False),
        sa.Column("entitled", BigId, nullable=False),
        sa.Column("company_version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=12), nullable=True),
        sa.Column("taken", BigId, nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=True),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('takes_up', 'waives')", name=op.f("ck_equity_preemptions_answer_known")
        ),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_on IS NULL)",
            name=op.f("ck_equity_preemptions_answer_dated"),
        ),
        sa.CheckConstraint(
            "taken BETWEEN 0 AND entitled", name=op.f("ck_equity_preemptions_taken_within_part")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_equity_preemptions_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_equity_preemptions_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["equity_holders.id"],
            name=op.f("fk_equity_preemptions_holder_id_equity_holders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_preemptions")),
        sa.UniqueConstraint(
            "deal_id", "holder_id", name=op.f("uq_equity_preemptions_deal_id_holder_id")
        ),
    )
    op.create_index(
        "ix_equity_preemptions_answered_by", "equity_preemptions", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_equity_preemptions_holder_id", "equity_preemptions", ["holder_id"], unique=False
    )
    op.create_table(
        "equity_appraisals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("file_id", BigId, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("appraiser", sa.String(length=200), nullable=False),
        sa.Column("value_minor", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("appraised_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("value_minor > 0", name=op.f("ck_equity_appraisals_value_positive")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_equity_appraisals_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["deal_files.id"], name=op.f("fk_equity_appraisals_file_id_deal_files")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_equity_appraisals_recorded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_appraisals")),
    )
    op.create_index(
        "ix_equity_appraisals_deal_id", "equity_appraisals", ["deal_id", "id"], unique=False
    )
    op.create_index("ix_equity_appraisals_file_id", "equity_appraisals", ["file_id"], unique=False)
    op.create_index(
        "ix_equity_appraisals_recorded_by", "equity_appraisals", ["recorded_by"], unique=False
    )
    op.create_table(
        "equity_proposals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("computed", Json, nullable=False),
        sa.Column("company_version", sa.Integer(), nullable=False),
        sa.Column("live_key", BigId, nullable=True),
        sa.Column("seller_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("seller_confirmed_by", BigId, nullable=True),
        sa.Column("buyer_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("buyer_confirmed_by", BigId, nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('exercise', 'conversion', 'repaid', 'closed')",
            name=op.f("ck_equity_proposals_kind_known"),
        ),
        sa.CheckConstraint(
            "(live_key IS NULL) = (done_at IS NOT NULL OR withdrawn_at IS NOT NULL)",
            name=op.f("ck_equity_proposals_live_key_while_open"),
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR (seller_confirmed_at IS NOT NULL AND buyer_confirmed_at IS NOT NULL)",
            name=op.f("ck_equity_proposals_done_by_both"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["equity_agreements.id"],
            name=op.f("fk_equity_proposals_agreement_id_equity_agreements"),
        ),
        sa.ForeignKeyConstraint(
            ["buyer_confirmed_by"],
            ["users.id"],
            name=op.f("fk_equity_proposals_buyer_confirmed_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["seller_confirmed_by"],
            ["users.id"],
            name=op.f("fk_equity_proposals_seller_confirmed_by_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equity_proposals")),
        sa.UniqueConstraint("live_key", name=op.f("uq_equity_proposals_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_equity_proposals_public_id")),
    )
    op.create_index(
        "ix_equity_proposals_agreement_id", "equity_proposals", ["agreement_id", "id"], unique=False
    )
    op.create_index(
        "ix_equity_proposals_buyer_confirmed_by",
        "equity_proposals",
        ["buyer_confirmed_by"],
        unique=False,
    )
    op.create_index(
        "ix_equity_proposals_seller_confirmed_by",
        "equity_proposals",
        ["seller_confirmed_by"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("equity_proposals")
    op.drop_table("equity_appraisals")
    op.drop_table("equity_preemptions")
    op.drop_table("equity_agreements")
    op.drop_table("equity_holders")
    op.drop_table("equity_events")
    op.drop_table("equity_deals")
    op.drop_table("equity_companies")
