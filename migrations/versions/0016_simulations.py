"""simulations: saved settings of the simulator."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulations",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("forms", Json, nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(deal_id IS NULL) <> (listing_id IS NULL)", name=op.f("ck_simulations_about_one_thing")
        ),
        sa.CheckConstraint(
            "NOT shared OR deal_id IS NOT NULL", name=op.f("ck_simulations_shared_with_a_deal")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_simulations_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_simulations_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_simulations_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_simulations_public_id")),
    )
    op.create_index("ix_simulations_deal_id", "simulations", ["deal_id", "shared"], unique=False)
    op.create_index("ix_simulations_listing_id", "simulations", ["listing_id"], unique=False)
    op.create_index(
        "ix_simulations_user_id", "simulations", ["user_id", "updated_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_simulations_deal_id", table_name="simulations")
    op.drop_index("ix_simulations_listing_id", table_name="simulations")
    op.drop_index("ix_simulations_user_id", table_name="simulations")
    op.drop_table("simulations")
