"""desk: tasks, notes, how listings stand against the other side; reviewers' own remarks."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_field_supply",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("supply", sa.Integer(), nullable=False),
        sa.Column("unsought", sa.Integer(), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "unsought BETWEEN 0 AND supply", name=op.f("ck_desk_field_supply_unsought_of_supply")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_desk_field_supply")),
    )
    op.create_table(
        "desk_notes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("about_kind", sa.String(length=12), nullable=False),
        sa.Column("about_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("other_organisation_id", BigId, nullable=True),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("audience", sa.String(length=6), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "about_kind IN ('organisation', 'listing', 'introduction', 'deal', 'event')",
            name=op.f("ck_desk_notes_about_kind_known"),
        ),
        sa.CheckConstraint(
            "audience IN ('me', 'place', 'up')", name=op.f("ck_desk_notes_audience_known")
        ),
        sa.CheckConstraint(
            "removed_at IS NULL OR text = ''", name=op.f("ck_desk_notes_removed_says_nothing")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_desk_notes_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_desk_notes_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["other_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_desk_notes_other_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_desk_notes_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_desk_notes_public_id")),
    )
    op.create_index(
        "ix_desk_notes_about", "desk_notes", ["about_kind", "about_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_desk_notes_author_id", "desk_notes", ["author_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_desk_notes_organisation_id", "desk_notes", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_desk_notes_other_organisation_id", "desk_notes", ["other_organisation_id"], unique=False
    )
    op.create_index(
        "ix_desk_notes_station_id", "desk_notes", ["station_id", "created_at"], unique=False
    )
    op.create_table(
        "desk_tasks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("about_kind", sa.String(length=12), nullable=True),
        sa.Column("about_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("created_by", BigId, nullable=True),
        sa.Column("repeats", sa.String(length=8), nullable=True),
        sa.Column("follows_id", BigId, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("done_by", BigId, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "about_kind IN ('organisation', 'listing', 'introduction', 'deal', 'event')",
            name=op.f("ck_desk_tasks_about_kind_known"),
        ),
        sa.CheckConstraint(
            "repeats IN ('weekly', 'monthly')", name=op.f("ck_desk_tasks_repeats_known")
        ),
        sa.CheckConstraint(
            "(about_kind IS NULL) = (about_id IS NULL)", name=op.f("ck_desk_tasks_about_whole")
        ),
        sa.CheckConstraint("follows_id <> id", name=op.f("ck_desk_tasks_follows_another")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_desk_tasks_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["users.id"], name=op.f("fk_desk_tasks_done_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["desk_tasks.id"], name=op.f("fk_desk_tasks_follows_id_desk_tasks")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_desk_tasks_owner_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_tasks")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_desk_tasks_follows_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_desk_tasks_public_id")),
    )
    op.create_index("ix_desk_tasks_about", "desk_tasks", ["about_kind", "about_id"], unique=False)
    op.create_index("ix_desk_tasks_created_by", "desk_tasks", ["created_by"], unique=False)
    op.create_index("ix_desk_tasks_done_by", "desk_tasks", ["done_by"], unique=False)
    op.create_index("ix_desk_tasks_due_on", "desk_tasks", ["due_on", "done_at"], unique=False)
    op.create_index(
        "ix_desk_tasks_owner_id", "desk_tasks", ["owner_id", "done_at", "due_on"], unique=False
    )
    op.create_table(
        "review_own_remarks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "language IN ('zh', 'en')", name=op.f("ck_review_own_remarks_language_known")
        ),
        sa.CheckConstraint(
            "side IN ('both', 'achievement', 'need')", name=op.f("ck_review_own_remarks_side_known")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_review_own_remarks_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_own_remarks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_review_own_remarks_public_id")),
    )
    op.create_index(
        "ix_review_own_remarks_user_id", "review_own_remarks", ["user_id", "language"], unique=False
    )
    op.create_table(
        "desk_listing_fits",
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=True),
        sa.Column("fitting", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "band IN ('strong', 'good', 'possible', 'weak')",
            name=op.f("ck_desk_listing_fits_band_known"),
        ),
        sa.CheckConstraint(
            "side IN ('achievement', 'need')", name=op.f("ck_desk_listing_fits_side_known")
        ),
        sa.CheckConstraint("fitting >= 0", name=op.f("ck_desk_listing_fits_fitting_not_negative")),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_desk_listing_fits_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_desk_listing_fits")),
    )
    op.create_index(
        "ix_desk_listing_fits_looked_at", "desk_listing_fits", ["looked_at"], unique=False
    )
    op.create_index(
        "ix_desk_listing_fits_side", "desk_listing_fits", ["side", "fitting"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_desk_listing_fits_side", table_name="desk_listing_fits")
    op.drop_index("ix_desk_listing_fits_looked_at", table_name="desk_listing_fits")
    op.drop_table("desk_listing_fits")
    op.drop_index("ix_review_own_remarks_user_id", table_name="review_own_remarks")
    op.drop_table("review_own_remarks")
    op.drop_index("ix_desk_tasks_owner_id", table_name="desk_tasks")
    op.drop_index("ix_desk_tasks_due_on", table_name="desk_tasks")
    op.drop_index("ix_desk_tasks_done_by", table_name="desk_tasks")
    op.drop_index("ix_desk_tasks_created_by", table_name="desk_tasks")
    op.drop_index("ix_desk_tasks_about", table_name="desk_tasks")
    op.drop_table("desk_tasks")
    op.drop_index("ix_desk_notes_station_id", table_name="desk_notes")
    op.drop_index("ix_desk_notes_other_organisation_id", table_name="desk_notes")
    op.drop_index("ix_desk_notes_organisation_id", table_name="desk_notes")
    op.drop_index("ix_desk_notes_author_id", table_name="desk_notes")
    op.drop_index("ix_desk_notes_about", table_name="desk_notes")
    op.drop_table("desk_notes")
    op.drop_table("desk_field_supply")
