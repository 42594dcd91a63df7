"""payments: the ledger in double entry, obligations, payments, invoices."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, ExactDecimal, Json, UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Only ever added to, whoever writes: the database itself refuses the rest.
APPEND_ONLY = ("ledger_accounts", "ledger_journals", "ledger_entries", "payment_invoices")


def upgrade() -> None:
    _ledger()
    _payments()
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


def _let_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP FUNCTION {table}_refuse()")


def _ledger() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receivable', 'cash', 'written_off', 'income', 'interest', 'vat', 'advance', 'clearing', 'share', 'share_payable')",
            name=op.f("ck_ledger_accounts_kind_known"),
        ),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_ledger_accounts_currency_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_ledger_accounts_id_currency")),
        sa.UniqueConstraint(
            "owner_kind", "owner_id", "side", "kind", "currency", name="uq_ledger_accounts_place"
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_accounts_public_id")),
    )
    op.create_table(
        "ledger_journals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about_kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.String(length=32), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("reversal_of_id", BigId, nullable=True),
        sa.CheckConstraint("lines > 0", name=op.f("ck_ledger_journals_has_lines")),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_ledger_journals_counted_from_1")),
        sa.CheckConstraint(
            "reversal_of_id <> id", name=op.f("ck_ledger_journals_reverses_another")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_of_id"],
            ["ledger_journals.id"],
            name=op.f("fk_ledger_journals_reversal_of_id_ledger_journals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journals")),
        sa.UniqueConstraint("id", "lines", name=op.f("uq_ledger_journals_id_lines")),
        sa.UniqueConstraint(
            "owner_kind", "owner_id", "sequence", name="uq_ledger_journals_sequence"
        ),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_journals_idempotency_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ledger_journals_public_id")),
        sa.UniqueConstraint("reversal_of_id", name=op.f("uq_ledger_journals_reversal_of_id")),
    )
    op.create_index(
        "ix_ledger_journals_about", "ledger_journals", ["about_kind", "about_id"], unique=False
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("journal_id", BigId, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("debit_id", BigId, nullable=False),
        sa.Column("credit_id", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("minor", BigId, nullable=False),
        sa.Column("debit_item", sa.String(length=32), nullable=True),
        sa.Column("credit_item", sa.String(length=32), nullable=True),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_ledger_entries_two_accounts")),
        sa.CheckConstraint(
            "line > 0 AND line <= lines", name=op.f("ck_ledger_entries_within_journal")
        ),
        sa.CheckConstraint("minor > 0", name=op.f("ck_ledger_entries_positive")),
        sa.ForeignKeyConstraint(
            ["credit_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name="fk_ledger_entries_credit",
        ),
        sa.ForeignKeyConstraint(
            ["debit_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name="fk_ledger_entries_debit",
        ),
        sa.ForeignKeyConstraint(
            ["journal_id", "lines"],
            ["ledger_journals.id", "ledger_journals.lines"],
            name="fk_ledger_entries_journal",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("journal_id", "line", name="uq_ledger_entries_place"),
    )
    op.create_index(
        "ix_ledger_entries_credit", "ledger_entries", ["credit_id", "credit_item"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_credit_item", "ledger_entries", ["credit_item"], unique=False
    )
    op.create_index(
        "ix_ledger_entries_debit", "ledger_entries", ["debit_id", "debit_item"], unique=False
    )
    op.create_index("ix_ledger_entries_debit_item", "ledger_entries", ["debit_item"], unique=False)


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("payee", sa.String(length=8), nullable=False),
        sa.Column("amount_minor", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=True),
        sa.Column("reference_key", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("wishes", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("of_id", BigId, nullable=True),
        sa.Column("announced_by", BigId, nullable=True),
        sa.Column("announced_at", UTCDateTime(), nullable=True),
        sa.Column("recorded_by", BigId, nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'refund') = (of_id IS NOT NULL)", name=op.f("ck_payments_refund_of_receipt")
        ),
        sa.CheckConstraint("kind IN ('receipt', 'refund')", name=op.f("ck_payments_kind_known")),
        sa.CheckConstraint("payee IN ('seller', 'buyer')", name=op.f("ck_payments_payee_known")),
        sa.CheckConstraint(
            "state <> 'received' OR recorded_at IS NOT NULL", name=op.f("ck_payments_received_at")
        ),
        sa.CheckConstraint(
            "state IN ('announced', 'received', 'refused', 'taken_back')",
            name=op.f("ck_payments_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'taken_back') OR reference_key IS NULL",
            name=op.f("ck_payments_reference_while_counting"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_positive")),
        sa.ForeignKeyConstraint(
            ["announced_by"], ["users.id"], name=op.f("fk_payments_announced_by_users")
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_payments_deal_id_deals")),
        sa.ForeignKeyConstraint(
            ["of_id"], ["payments.id"], name=op.f("fk_payments_of_id_payments")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_payments_recorded_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "deal_id",
            "currency",
            "reference_key",
            name=op.f("uq_payments_deal_id_currency_reference_key"),
        ),
        sa.UniqueConstraint("deal_id", "key", name=op.f("uq_payments_deal_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_public_id")),
    )
    op.create_index("ix_payments_announced_by", "payments", ["announced_by"], unique=False)
    op.create_index("ix_payments_deal_id_paid_on", "payments", ["deal_id", "paid_on"], unique=False)
    op.create_index("ix_payments_of_id", "payments", ["of_id"], unique=False)
    op.create_index("ix_payments_recorded_by", "payments", ["recorded_by"], unique=False)
    op.create_table(
        "payment_obligations",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("debtor", sa.String(length=8), nullable=False),
        sa.Column("net_minor", BigId, nullable=False),
        sa.Column("vat_rate", ExactDecimal(4), nullable=False),
        sa.Column("vat_minor", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("waits_for", sa.String(length=60), nullable=True),
        sa.Column("firm", sa.Boolean(), nullable=False),
        sa.Column("charged", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("term_version_id", BigId, nullable=True),
        sa.Column("origin_kind", sa.String(length=40), nullable=True),
        sa.Column("origin_id", sa.String(length=40), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "debtor IN ('seller', 'buyer')", name=op.f("ck_payment_obligations_debtor_known")
        ),
        sa.CheckConstraint(
            "kind IN ('up_front', 'instalment', 'milestone', 'stage', 'royalty', 'minimum', 'sublicence', 'share', 'maintenance', 'trial_fee', 'buy_out', 'service_fee', 'premium', 'deposit', 'penalty', 'repayment', 'interest', 'other')",
            name=op.f("ck_payment_obligations_kind_known"),
        ),
        sa.CheckConstraint(
            "state <> 'waived' OR end_reason IS NOT NULL",
            name=op.f("ck_payment_obligations_waived_why"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'due', 'part_paid', 'paid', 'waived', 'cancelled')",
            name=op.f("ck_payment_obligations_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('due', 'part_paid', 'paid') OR booked_on IS NOT NULL",
            name=op.f("ck_payment_obligations_owed_is_booked"),
        ),
        sa.CheckConstraint(
            "(origin_kind IS NULL) = (origin_id IS NULL)",
            name=op.f("ck_payment_obligations_origin_whole"),
        ),
        sa.CheckConstraint(
            "due_on IS NOT NULL OR waits_for IS NOT NULL",
            name=op.f("ck_payment_obligations_has_time"),
        ),
        sa.CheckConstraint(
            "net_minor >= 0 AND vat_minor >= 0", name=op.f("ck_payment_obligations_not_negative")
        ),
        sa.CheckConstraint(
            "vat_rate >= 0", name=op.f("ck_payment_obligations_vat_rate_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_payment_obligations_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["term_version_id"],
            ["deal_term_versions.id"],
            name=op.f("fk_payment_obligations_term_version_id_deal_term_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_obligations")),
        sa.UniqueConstraint("deal_id", "key", name=op.f("uq_payment_obligations_deal_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_obligations_public_id")),
    )
    op.create_index(
        "ix_payment_obligations_origin",
        "payment_obligations",
        ["origin_kind", "origin_id"],
        unique=False,
    )
    op.create_index(
        "ix_payment_obligations_remind_on", "payment_obligations", ["remind_on"], unique=False
    )
    op.create_index(
        "ix_payment_obligations_state_due_on",
        "payment_obligations",
        ["state", "due_on"],
        unique=False,
    )
    op.create_index(
        "ix_payment_obligations_term_version_id",
        "payment_obligations",
        ["term_version_id"],
        unique=False,
    )
    op.create_table(
        "payment_invoices",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("issuer_id", BigId, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("deal_id", BigId, nullable=False),
        sa.Column("obligation_id", BigId, nullable=False),
        sa.Column("corrects_id", BigId, nullable=True),
        sa.Column("net_minor", BigId, nullable=False),
        sa.Column("vat_minor", BigId, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("issued_by", BigId, nullable=True),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects_id IS NOT NULL)",
            name=op.f("ck_payment_invoices_credit_note_of_invoice"),
        ),
        sa.CheckConstraint(
            "kind IN ('invoice', 'credit_note')", name=op.f("ck_payment_invoices_kind_known")
        ),
        sa.CheckConstraint(
            "(number = 1 AND follows IS NULL) OR (number > 1 AND follows IS NOT NULL AND follows = number - 1)",
            name=op.f("ck_payment_invoices_follows_the_one_before"),
        ),
        sa.CheckConstraint(
            "net_minor + vat_minor > 0", name=op.f("ck_payment_invoices_of_something")
        ),
        sa.CheckConstraint(
            "net_minor >= 0 AND vat_minor >= 0", name=op.f("ck_payment_invoices_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"],
            ["payment_invoices.id"],
            name=op.f("fk_payment_invoices_corrects_id_payment_invoices"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_payment_invoices_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["users.id"], name=op.f("fk_payment_invoices_issued_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id", "year", "follows"],
            ["payment_invoices.issuer_id", "payment_invoices.year", "payment_invoices.number"],
            name="fk_payment_invoices_follows",
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"],
            ["organisations.id"],
            name=op.f("fk_payment_invoices_issuer_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["obligation_id"],
            ["payment_obligations.id"],
            name=op.f("fk_payment_invoices_obligation_id_payment_obligations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_invoices")),
        sa.UniqueConstraint("issuer_id", "year", "number", name="uq_payment_invoices_number"),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_invoices_public_id")),
    )
    op.create_index(
        "ix_payment_invoices_corrects_id", "payment_invoices", ["corrects_id"], unique=False
    )
    op.create_index("ix_payment_invoices_deal_id", "payment_invoices", ["deal_id"], unique=False)
    op.create_index(
        "ix_payment_invoices_issued_by", "payment_invoices", ["issued_by"], unique=False
    )
    op.create_index(
        "ix_payment_invoices_obligation_id", "payment_invoices", ["obligation_id"], unique=False
    )


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        _let_change(table)

    op.drop_index("ix_payment_invoices_obligation_id", table_name="payment_invoices")
    op.drop_index("ix_payment_invoices_issued_by", table_name="payment_invoices")
    op.drop_index("ix_payment_invoices_deal_id", table_name="payment_invoices")
    op.drop_index("ix_payment_invoices_corrects_id", table_name="payment_invoices")
    op.drop_table("payment_invoices")
    op.drop_index("ix_payment_obligations_term_version_id", table_name="payment_obligations")
    op.drop_index("ix_payment_obligations_state_due_on", table_name="payment_obligations")
    op.drop_index("ix_payment_obligations_remind_on", table_name="payment_obligations")
    op.drop_index("ix_payment_obligations_origin", table_name="payment_obligations")
    op.drop_table("payment_obligations")
    op.drop_index("ix_payments_recorded_by", table_name="payments")
    op.drop_index("ix_payments_of_id", table_name="payments")
    op.drop_index("ix_payments_deal_id_paid_on", table_name="payments")
    op.drop_index("ix_payments_announced_by", table_name="payments")
    op.drop_table("payments")

    op.drop_index("ix_ledger_entries_debit_item", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_debit", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_credit_item", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_credit", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index("ix_ledger_journals_about", table_name="ledger_journals")
    op.drop_table("ledger_journals")
    op.drop_table("ledger_accounts")
