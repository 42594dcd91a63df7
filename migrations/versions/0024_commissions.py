"""commissions: agreements, shares, dues, payouts; yearly statements; kinds of the ledger."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, ExactDecimal, Json, UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KINDS_BEFORE = (
    "'receivable', 'cash', 'written_off', 'income', 'interest', 'vat', 'advance', 'clearing', "
    "'share', 'share_payable'"
)
KINDS = (
    KINDS_BEFORE + ", 'commission', 'commission_vat', 'commission_unshared', 'commission_payable'"
)
# Only ever added to, whoever writes: the database itself refuses the rest.
APPEND_ONLY = ("commission_accruals", "commission_parts")


def upgrade() -> None:
    _tables()
    _allow_kinds(KINDS_BEFORE, KINDS)
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    refusal = f"{table} is append-only"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def _allow_kinds(before: str, after: str) -> None:
    """Let the ledger's accounts be of these kinds; the table itself is append-only and stays."""
    name = "ck_ledger_accounts_kind_known"
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE ledger_accounts DROP CONSTRAINT {name}")
        # On the way back accounts of the new kinds stay as they are.
        rest = " NOT VALID" if len(after) < len(before) else ""
        op.execute(
            f"ALTER TABLE ledger_accounts ADD CONSTRAINT {name} CHECK (kind IN ({after})){rest}"
        )
        return
    # SQLite cannot change a CHECK; copying the table would take its triggers and what refers to
    # it along. Its text is changed instead, as the documents of SQLite allow for constraints.
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
        "WHERE type = 'table' AND name = 'ledger_accounts' AND instr(sql, ?) > 0",
        (f"({before})", f"({after})", f"({before})"),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")
    if changed.rowcount != 1:
        raise RuntimeError("ledger_accounts has no such check")


def _tables() -> None:
    op.create_table(
        "broker_papers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("statement_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("paper", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(paper = 'certificate') = (number IS NOT NULL)", name=op.f("ck_broker_papers_numbered")
        ),
        sa.CheckConstraint(
            "paper IN ('year', 'certificate')", name=op.f("ck_broker_papers_paper_known")
        ),
        sa.CheckConstraint(
            "year BETWEEN 2000 AND 2200", name=op.f("ck_broker_papers_year_plausible")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["credit_statements.id"],
            name=op.f("fk_broker_papers_statement_id_credit_statements"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_broker_papers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broker_papers")),
        sa.UniqueConstraint(
            "paper", "year", "number", name=op.f("uq_broker_papers_paper_year_number")
        ),
        sa.UniqueConstraint("statement_id", name=op.f("uq_broker_papers_statement_id")),
    )
    op.create_index(
        "ix_broker_papers_user_id_year", "broker_papers", ["user_id", "year"], unique=False
    )
    op.create_index(
        "uq_broker_papers_by_itself",
        "broker_papers",
        ["user_id", "year"],
        unique=True,
        postgresql_where=sa.text("by_itself"),
        sqlite_where=sa.text("by_itself"),
    )
    op.create_table(
        "commission_agreements",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seller_percent", ExactDecimal(4), nullable=False),
        sa.Column("basis", sa.String(length=8), nullable=False),
        sa.Column("percent", ExactDecimal(4), nullable=True),
        sa.Column("tiers", Json, nullable=False),
        sa.Column("fixed_minor", BigId, nullable=True),
        sa.Column("fixed_event", sa.String(length=16), nullable=True),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("cap_minor", BigId, nullable=True),
        sa.Column("vat_rate", ExactDecimal(4), nullable=False),
        sa.Column("pay_within_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.Column("base_start", BigId, nullable=False),
        sa.Column("carried", Json, nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_by", BigId, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("base_end", BigId, nullable=True),
        sa.CheckConstraint(
            "basis <> 'fixed' OR (fixed_minor IS NOT NULL AND fixed_event IS NOT NULL)",
            name=op.f("ck_commission_agreements_fixed_has_sum"),
        ),
        sa.CheckConstraint(
            "basis <> 'percent' OR percent IS NOT NULL",
            name=op.f("ck_commission_agreements_percent_has_rate"),
        ),
        sa.CheckConstraint(
            "basis IN ('percent', 'tiers', 'fixed')",
            name=op.f("ck_commission_agreements_basis_known"),
        ),
        sa.CheckConstraint(
            "fixed_event IN ('signing', 'in_force', 'first_payment')",
            name=op.f("ck_commission_agreements_fixed_event_known"),
        ),
        sa.CheckConstraint(
            "state <> 'ended' OR (ended_at IS NOT NULL AND base_end IS NOT NULL)",
            name=op.f("ck_commission_agreements_ended_has_time"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'declined', 'withdrawn', 'replaced', 'ended')",
            name=op.f("ck_commission_agreements_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('agreed', 'replaced', 'ended') OR agreed_at IS NOT NULL",
            name=op.f("ck_commission_agreements_agreed_has_time"),
        ),
        sa.CheckConstraint(
            "fixed_minor > 0 AND cap_minor > 0", name=op.f("ck_commission_agreements_sums_positive")
        ),
        sa.CheckConstraint(
            "length(currency) = 3", name=op.f("ck_commission_agreements_currency_code")
        ),
        sa.CheckConstraint(
            "pay_within_days BETWEEN 0 AND 365",
            name=op.f("ck_commission_agreements_days_plausible"),
        ),
        sa.CheckConstraint(
            "percent BETWEEN 0 AND 1000000", name=op.f("ck_commission_agreements_percent_in_range")
        ),
        sa.CheckConstraint(
            "seller_percent BETWEEN 0 AND 1000000",
            name=op.f("ck_commission_agreements_seller_percent_in_range"),
        ),
        sa.CheckConstraint(
            "vat_rate BETWEEN 0 AND 1000000",
            name=op.f("ck_commission_agreements_vat_rate_in_range"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_agreements_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["users.id"], name=op.f("fk_commission_agreements_ended_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_commission_agreements_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_agreements")),
        sa.UniqueConstraint(
            "deal_id", "number", name=op.f("uq_commission_agreements_deal_id_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_agreements_public_id")),
    )
    op.create_index(
        "ix_commission_agreements_ended_by", "commission_agreements", ["ended_by"], unique=False
    )
    op.create_index(
        "ix_commission_agreements_proposed_by",
        "commission_agreements",
        ["proposed_by"],
        unique=False,
    )
    op.create_index(
        "ix_commission_agreements_state",
        "commission_agreements",
        ["state", "proposed_at"],
        unique=False,
    )
    op.create_index(
        "uq_commission_agreements_agreed",
        "commission_agreements",
        ["deal_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state = 'agreed'"),
        sqlite_where=sa.text("state = 'agreed'"),
    )
    op.create_index(
        "uq_commission_agreements_proposed",
        "commission_agreements",
        ["deal_id", "currency"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "commission_receivers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "(kind = 'organisation') = (organisation_id IS NOT NULL)",
            name=op.f("ck_commission_receivers_house_whole"),
        ),
        sa.CheckConstraint(
            "(kind = 'station') = (station_id IS NOT NULL)",
            name=op.f("ck_commission_receivers_place_whole"),
        ),
        sa.CheckConstraint(
            "kind IN ('person', 'organisation', 'station')",
            name=op.f("ck_commission_receivers_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_receivers_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_commission_receivers_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"],
            ["stations.id"],
            name=op.f("fk_commission_receivers_station_id_stations"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_commission_receivers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_receivers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_receivers_public_id")),
    )
    op.create_index(
        "ix_commission_receivers_deal_id", "commission_receivers", ["deal_id"], unique=False
    )
    op.create_index(
        "ix_commission_receivers_organisation_id",
        "commission_receivers",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        "ix_commission_receivers_station_id", "commission_receivers", ["station_id"], unique=False
    )
    op.create_index(
        "ix_commission_receivers_user_id", "commission_receivers", ["user_id"], unique=False
    )
    op.create_table(
        "commission_splits",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=40), nullable=True),
        sa.Column("proposed_by", BigId, nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ('proposed', 'disputed', 'confirmed'))",
            name=op.f("ck_commission_splits_live_key_while_live"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL",
            name=op.f("ck_commission_splits_confirmed_has_time"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'disputed', 'confirmed', 'reopened', 'withdrawn')",
            name=op.f("ck_commission_splits_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_splits_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_commission_splits_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_splits")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_commission_splits_deal_id_number")),
        sa.UniqueConstraint("live_key", name=op.f("uq_commission_splits_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_splits_public_id")),
    )
    op.create_index(
        "ix_commission_splits_proposed_by", "commission_splits", ["proposed_by"], unique=False
    )
    op.create_table(
        "commission_accruals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cause_kind", sa.String(length=20), nullable=False),
        sa.Column("cause_id", sa.String(length=40), nullable=False),
        sa.Column("net_minor", BigId, nullable=False),
        sa.Column("vat_minor", BigId, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_commission_accruals_side_known")
        ),
        sa.CheckConstraint(
            "net_minor <> 0 OR vat_minor <> 0", name=op.f("ck_commission_accruals_says_something")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["commission_agreements.id"],
            name=op.f("fk_commission_accruals_agreement_id_commission_agreements"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_accruals_deal_id_deals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_accruals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_accruals_public_id")),
    )
    op.create_index(
        "ix_commission_accruals_agreement_id", "commission_accruals", ["agreement_id"], unique=False
    )
    op.create_index(
        "ix_commission_accruals_deal_id",
        "commission_accruals",
        ["deal_id", "currency", "side"],
        unique=False,
    )
    op.create_table(
        "commission_consents",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("agreement_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_commission_consents_side_known")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["commission_agreements.id"],
            name=op.f("fk_commission_consents_agreement_id_commission_agreements"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_commission_consents_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_consents")),
        sa.UniqueConstraint(
            "agreement_id", "side", name=op.f("uq_commission_consents_agreement_id_side")
        ),
    )
    op.create_index(
        "ix_commission_consents_user_id", "commission_consents", ["user_id"], unique=False
    )
    op.create_table(
        "commission_parts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("receiver_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("minor", BigId, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('shared', 'reversed', 'reopened')",
            name=op.f("ck_commission_parts_kind_known"),
        ),
        sa.CheckConstraint(
            "minor <> 0 AND (kind = 'shared') = (minor > 0)",
            name=op.f("ck_commission_parts_sign_of_kind"),
        ),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_commission_parts_side_known")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_parts_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["commission_receivers.id"],
            name=op.f("fk_commission_parts_receiver_id_commission_receivers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_parts")),
    )
    op.create_index("ix_commission_parts_deal_id", "commission_parts", ["deal_id"], unique=False)
    op.create_index(
        "ix_commission_parts_receiver_id", "commission_parts", ["receiver_id", "on"], unique=False
    )
    op.create_table(
        "commission_payouts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("receiver_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("minor", BigId, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by", BigId, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "side IN ('seller', 'buyer')", name=op.f("ck_commission_payouts_side_known")
        ),
        sa.CheckConstraint(
            "state IN ('paid', 'received', 'contested', 'taken_back')",
            name=op.f("ck_commission_payouts_state_known"),
        ),
        sa.CheckConstraint("minor <> 0", name=op.f("ck_commission_payouts_not_zero")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_commission_payouts_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_commission_payouts_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["commission_receivers.id"],
            name=op.f("fk_commission_payouts_receiver_id_commission_receivers"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_commission_payouts_recorded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_payouts")),
        sa.UniqueConstraint("deal_id", "key", name=op.f("uq_commission_payouts_deal_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_payouts_public_id")),
    )
    op.create_index(
        "ix_commission_payouts_answered_by", "commission_payouts", ["answered_by"], unique=False
    )
    op.create_index(
        "ix_commission_payouts_receiver_id",
        "commission_payouts",
        ["receiver_id", "paid_on"],
        unique=False,
    )
    op.create_index(
        "ix_commission_payouts_recorded_by", "commission_payouts", ["recorded_by"], unique=False
    )
    op.create_table(
        "commission_shares",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("split_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("receiver_id", BigId, nullable=False),
        sa.Column("percent", ExactDecimal(4), nullable=False),
        sa.Column("acts", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state = 'waiting' OR answered_at IS NOT NULL",
            name=op.f("ck_commission_shares_answered"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'disputed')",
            name=op.f("ck_commission_shares_state_known"),
        ),
        sa.CheckConstraint(
            "percent BETWEEN 0 AND 1000000", name=op.f("ck_commission_shares_percent_in_range")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"],
            ["commission_receivers.id"],
            name=op.f("fk_commission_shares_receiver_id_commission_receivers"),
        ),
        sa.ForeignKeyConstraint(
            ["split_id"],
            ["commission_splits.id"],
            name=op.f("fk_commission_shares_split_id_commission_splits"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_shares")),
        sa.UniqueConstraint("public_id", name=op.f("uq_commission_shares_public_id")),
        sa.UniqueConstraint(
            "split_id", "receiver_id", name=op.f("uq_commission_shares_split_id_receiver_id")
        ),
    )
    op.create_index(
        "ix_commission_shares_receiver_id", "commission_shares", ["receiver_id"], unique=False
    )
    op.create_table(
        "commission_share_entries",
        sa.Column("share_id", BigId, nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["credit_entries.id"],
            name=op.f("fk_commission_share_entries_entry_id_credit_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["share_id"],
            ["commission_shares.id"],
            name=op.f("fk_commission_share_entries_share_id_commission_shares"),
        ),
        sa.PrimaryKeyConstraint("share_id", "entry_id", name=op.f("pk_commission_share_entries")),
    )
    op.create_index(
        "ix_commission_share_entries_entry_id",
        "commission_share_entries",
        ["entry_id"],
        unique=False,
    )


def downgrade() -> None:
    _allow_kinds(KINDS, KINDS_BEFORE)
    op.drop_index("ix_commission_share_entries_entry_id", table_name="commission_share_entries")
    op.drop_table("commission_share_entries")
    op.drop_index("ix_commission_shares_receiver_id", table_name="commission_shares")
    op.drop_table("commission_shares")
    op.drop_index("ix_commission_payouts_recorded_by", table_name="commission_payouts")
    op.drop_index("ix_commission_payouts_receiver_id", table_name="commission_payouts")
    op.drop_index("ix_commission_payouts_answered_by", table_name="commission_payouts")
    op.drop_table("commission_payouts")
    op.drop_index("ix_commission_parts_receiver_id", table_name="commission_parts")
    op.drop_index("ix_commission_parts_deal_id", table_name="commission_parts")
    op.drop_table("commission_parts")
    op.drop_index("ix_commission_consents_user_id", table_name="commission_consents")
    op.drop_table("commission_consents")
    op.drop_index("ix_commission_accruals_deal_id", table_name="commission_accruals")
    op.drop_index("ix_commission_accruals_agreement_id", table_name="commission_accruals")
    op.drop_table("commission_accruals")
    op.drop_index("ix_commission_splits_proposed_by", table_name="commission_splits")
    op.drop_table("commission_splits")
    op.drop_index("ix_commission_receivers_user_id", table_name="commission_receivers")
    op.drop_index("ix_commission_receivers_station_id", table_name="commission_receivers")
    op.drop_index("ix_commission_receivers_organisation_id", table_name="commission_receivers")
    op.drop_index("ix_commission_receivers_deal_id", table_name="commission_receivers")
    op.drop_table("commission_receivers")
    op.drop_index(
        "uq_commission_agreements_proposed",
        table_name="commission_agreements",
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.drop_index(
        "uq_commission_agreements_agreed",
        table_name="commission_agreements",
        postgresql_where=sa.text("state = 'agreed'"),
        sqlite_where=sa.text("state = 'agreed'"),
    )
    op.drop_index("ix_commission_agreements_state", table_name="commission_agreements")
    op.drop_index("ix_commission_agreements_proposed_by", table_name="commission_agreements")
    op.drop_index("ix_commission_agreements_ended_by", table_name="commission_agreements")
    op.drop_table("commission_agreements")
    op.drop_index(
        "uq_broker_papers_by_itself",
        table_name="broker_papers",
        postgresql_where=sa.text("by_itself"),
        sqlite_where=sa.text("by_itself"),
    )
    op.drop_index("ix_broker_papers_user_id_year", table_name="broker_papers")
    op.drop_table("broker_papers")
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
