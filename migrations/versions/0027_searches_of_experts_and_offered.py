"""searches: experts that they found, and searches offered to an organisation's editors."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_expert_findings",
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("expert_id", BigId, nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        _of_search("saved_expert_findings"),
        sa.ForeignKeyConstraint(
            ["expert_id"],
            ["experts.id"],
            name=op.f("fk_saved_expert_findings_expert_id_experts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("search_id", "expert_id", name=op.f("pk_saved_expert_findings")),
    )
    op.create_index("ix_saved_expert_findings_expert_id", "saved_expert_findings", ["expert_id"])
    op.create_index(
        "ix_saved_expert_findings_told_at", "saved_expert_findings", ["search_id", "told_at"]
    )
    op.create_table(
        "saved_offers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("search_id", BigId, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("offered_at", UTCDateTime(), nullable=False),
        _of_search("saved_offers"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_saved_offers_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_offers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_offers_public_id")),
        sa.UniqueConstraint(
            "search_id", "organisation_id", name=op.f("uq_saved_offers_search_id_organisation_id")
        ),
    )
    op.create_index("ix_saved_offers_organisation_id", "saved_offers", ["organisation_id"])


def _of_search(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["search_id"],
        ["saved_searches.id"],
        name=op.f(f"fk_{table}_search_id_saved_searches"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("saved_offers")
    op.drop_table("saved_expert_findings")
