"""the service network: places, people, portfolios, days off; where listings lie in it."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PLACES = (
    ("listings", "station_id"),
    ("listings", "handling_station_id"),
    ("introductions", "from_station_id"),
    ("introductions", "to_station_id"),
)


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('holiday', 'working')", name=op.f("ck_calendar_days_kind_known")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "stations",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("name_zh", sa.String(length=200), nullable=True),
        sa.Column("name_en", sa.String(length=200), nullable=True),
        sa.Column("region", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("answer_days", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (level = 'centre')", name=op.f("ck_stations_centres_on_top")
        ),
        sa.CheckConstraint(
            "level IN ('centre', 'node', 'station')", name=op.f("ck_stations_level_known")
        ),
        sa.CheckConstraint("state IN ('active', 'closed')", name=op.f("ck_stations_state_known")),
        sa.CheckConstraint(
            "answer_days BETWEEN 1 AND 90", name=op.f("ck_stations_answer_days_plausible")
        ),
        sa.CheckConstraint(
            "name_zh IS NOT NULL OR name_en IS NOT NULL", name=op.f("ck_stations_named")
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_stations_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_stations_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["stations.id"], name=op.f("fk_stations_parent_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("code", name=op.f("uq_stations_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stations_public_id")),
    )
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.create_index("ix_stations_organisation_id", ["organisation_id"], unique=False)
        batch_op.create_index("ix_stations_parent_id", ["parent_id"], unique=False)
        batch_op.create_index("ix_stations_region", ["region"], unique=False)

    op.create_table(
        "absences",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("deputy_id", BigId, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("deputy_id <> user_id", name=op.f("ck_absences_deputy_is_another")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_absences_days_ordered")),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["users.id"], name=op.f("fk_absences_deputy_id_users")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_absences_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_deputy_id", ["deputy_id"], unique=False)
        batch_op.create_index("ix_absences_user_id", ["user_id", "last_day"], unique=False)

    op.create_table(
        "broker_fields",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("scheme", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme", "code"],
            ["taxonomy_terms.scheme", "taxonomy_terms.code"],
            name=op.f("fk_broker_fields_scheme_code_taxonomy_terms"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_broker_fields_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "scheme", "code", name=op.f("pk_broker_fields")),
    )
    with op.batch_alter_table("broker_fields", schema=None) as batch_op:
        batch_op.create_index("ix_broker_fields_scheme_code", ["scheme", "code"], unique=False)

    op.create_table(
        "broker_profiles",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("most_firms", sa.Integer(), nullable=True),
        sa.Column("most_needs", sa.Integer(), nullable=True),
        sa.Column("certificate", sa.String(length=40), nullable=True),
        sa.Column("certificate_number", sa.String(length=60), nullable=True),
        sa.Column("certified_until", sa.Date(), nullable=True),
        sa.Column("alerted_days", sa.Integer(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "certificate IN ('broker', 'manager', 'liaison')",
            name=op.f("ck_broker_profiles_certificate_known"),
        ),
        sa.CheckConstraint(
            "most_firms >= 0 AND most_needs >= 0",
            name=op.f("ck_broker_profiles_limits_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_broker_profiles_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_broker_profiles")),
    )
    op.create_index("ix_broker_profiles_certified_until", "broker_profiles", ["certified_until"])
    op.create_table(
        "broker_regions",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_broker_regions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", "region", name=op.f("pk_broker_regions")),
    )
    op.create_table(
        "handovers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("from_user_id", BigId, nullable=True),
        sa.Column("by_id", BigId, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_handovers_by_id_users")),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["users.id"], name=op.f("fk_handovers_from_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_handovers_public_id")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index("ix_handovers_by_id", ["by_id"], unique=False)
        batch_op.create_index("ix_handovers_from_user_id", ["from_user_id"], unique=False)

    op.create_table(
        "station_ancestors",
        sa.Column("station_id", BigId, nullable=False),
        sa.Column("ancestor_id", BigId, nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "distance >= 0 AND (distance = 0) = (station_id = ancestor_id)",
            name=op.f("ck_station_ancestors_distance_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["ancestor_id"], ["stations.id"], name=op.f("fk_station_ancestors_ancestor_id_stations")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_station_ancestors_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("station_id", "ancestor_id", name=op.f("pk_station_ancestors")),
    )
    with op.batch_alter_table("station_ancestors", schema=None) as batch_op:
        batch_op.create_index(
            "ix_station_ancestors_ancestor_id", ["ancestor_id", "station_id"], unique=False
        )

    op.create_table(
        "station_members",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("station_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("added_by", BigId, nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('head', 'broker', 'liaison')", name=op.f("ck_station_members_role_known")
        ),
        sa.CheckConstraint(
            "(until IS NULL) = (ended_at IS NULL)", name=op.f("ck_station_members_end_whole")
        ),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_station_members_ends_after_it_began")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_station_members_station_id_stations")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_station_members_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_members")),
    )
    with op.batch_alter_table("station_members", schema=None) as batch_op:
        batch_op.create_index("ix_station_members_user_id", ["user_id"], unique=False)
        batch_op.create_index(
            "uq_station_members_live",
            ["station_id", "user_id"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "portfolio_firms",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("broker_id", BigId, nullable=False),
        sa.Column("station_id", BigId, nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("handover_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["users.id"], name=op.f("fk_portfolio_firms_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.id"], name=op.f("fk_portfolio_firms_handover_id_handovers")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_portfolio_firms_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_portfolio_firms_station_id_stations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_firms")),
    )
    with op.batch_alter_table("portfolio_firms", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portfolio_firms_broker_id", ["broker_id", "ended_at"], unique=False
        )
        batch_op.create_index("ix_portfolio_firms_handover_id", ["handover_id"], unique=False)
        batch_op.create_index(
            "ix_portfolio_firms_station_id", ["station_id", "ended_at"], unique=False
        )
        batch_op.create_index(
            "uq_portfolio_firms_live",
            ["organisation_id"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    for table, column in PLACES:
        kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
        # Not by copying the table, as Alembic would on SQLite: its checks would be lost.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {kind} "
            f"CONSTRAINT fk_{table}_{column}_stations REFERENCES stations (id)"
        )
        op.create_index(f"ix_{table}_{column}", table, [column, "state"])
    op.create_index("ix_listings_broker_id", "listings", ["broker_id", "state"])
    nowhere = sa.text("from_station_id IS NULL AND to_station_id IS NULL")
    op.create_index(
        "ix_introductions_nowhere",
        "introductions",
        ["state", "due_at", "id"],
        postgresql_where=nowhere,
        sqlite_where=nowhere,
    )


def downgrade() -> None:
    op.drop_index("ix_introductions_nowhere", "introductions")
    op.drop_index("ix_listings_broker_id", "listings")
    for table, column in PLACES:
        op.drop_index(f"ix_{table}_{column}", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")

    with op.batch_alter_table("portfolio_firms", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_portfolio_firms_live",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_portfolio_firms_station_id")
        batch_op.drop_index("ix_portfolio_firms_handover_id")
        batch_op.drop_index("ix_portfolio_firms_broker_id")

    op.drop_table("portfolio_firms")
    with op.batch_alter_table("station_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_station_members_live",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_station_members_user_id")

    op.drop_table("station_members")
    with op.batch_alter_table("station_ancestors", schema=None) as batch_op:
        batch_op.drop_index("ix_station_ancestors_ancestor_id")

    op.drop_table("station_ancestors")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index("ix_handovers_from_user_id")
        batch_op.drop_index("ix_handovers_by_id")

    op.drop_table("handovers")
    op.drop_table("broker_regions")
    op.drop_index("ix_broker_profiles_certified_until", "broker_profiles")
    op.drop_table("broker_profiles")
    with op.batch_alter_table("broker_fields", schema=None) as batch_op:
        batch_op.drop_index("ix_broker_fields_scheme_code")

    op.drop_table("broker_fields")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_user_id")
        batch_op.drop_index("ix_absences_deputy_id")

    op.drop_table("absences")
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_index("ix_stations_region")
        batch_op.drop_index("ix_stations_parent_id")
        batch_op.drop_index("ix_stations_organisation_id")

    op.drop_table("stations")
    op.drop_table("calendar_days")
