"""saved searches: saved searches and what they found."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=True),
        sa.Column("chosen", Json, nullable=False),
        sa.Column("dimensions", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'box') = (side IS NOT NULL)", name=op.f("ck_saved_searches_box_has_side")
        ),
        sa.CheckConstraint(
            "(kind = 'listing') = (listing_id IS NOT NULL)",
            name=op.f("ck_saved_searches_of_a_listing"),
        ),
        sa.CheckConstraint(
            "due_at IS NULL OR (state = 'active' AND rhythm IN ('daily', 'weekly'))",
            name=op.f("ck_saved_searches_due_where_told_later"),
        ),
        sa.CheckConstraint(
            "kind IN ('browse', 'box', 'listing')", name=op.f("ck_saved_searches_kind_known")
        ),
        sa.CheckConstraint(
            "rhythm IN ('now', 'daily', 'weekly', 'none')",
            name=op.f("ck_saved_searches_rhythm_known"),
        ),
        sa.CheckConstraint(
            "side IN ('achievement', 'need')", name=op.f("ck_saved_searches_side_known")
        ),
        sa.CheckConstraint(
            "state IN ('active', 'paused', 'stopped')", name=op.f("ck_saved_searches_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_saved_searches_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_saved_searches_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_searches_public_id")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_searches_user_id_name")),
    )
    for name, columns in (
        ("ix_saved_searches_due_at", ["due_at"]),
        ("ix_saved_searches_listing_id", ["listing_id"]),
        ("ix_saved_searches_organisation_id", ["organisation_id"]),
        ("ix_saved_searches_state", ["state", "dimensions"]),
    ):
        op.create_index(name, "saved_searches", columns)
    op.create_table(
        "saved_criteria",
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("dimension", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=20), nullable=False),
        _of_search("saved_criteria"),
        sa.PrimaryKeyConstraint("search_id", "dimension", "value", name=op.f("pk_saved_criteria")),
    )
    op.create_index("ix_saved_criteria_value", "saved_criteria", ["dimension", "value"])
    op.create_table(
        "saved_questions",
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(length=120), nullable=False),
        sa.Column("gauged_at", UTCDateTime(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("forms", sa.LargeBinary(), nullable=False),
        sa.Column("masses", sa.LargeBinary(), nullable=False),
        sa.Column("few", sa.Boolean(), nullable=False),
        sa.Column("leeway", sa.Integer(), nullable=False),
        _of_search("saved_questions"),
        sa.PrimaryKeyConstraint("search_id", "place", name=op.f("pk_saved_questions")),
    )
    op.create_index("ix_saved_questions_gauged_at", "saved_questions", ["gauged_at"])
    op.create_table(
        "saved_findings",
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_saved_findings_listing_id_listings"),
            ondelete="CASCADE",
        ),
        _of_search("saved_findings"),
        sa.PrimaryKeyConstraint("search_id", "listing_id", name=op.f("pk_saved_findings")),
    )
    op.create_index("ix_saved_findings_listing_id", "saved_findings", ["listing_id"])
    op.create_index("ix_saved_findings_told_at", "saved_findings", ["search_id", "told_at"])


def _of_search(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["search_id"],
        ["saved_searches.id"],
        name=op.f(f"fk_{table}_search_id_saved_searches"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in ("saved_findings", "saved_questions", "saved_criteria", "saved_searches"):
        op.drop_table(table)
