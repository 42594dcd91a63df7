"""credit."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The ledger is only ever added to, whoever writes: the database itself refuses the rest.
REFUSAL = "credit entries are append-only"


def upgrade() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("thing_kind", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("says", sa.String(length=8), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("person_digest", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("origin_kind", sa.String(length=40), nullable=True),
        sa.Column("origin_id", sa.String(length=32), nullable=True),
        sa.Column("replaces_id", BigId, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "says IN ('credit', 'strike')", name=op.f("ck_credit_entries_says_known")
        ),
        sa.CheckConstraint(
            "sequence > 0 AND generation > 0", name=op.f("ck_credit_entries_counted_from_1")
        ),
        sa.CheckConstraint(
            "says = 'credit' OR replaces_id IS NOT NULL",
            name=op.f("ck_credit_entries_strikes_something"),
        ),
        sa.CheckConstraint(
            "(origin_kind IS NULL) = (origin_id IS NULL)",
            name=op.f("ck_credit_entries_origin_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_credit_entries_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["credit_entries.id"],
            name=op.f("fk_credit_entries_replaces_id_credit_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_credit_entries_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_credit_entries_public_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_credit_entries_replaces_id")),
        sa.UniqueConstraint("thing_kind", "thing_id", "sequence", name="uq_credit_entries_place"),
    )
    op.create_index(
        "uq_credit_entries_standing",
        "credit_entries",
        ["thing_kind", "thing_id", "act", "user_id", "generation"],
        unique=True,
        sqlite_where=sa.text("says = 'credit'"),
        postgresql_where=sa.text("says = 'credit'"),
    )
    op.create_index("ix_credit_entries_user_id_at", "credit_entries", ["user_id", "at"])
    op.create_table(
        "credit_concerned",
        sa.Column("thing_kind", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_credit_concerned_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint(
            "thing_kind", "thing_id", "organisation_id", name=op.f("pk_credit_concerned")
        ),
    )
    op.create_index("ix_credit_concerned_organisation_id", "credit_concerned", ["organisation_id"])
    _disputes()
    _refuse_changes()


def _disputes() -> None:
    op.create_table(
        "credit_disputes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raised_by_id", BigId, nullable=False),
        sa.Column("raised_for_id", BigId, nullable=True),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("settled_by_id", BigId, nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'upheld', 'amended', 'set_aside', 'withdrawn')",
            name=op.f("ck_credit_disputes_state_known"),
        ),
        sa.CheckConstraint(
            "claim IN ('mine', 'shared', 'nobody')", name=op.f("ck_credit_disputes_claim_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'withdrawn') OR (settled_at IS NOT NULL AND settlement IS NOT NULL)",
            name=op.f("ck_credit_disputes_settled_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["credit_entries.id"],
            name=op.f("fk_credit_disputes_entry_id_credit_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["raised_by_id"], ["users.id"], name=op.f("fk_credit_disputes_raised_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["raised_for_id"],
            ["organisations.id"],
            name=op.f("fk_credit_disputes_raised_for_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["users.id"], name=op.f("fk_credit_disputes_settled_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_disputes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_credit_disputes_public_id")),
    )
    op.create_index(
        "uq_credit_disputes_open",
        "credit_disputes",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_credit_disputes_entry_id", "credit_disputes", ["entry_id"])
    op.create_index("ix_credit_disputes_raised_by_id", "credit_disputes", ["raised_by_id"])
    op.create_index("ix_credit_disputes_state_raised_at", "credit_disputes", ["state", "raised_at"])


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION credit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER credit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON credit_entries FOR EACH STATEMENT EXECUTE FUNCTION credit_entries_refuse()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER credit_entries_no_{verb} BEFORE {verb.upper()} ON credit_entries "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def downgrade() -> None:
    op.drop_index("ix_credit_disputes_state_raised_at", table_name="credit_disputes")
    op.drop_index("ix_credit_disputes_raised_by_id", table_name="credit_disputes")
    op.drop_index("ix_credit_disputes_entry_id", table_name="credit_disputes")
    op.drop_index("uq_credit_disputes_open", table_name="credit_disputes")
    op.drop_table("credit_disputes")
    op.drop_index("ix_credit_concerned_organisation_id", table_name="credit_concerned")
    op.drop_table("credit_concerned")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER credit_entries_append_only ON credit_entries")
        op.execute("DROP FUNCTION credit_entries_refuse()")
    op.drop_index("ix_credit_entries_user_id_at", table_name="credit_entries")
    op.drop_index("uq_credit_entries_standing", table_name="credit_entries")
    op.drop_table("credit_entries")
