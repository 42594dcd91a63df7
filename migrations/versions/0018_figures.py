"""figures: what was known of each contract and when; research expenditure."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


REFUSAL = "contract records are only ever added to"


def upgrade() -> None:
    op.create_table(
        "research_years",
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("minor", BigId, nullable=False),
        sa.Column("entered_by", BigId, nullable=True),
        sa.Column("entered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("minor >= 0", name=op.f("ck_research_years_not_negative")),
        sa.CheckConstraint(
            "year BETWEEN 1980 AND 2100", name=op.f("ck_research_years_year_plausible")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["users.id"], name=op.f("fk_research_years_entered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_research_years_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "year", "currency", name=op.f("pk_research_years")
        ),
    )
    op.create_index("ix_research_years_entered_by", "research_years", ["entered_by"], unique=False)
    op.create_table(
        "contract_records",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("contract", sa.String(length=12), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", BigId, nullable=False),
        sa.Column("technology_minor", BigId, nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("registered_value_minor", BigId, nullable=True),
        sa.Column("seller_id", BigId, nullable=False),
        sa.Column("seller_kind", sa.String(length=40), nullable=False),
        sa.Column("seller_region", sa.String(length=40), nullable=True),
        sa.Column("seller_province", sa.String(length=40), nullable=True),
        sa.Column("buyer_id", BigId, nullable=False),
        sa.Column("buyer_country", sa.String(length=2), nullable=False),
        sa.Column("buyer_region", sa.String(length=40), nullable=True),
        sa.Column("buyer_province", sa.String(length=40), nullable=True),
        sa.Column("field_scheme", sa.String(length=40), nullable=True),
        sa.Column("field_code", sa.String(length=40), nullable=True),
        sa.Column("new_company", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "change IN ('signed', 'amended', 'registered', 'ended')",
            name=op.f("ck_contract_records_change_known"),
        ),
        sa.CheckConstraint(
            "contract IN ('development', 'transfer', 'licence', 'consulting', 'service')",
            name=op.f("ck_contract_records_contract_known"),
        ),
        sa.CheckConstraint(
            "(registered_on IS NULL) = (registered_value_minor IS NULL)",
            name=op.f("ck_contract_records_registered_whole"),
        ),
        sa.CheckConstraint("value_minor >= 0", name=op.f("ck_contract_records_value_not_negative")),
        sa.ForeignKeyConstraint(
            ["buyer_id"],
            ["organisations.id"],
            name=op.f("fk_contract_records_buyer_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_contract_records_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"],
            ["organisations.id"],
            name=op.f("fk_contract_records_seller_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_records")),
        sa.UniqueConstraint(
            "deal_id", "sequence", name=op.f("uq_contract_records_deal_id_sequence")
        ),
    )
    op.create_index("ix_contract_records_buyer_id", "contract_records", ["buyer_id"], unique=False)
    op.create_index(
        "ix_contract_records_recorded_at", "contract_records", ["recorded_at"], unique=False
    )
    op.create_index(
        "ix_contract_records_seller_id",
        "contract_records",
        ["seller_id", "signed_on"],
        unique=False,
    )
    op.create_index(
        "ix_contract_records_signed_on", "contract_records", ["signed_on"], unique=False
    )
    _refuse_changes()


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION contract_records_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER contract_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON contract_records FOR EACH STATEMENT EXECUTE FUNCTION contract_records_refuse()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER contract_records_no_{verb} BEFORE {verb.upper()} ON contract_records "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER contract_records_append_only ON contract_records")
        op.execute("DROP FUNCTION contract_records_refuse()")
    op.drop_index("ix_contract_records_signed_on", table_name="contract_records")
    op.drop_index("ix_contract_records_seller_id", table_name="contract_records")
    op.drop_index("ix_contract_records_recorded_at", table_name="contract_records")
    op.drop_index("ix_contract_records_buyer_id", table_name="contract_records")
    op.drop_table("contract_records")
    op.drop_index("ix_research_years_entered_by", table_name="research_years")
    op.drop_table("research_years")
