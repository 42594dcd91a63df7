"""routing: needs on their way through the network, their log and replies, visits."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "routing_choices",
        sa.Column("station_id", BigId, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("chosen_by", BigId, nullable=True),
        sa.Column("chosen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chosen_by"], ["users.id"], name=op.f("fk_routing_choices_chosen_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_routing_choices_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_routing_choices")),
    )
    with op.batch_alter_table("routing_choices", schema=None) as batch_op:
        batch_op.create_index("ix_routing_choices_chosen_by", ["chosen_by"], unique=False)

    op.create_table(
        "need_cases",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("entry_station_id", BigId, nullable=False),
        sa.Column("station_id", BigId, nullable=False),
        sa.Column("broker_id", BigId, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("risen", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("answered_how", sa.String(length=40), nullable=True),
        sa.Column("closed_how", sa.String(length=40), nullable=True),
        sa.Column("reminded_for", sa.Date(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(closed_how IS NOT NULL) = (state = 'closed')",
            name=op.f("ck_need_cases_closed_somehow"),
        ),
        sa.CheckConstraint(
            "answered_how IN ('proposed', 'passed_on', 'reply')",
            name=op.f("ck_need_cases_answered_how_known"),
        ),
        sa.CheckConstraint(
            "closed_how IN ('rejected', 'withdrawn', 'concluded', 'expired')",
            name=op.f("ck_need_cases_closed_how_known"),
        ),
        sa.CheckConstraint(
            "state <> 'answered' OR answered_at IS NOT NULL",
            name=op.f("ck_need_cases_answered_by_an_answer"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'closed')", name=op.f("ck_need_cases_state_known")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_how IS NULL)",
            name=op.f("ck_need_cases_answer_whole"),
        ),
        sa.CheckConstraint("risen >= 0", name=op.f("ck_need_cases_risen_not_negative")),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["users.id"], name=op.f("fk_need_cases_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["entry_station_id"],
            ["stations.id"],
            name=op.f("fk_need_cases_entry_station_id_stations"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_need_cases_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_need_cases_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_cases")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_need_cases_listing_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_need_cases_public_id")),
    )
    with op.batch_alter_table("need_cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_need_cases_broker_id", ["broker_id", "state", "due_on"], unique=False
        )
        batch_op.create_index(
            "ix_need_cases_entry_station_id", ["entry_station_id", "state", "due_on"], unique=False
        )
        batch_op.create_index("ix_need_cases_state_due_on", ["state", "due_on", "id"], unique=False)
        batch_op.create_index(
            "ix_need_cases_station_id", ["station_id", "state", "due_on"], unique=False
        )

    op.create_table(
        "visits",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("broker_id", BigId, nullable=True),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("consent_name", sa.String(length=120), nullable=True),
        sa.Column("consent_office", sa.String(length=120), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "consent = 'none' OR consent_name IS NOT NULL",
            name=op.f("ck_visits_consent_by_somebody"),
        ),
        sa.CheckConstraint(
            "consent IN ('none', 'work', 'publish', 'publish_unnamed')",
            name=op.f("ck_visits_consent_known"),
        ),
        sa.CheckConstraint("language IN ('zh', 'en')", name=op.f("ck_visits_language_known")),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["users.id"], name=op.f("fk_visits_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_visits_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_visits_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_visits_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("broker_id", "key", name=op.f("uq_visits_broker_id_key")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_visits_listing_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_visits_public_id")),
    )
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.create_index("ix_visits_broker_id", ["broker_id", "visited_on"], unique=False)
        batch_op.create_index(
            "ix_visits_organisation_id", ["organisation_id", "visited_on"], unique=False
        )
        batch_op.create_index("ix_visits_station_id", ["station_id", "visited_on"], unique=False)

    op.create_table(
        "need_case_moves",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", BigId, nullable=True),
        sa.Column("from_station_id", BigId, nullable=True),
        sa.Column("to_station_id", BigId, nullable=False),
        sa.Column("from_broker_id", BigId, nullable=True),
        sa.Column("to_broker_id", BigId, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('received', 'routed', 'assigned', 'taken', 'passed_on', 'escalated', 'reminded', 'answered', 'reopened', 'closed')",
            name=op.f("ck_need_case_moves_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'closed')", name=op.f("ck_need_case_moves_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_need_case_moves_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["need_cases.id"], name=op.f("fk_need_case_moves_case_id_need_cases")
        ),
        sa.ForeignKeyConstraint(
            ["from_broker_id"], ["users.id"], name=op.f("fk_need_case_moves_from_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["from_station_id"],
            ["stations.id"],
            name=op.f("fk_need_case_moves_from_station_id_stations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_broker_id"], ["users.id"], name=op.f("fk_need_case_moves_to_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["to_station_id"],
            ["stations.id"],
            name=op.f("fk_need_case_moves_to_station_id_stations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_case_moves")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_need_case_moves_case_id_number")),
    )
    with op.batch_alter_table("need_case_moves", schema=None) as batch_op:
        batch_op.create_index("ix_need_case_moves_by_id", ["by_id"], unique=False)
        batch_op.create_index("ix_need_case_moves_from_broker_id", ["from_broker_id"], unique=False)
        batch_op.create_index(
            "ix_need_case_moves_from_station_id", ["from_station_id"], unique=False
        )
        batch_op.create_index("ix_need_case_moves_kind_at", ["kind", "at"], unique=False)
        batch_op.create_index("ix_need_case_moves_to_broker_id", ["to_broker_id"], unique=False)
        batch_op.create_index("ix_need_case_moves_to_station_id", ["to_station_id"], unique=False)

    op.create_table(
        "need_replies",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_need_replies_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["need_cases.id"], name=op.f("fk_need_replies_case_id_need_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need_replies")),
    )
    with op.batch_alter_table("need_replies", schema=None) as batch_op:
        batch_op.create_index("ix_need_replies_author_id", ["author_id"], unique=False)
        batch_op.create_index("ix_need_replies_case_id", ["case_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("need_replies", schema=None) as batch_op:
        batch_op.drop_index("ix_need_replies_case_id")
        batch_op.drop_index("ix_need_replies_author_id")

    op.drop_table("need_replies")
    with op.batch_alter_table("need_case_moves", schema=None) as batch_op:
        batch_op.drop_index("ix_need_case_moves_to_station_id")
        batch_op.drop_index("ix_need_case_moves_to_broker_id")
        batch_op.drop_index("ix_need_case_moves_kind_at")
        batch_op.drop_index("ix_need_case_moves_from_station_id")
        batch_op.drop_index("ix_need_case_moves_from_broker_id")
        batch_op.drop_index("ix_need_case_moves_by_id")

    op.drop_table("need_case_moves")
    with op.batch_alter_table("visits", schema=None) as batch_op:
        batch_op.drop_index("ix_visits_station_id")
        batch_op.drop_index("ix_visits_organisation_id")
        batch_op.drop_index("ix_visits_broker_id")

    op.drop_table("visits")
    with op.batch_alter_table("need_cases", schema=None) as batch_op:
        batch_op.drop_index("ix_need_cases_station_id")
        batch_op.drop_index("ix_need_cases_state_due_on")
        batch_op.drop_index("ix_need_cases_entry_station_id")
        batch_op.drop_index("ix_need_cases_broker_id")

    op.drop_table("need_cases")
    with op.batch_alter_table("routing_choices", schema=None) as batch_op:
        batch_op.drop_index("ix_routing_choices_chosen_by")

    op.drop_table("routing_choices")
