"""statements."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A statement is given out on paper; what it said must not change behind the paper's back.
REFUSAL = "a statement changes only by being revoked"
FIXED = (
    "id",
    "public_id",
    "code",
    "user_id",
    "since",
    "until",
    "purpose",
    "language",
    "content",
    "content_sha256",
    "pdf_sha256",
    "issued_at",
)
REVOCATION = ("revoked_at", "revocation")


def upgrade() -> None:
    op.create_table(
        "credit_statements",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("content", Json, nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revocation", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('reward', 'certificate', 'fee', 'other')",
            name=op.f("ck_credit_statements_purpose_known"),
        ),
        sa.CheckConstraint(
            "language IN ('zh', 'en')", name=op.f("ck_credit_statements_language_known")
        ),
        sa.CheckConstraint("since <= until", name=op.f("ck_credit_statements_period_in_order")),
        sa.CheckConstraint(
            "revocation IS NULL OR revocation IN ('replaced', 'wrong', 'lost')",
            name=op.f("ck_credit_statements_revocation_known"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revocation IS NULL)",
            name=op.f("ck_credit_statements_revoked_with_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_credit_statements_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_statements")),
        sa.UniqueConstraint("code", name=op.f("uq_credit_statements_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_credit_statements_public_id")),
    )
    op.create_index(
        "ix_credit_statements_user_id_issued_at", "credit_statements", ["user_id", "issued_at"]
    )
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
    else:
        _refuse_on_sqlite()


def _forbidden(differs: str) -> str:
    """What an UPDATE must not do; ``differs`` compares, and holds for NULL too."""
    parts = [f"OLD.{name} {differs} NEW.{name}" for name in FIXED]
    # A revocation is final; a name may only go.
    parts += [f"(OLD.revoked_at IS NOT NULL AND OLD.{n} {differs} NEW.{n})" for n in REVOCATION]
    parts.append(f"(OLD.name {differs} NEW.name AND NEW.name <> '')")
    return " OR ".join(parts)


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION credit_statements_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER credit_statements_fixed BEFORE UPDATE ON credit_statements FOR EACH ROW "
        f"WHEN ({_forbidden('IS DISTINCT FROM')}) EXECUTE FUNCTION credit_statements_refuse()"
    )
    op.execute(
        "CREATE TRIGGER credit_statements_kept BEFORE DELETE OR TRUNCATE ON credit_statements "
        "FOR EACH STATEMENT EXECUTE FUNCTION credit_statements_refuse()"
    )


def _refuse_on_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER credit_statements_fixed BEFORE UPDATE ON credit_statements "
        f"WHEN {_forbidden('IS NOT')} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    op.execute(
        "CREATE TRIGGER credit_statements_kept BEFORE DELETE ON credit_statements "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER credit_statements_fixed ON credit_statements")
        op.execute("DROP TRIGGER credit_statements_kept ON credit_statements")
        op.execute("DROP FUNCTION credit_statements_refuse()")
    op.drop_index("ix_credit_statements_user_id_issued_at", table_name="credit_statements")
    op.drop_table("credit_statements")
