"""needs that a broker wrote down for a firm say so: who has them in hand may write them up."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not by copying the table, as Alembic would on SQLite: its checks would be lost.
    op.execute(
        "ALTER TABLE listings ADD COLUMN collected BOOLEAN NOT NULL DEFAULT FALSE "
        "CONSTRAINT ck_listings_only_needs_collected CHECK (side = 'need' OR NOT collected)"
    )
    op.execute(
        "UPDATE listings SET collected = TRUE "
        "WHERE id IN (SELECT listing_id FROM visits WHERE listing_id IS NOT NULL)"
    )
    op.create_index(
        "ix_listings_collected",
        "listings",
        ["organisation_id"],
        postgresql_where=sa.text("collected"),
        sqlite_where=sa.text("collected"),
    )


def downgrade() -> None:
    op.drop_index("ix_listings_collected", "listings")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("ck_listings_only_needs_collected", "listings")
        op.drop_column("listings", "collected")
        return
    op.execute("ALTER TABLE listings DROP COLUMN collected")
