"""learning from use."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ranking_versions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("weights", Json, nullable=False),
        sa.Column("base", sa.String(length=16), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by_id", BigId, nullable=True),
        sa.Column("running_since", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('candidate', 'running', 'retired')",
            name=op.f("ck_ranking_versions_state_known"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_ranking_versions_number_from_1")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_ranking_versions_made_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking_versions")),
        sa.UniqueConstraint("number", name=op.f("uq_ranking_versions_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ranking_versions_public_id")),
    )
    with op.batch_alter_table("ranking_versions", schema=None) as batch_op:
        batch_op.create_index("ix_ranking_versions_made_by_id", ["made_by_id"], unique=False)
        batch_op.create_index(
            "uq_ranking_versions_running",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "match_impressions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("achievement_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=False),
        sa.Column("seen", Json, nullable=False),
        sa.Column("ranking", sa.Integer(), nullable=False),
        sa.Column("explored", sa.Boolean(), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "band IN ('strong', 'good', 'possible', 'weak')",
            name=op.f("ck_match_impressions_band_known"),
        ),
        sa.CheckConstraint(
            "side IN ('achievement', 'need')", name=op.f("ck_match_impressions_side_known")
        ),
        sa.CheckConstraint(
            "position > 0 AND place > 0", name=op.f("ck_match_impressions_places_from_1")
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"],
            ["listings.id"],
            name=op.f("fk_match_impressions_achievement_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["listings.id"],
            name=op.f("fk_match_impressions_need_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_match_impressions_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_impressions")),
        sa.UniqueConstraint(
            "need_id",
            "achievement_id",
            "organisation_id",
            "day",
            name="uq_match_impressions_once_a_day",
        ),
    )
    with op.batch_alter_table("match_impressions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_match_impressions_achievement_id", ["achievement_id"], unique=False
        )
        batch_op.create_index("ix_match_impressions_day", ["day"], unique=False)

    op.create_table(
        "match_outcomes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("need_id", BigId, nullable=False),
        sa.Column("achievement_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("origin_kind", sa.String(length=20), nullable=False),
        sa.Column("origin_id", BigId, nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('introduced', 'met', 'signed', 'paid')",
            name=op.f("ck_match_outcomes_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"],
            ["listings.id"],
            name=op.f("fk_match_outcomes_achievement_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["need_id"],
            ["listings.id"],
            name=op.f("fk_match_outcomes_need_id_listings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_outcomes")),
        sa.UniqueConstraint(
            "need_id",
            "achievement_id",
            "kind",
            "origin_kind",
            "origin_id",
            name="uq_match_outcomes_once",
        ),
    )
    with op.batch_alter_table("match_outcomes", schema=None) as batch_op:
        batch_op.create_index("ix_match_outcomes_achievement_id", ["achievement_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("match_outcomes", schema=None) as batch_op:
        batch_op.drop_index("ix_match_outcomes_achievement_id")

    op.drop_table("match_outcomes")
    with op.batch_alter_table("match_impressions", schema=None) as batch_op:
        batch_op.drop_index("ix_match_impressions_day")
        batch_op.drop_index("ix_match_impressions_achievement_id")

    op.drop_table("match_impressions")
    with op.batch_alter_table("ranking_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ranking_versions_running",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index("ix_ranking_versions_made_by_id")

    op.drop_table("ranking_versions")
