"""orders in which long lists are read; first moments of listings laid flat for figures."""

import sqlalchemy as sa
from alembic import op

from tenon.db import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_FIRSTS = {
    "first_handed_in_at": "e.kind IN ('submit', 'publish')",
    "first_published_at": "e.kind = 'publish'",
}


def upgrade() -> None:
    op.create_index(
        "ix_introductions_broker_id_stage_since",
        "introductions",
        ["broker_id", "state", "stage_since", "id"],
    )
    op.create_index("ix_listings_state_updated_at", "listings", ["state", "updated_at", "id"])
    op.create_index("ix_listings_state_submitted_at", "listings", ["state", "submitted_at", "id"])
    op.create_index(
        "ix_listings_edited",
        "listings",
        ["state", "updated_at", "id"],
        postgresql_where=sa.text("reviewed_version < text_version"),
        sqlite_where=sa.text("reviewed_version < text_version"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    to = "json_extract(e.facts, '$.to')" if sqlite else "e.facts ->> 'to'"
    for column, steps in _FIRSTS.items():
        op.add_column("listings", sa.Column(column, UTCDateTime(), nullable=True))
        op.execute(
            f"UPDATE listings SET {column} = (SELECT MIN(e.at) FROM history_entries e "  # noqa: S608
            "WHERE e.chain_kind = 'listing' AND e.chain_id = listings.public_id "
            f"AND ({steps} OR (e.kind = 'import' AND {to} = 'published')))"
        )
        op.create_index(f"ix_listings_{column}", "listings", ["side", column])


def downgrade() -> None:
    for column in _FIRSTS:
        op.drop_index(f"ix_listings_{column}", "listings")
        op.drop_column("listings", column)
    op.drop_index("ix_listings_edited", "listings")
    op.drop_index("ix_listings_state_submitted_at", "listings")
    op.drop_index("ix_listings_state_updated_at", "listings")
    op.drop_index("ix_introductions_broker_id_stage_since", "introductions")
