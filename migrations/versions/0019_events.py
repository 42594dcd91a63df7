"""events: set-up, registrations, wishes, timetables, meetings, check-ins, outcomes, mailings."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, Json, UTCDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("organisation_id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("copied_from_id", BigId, nullable=True),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("venue_zh", sa.String(length=200), nullable=False),
        sa.Column("venue_en", sa.String(length=200), nullable=False),
        sa.Column("address_zh", sa.String(length=300), nullable=False),
        sa.Column("address_en", sa.String(length=300), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=True),
        sa.Column("online_url", sa.String(length=500), nullable=True),
        sa.Column("map_sha256", sa.String(length=64), nullable=True),
        sa.Column("map_type", sa.String(length=40), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("walk_minutes", sa.Integer(), nullable=False),
        sa.Column("most_meetings", sa.Integer(), nullable=False),
        sa.Column("least_meetings", sa.Integer(), nullable=False),
        sa.Column("most_requests", sa.Integer(), nullable=True),
        sa.Column("registration_from", UTCDateTime(), nullable=True),
        sa.Column("registration_until", UTCDateTime(), nullable=True),
        sa.Column("requests_from", UTCDateTime(), nullable=True),
        sa.Column("requests_until", UTCDateTime(), nullable=True),
        sa.Column("follow_up_until", UTCDateTime(), nullable=True),
        sa.Column("costs", Json, nullable=False),
        sa.Column("levels", Json, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("called_off_reason", sa.Text(), nullable=True),
        sa.Column("reached_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('one_to_one', 'roadshow', 'open_day', 'challenge_day')",
            name=op.f("ck_events_kind_known"),
        ),
        sa.CheckConstraint(
            "mode IN ('on_site', 'online', 'hybrid')", name=op.f("ck_events_mode_known")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR title_zh <> '' OR title_en <> ''",
            name=op.f("ck_events_public_has_title"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'over', 'called_off')", name=op.f("ck_events_state_known")
        ),
        sa.CheckConstraint(
            "(map_sha256 IS NULL) = (map_type IS NULL)", name=op.f("ck_events_map_whole")
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR capacity > 0", name=op.f("ck_events_capacity_positive")
        ),
        sa.CheckConstraint(
            "least_meetings >= 0 AND least_meetings <= most_meetings",
            name=op.f("ck_events_least_up_to_most"),
        ),
        sa.CheckConstraint("most_meetings > 0", name=op.f("ck_events_most_positive")),
        sa.CheckConstraint(
            "slot_minutes IN (15, 20, 30)", name=op.f("ck_events_slot_minutes_known")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_events_starts_before_end")),
        sa.CheckConstraint(
            "walk_minutes BETWEEN 0 AND 30", name=op.f("ck_events_walk_minutes_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["copied_from_id"], ["events.id"], name=op.f("fk_events_copied_from_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_events_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_events_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("public_id", name=op.f("uq_events_public_id")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_events_organisation_id", ["organisation_id", "state"], unique=False
        )
        batch_op.create_index("ix_events_owner_id", ["owner_id", "state"], unique=False)
        batch_op.create_index("ix_events_state_starts_at", ["state", "starts_at"], unique=False)

    op.create_table(
        "event_days",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("breaks", Json, nullable=False),
        sa.CheckConstraint(
            "opens >= 0 AND opens < closes AND closes <= 1440",
            name=op.f("ck_event_days_opens_first"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_days_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_days")),
        sa.UniqueConstraint("event_id", "day", name=op.f("uq_event_days_event_id_day")),
    )
    op.create_table(
        "event_devices",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("roster_until", UTCDateTime(), nullable=False),
        sa.Column("synced_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_devices_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_event_devices_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_devices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_devices_public_id")),
    )
    with op.batch_alter_table("event_devices", schema=None) as batch_op:
        batch_op.create_index("ix_event_devices_event_id", ["event_id"], unique=False)
        batch_op.create_index("ix_event_devices_user_id", ["user_id"], unique=False)

    op.create_table(
        "event_groups",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_groups_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_groups")),
        sa.UniqueConstraint("event_id", "code", name=op.f("uq_event_groups_event_id_code")),
    )
    op.create_table(
        "event_interpreters",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("closed", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_interpreters_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_interpreters")),
    )
    with op.batch_alter_table("event_interpreters", schema=None) as batch_op:
        batch_op.create_index("ix_event_interpreters_event_id", ["event_id"], unique=False)

    op.create_table(
        "event_mailings",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("subject_zh", sa.String(length=200), nullable=False),
        sa.Column("subject_en", sa.String(length=200), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("choice", Json, nullable=False),
        sa.Column("request_key", sa.String(length=60), nullable=False),
        sa.Column("written_by", BigId, nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "subject_zh <> '' OR subject_en <> ''", name=op.f("ck_event_mailings_has_subject")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_mailings_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["users.id"], name=op.f("fk_event_mailings_written_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_mailings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_mailings_public_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_event_mailings_request_key")),
    )
    with op.batch_alter_table("event_mailings", schema=None) as batch_op:
        batch_op.create_index("ix_event_mailings_event_id", ["event_id"], unique=False)
        batch_op.create_index("ix_event_mailings_written_by", ["written_by"], unique=False)

    op.create_table(
        "event_rooms",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("online_url", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_rooms_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_rooms")),
        sa.UniqueConstraint("event_id", "position", name=op.f("uq_event_rooms_event_id_position")),
    )
    op.create_table(
        "event_slots",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_event_slots_starts_before_end")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_slots_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_slots")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_event_slots_event_id_number")),
        sa.UniqueConstraint(
            "event_id", "starts_at", name=op.f("uq_event_slots_event_id_starts_at")
        ),
    )
    op.create_table(
        "event_timetables",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seconds_allowed", sa.Integer(), nullable=False),
        sa.Column("wanted_stop", sa.Boolean(), nullable=False),
        sa.Column("value", BigId, nullable=True),
        sa.Column("penalties", BigId, nullable=True),
        sa.Column("floor", sa.Integer(), nullable=True),
        sa.Column("bound", BigId, nullable=True),
        sa.Column("bound_floor", sa.Integer(), nullable=True),
        sa.Column("bound_name", sa.String(length=60), nullable=True),
        sa.Column("greedy_value", BigId, nullable=True),
        sa.Column("first_come_value", BigId, nullable=True),
        sa.Column("meetings_moved", sa.Integer(), nullable=True),
        sa.Column("ended", sa.String(length=40), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("progress", Json, nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.Column("ordered_by", BigId, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("released_by", BigId, nullable=True),
        sa.CheckConstraint(
            "(state IN ('released', 'replaced')) = (released_at IS NOT NULL)",
            name=op.f("ck_event_timetables_released_whole"),
        ),
        sa.CheckConstraint(
            "ended IN ('optimal', 'time', 'stopped', 'crashed')",
            name=op.f("ck_event_timetables_ended_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('full', 'replan')", name=op.f("ck_event_timetables_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'ready', 'stopped', 'failed', 'released', 'replaced')",
            name=op.f("ck_event_timetables_state_known"),
        ),
        sa.CheckConstraint(
            "seconds_allowed BETWEEN 1 AND 600", name=op.f("ck_event_timetables_seconds_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_timetables_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["users.id"], name=op.f("fk_event_timetables_ordered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["users.id"], name=op.f("fk_event_timetables_released_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_timetables")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_event_timetables_event_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_timetables_public_id")),
    )
    with op.batch_alter_table("event_timetables", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_timetables_event_id_state", ["event_id", "state"], unique=False
        )
        batch_op.create_index("ix_event_timetables_ordered_by", ["ordered_by"], unique=False)
        batch_op.create_index("ix_event_timetables_released_by", ["released_by"], unique=False)
        batch_op.create_index(
            "uq_event_timetables_released",
            ["event_id"],
            unique=True,
            postgresql_where=sa.text("state = 'released'"),
            sqlite_where=sa.text("state = 'released'"),
        )
        batch_op.create_index(
            "uq_event_timetables_running",
            ["event_id"],
            unique=True,
            postgresql_where=sa.text("state IN ('queued', 'running')"),
            sqlite_where=sa.text("state IN ('queued', 'running')"),
        )

    op.create_table(
        "event_may",
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("a_id", BigId, nullable=False),
        sa.Column("b_id", BigId, nullable=False),
        sa.CheckConstraint("a_id <= b_id", name=op.f("ck_event_may_ordered")),
        sa.ForeignKeyConstraint(
            ["a_id"],
            ["event_groups.id"],
            name=op.f("fk_event_may_a_id_event_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["b_id"],
            ["event_groups.id"],
            name=op.f("fk_event_may_b_id_event_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_may_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "a_id", "b_id", name=op.f("pk_event_may")),
    )
    with op.batch_alter_table("event_may", schema=None) as batch_op:
        batch_op.create_index("ix_event_may_a_id", ["a_id"], unique=False)
        batch_op.create_index("ix_event_may_b_id", ["b_id"], unique=False)

    op.create_table(
        "event_sessions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("room_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('opening', 'talk', 'pitch', 'panel', 'challenge', 'break', 'other')",
            name=op.f("ck_event_sessions_kind_known"),
        ),
        sa.CheckConstraint(
            "title_zh <> '' OR title_en <> ''", name=op.f("ck_event_sessions_titled")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_event_sessions_starts_before_end")),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_sessions_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["event_rooms.id"],
            name=op.f("fk_event_sessions_room_id_event_rooms"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_sessions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_sessions_public_id")),
    )
    with op.batch_alter_table("event_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_event_sessions_event_id", ["event_id", "starts_at"], unique=False)
        batch_op.create_index("ix_event_sessions_room_id", ["room_id"], unique=False)

    op.create_table(
        "event_tables",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("room_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("closed", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name=op.f("fk_event_tables_event_id_events"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["event_rooms.id"],
            name=op.f("fk_event_tables_room_id_event_rooms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_tables")),
        sa.UniqueConstraint("event_id", "name", name=op.f("uq_event_tables_event_id_name")),
    )
    with op.batch_alter_table("event_tables", schema=None) as batch_op:
        batch_op.create_index("ix_event_tables_room_id", ["room_id"], unique=False)

    op.create_table(
        "event_registrations",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("organisation_id", BigId, nullable=True),
        sa.Column("group_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_key", sa.String(length=60), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("offer_until", UTCDateTime(), nullable=True),
        sa.Column("languages", Json, nullable=False),
        sa.Column("wants_interpreter", sa.Boolean(), nullable=False),
        sa.Column("about", sa.String(length=500), nullable=False),
        sa.Column("seeks", sa.String(length=500), nullable=False),
        sa.Column("most_meetings", sa.Integer(), nullable=True),
        sa.Column("table_id", BigId, nullable=True),
        sa.Column("shows_contact", sa.Boolean(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("state_since", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ('pending', 'waiting', 'offered', 'confirmed'))",
            name=op.f("ck_event_registrations_live_key_while_live"),
        ),
        sa.CheckConstraint(
            "(state = 'offered') = (offer_until IS NOT NULL)",
            name=op.f("ck_event_registrations_offer_while_offered"),
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (place IS NOT NULL)",
            name=op.f("ck_event_registrations_place_while_waiting"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'waiting', 'offered', 'confirmed', 'declined', 'cancelled', 'lapsed')",
            name=op.f("ck_event_registrations_state_known"),
        ),
        sa.CheckConstraint(
            "most_meetings IS NULL OR most_meetings > 0",
            name=op.f("ck_event_registrations_most_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_event_registrations_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_registrations_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["event_groups.id"],
            name=op.f("fk_event_registrations_group_id_event_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_event_registrations_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["event_tables.id"],
            name=op.f("fk_event_registrations_table_id_event_tables"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_event_registrations_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_registrations")),
        sa.UniqueConstraint("code", name=op.f("uq_event_registrations_code")),
        sa.UniqueConstraint(
            "event_id", "place", name=op.f("uq_event_registrations_event_id_place")
        ),
        sa.UniqueConstraint("live_key", name=op.f("uq_event_registrations_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_registrations_public_id")),
    )
    with op.batch_alter_table("event_registrations", schema=None) as batch_op:
        batch_op.create_index("ix_event_registrations_decided_by", ["decided_by"], unique=False)
        batch_op.create_index(
            "ix_event_registrations_event_id_state", ["event_id", "state"], unique=False
        )
        batch_op.create_index("ix_event_registrations_group_id", ["group_id"], unique=False)
        batch_op.create_index("ix_event_registrations_offer_until", ["offer_until"], unique=False)
        batch_op.create_index(
            "ix_event_registrations_organisation_id", ["organisation_id", "event_id"], unique=False
        )
        batch_op.create_index("ix_event_registrations_table_id", ["table_id"], unique=False)
        batch_op.create_index("ix_event_registrations_user_id", ["user_id", "state"], unique=False)

    op.create_table(
        "event_absences",
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_absences_registration_id_event_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["event_slots.id"],
            name=op.f("fk_event_absences_slot_id_event_slots"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "slot_id", name=op.f("pk_event_absences")),
    )
    with op.batch_alter_table("event_absences", schema=None) as batch_op:
        batch_op.create_index("ix_event_absences_slot_id", ["slot_id"], unique=False)

    op.create_table(
        "event_check_ins",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("device_id", BigId, nullable=True),
        sa.Column("client_key", sa.String(length=60), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("by_user_id", BigId, nullable=True),
        sa.CheckConstraint(
            "way IN ('camera', 'scanner', 'typed', 'list', 'self')",
            name=op.f("ck_event_check_ins_way_known"),
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_event_check_ins_by_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["event_devices.id"],
            name=op.f("fk_event_check_ins_device_id_event_devices"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_check_ins_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_check_ins_registration_id_event_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_check_ins")),
        sa.UniqueConstraint("client_key", name=op.f("uq_event_check_ins_client_key")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_event_check_ins_registration_id")),
    )
    with op.batch_alter_table("event_check_ins", schema=None) as batch_op:
        batch_op.create_index("ix_event_check_ins_by_user_id", ["by_user_id"], unique=False)
        batch_op.create_index("ix_event_check_ins_device_id", ["device_id"], unique=False)
        batch_op.create_index("ix_event_check_ins_event_id", ["event_id", "at"], unique=False)

    op.create_table(
        "event_draft_meetings",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("timetable_id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("table_id", BigId, nullable=True),
        sa.Column("a_id", BigId, nullable=False),
        sa.Column("b_id", BigId, nullable=False),
        sa.Column("interpreter_id", BigId, nullable=True),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_event_draft_meetings_ordered")),
        sa.ForeignKeyConstraint(
            ["a_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_draft_meetings_a_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["b_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_draft_meetings_b_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"],
            ["event_interpreters.id"],
            name=op.f("fk_event_draft_meetings_interpreter_id_event_interpreters"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["event_slots.id"],
            name=op.f("fk_event_draft_meetings_slot_id_event_slots"),
        ),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["event_tables.id"],
            name=op.f("fk_event_draft_meetings_table_id_event_tables"),
        ),
        sa.ForeignKeyConstraint(
            ["timetable_id"],
            ["event_timetables.id"],
            name=op.f("fk_event_draft_meetings_timetable_id_event_timetables"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_draft_meetings")),
        sa.UniqueConstraint(
            "timetable_id",
            "a_id",
            "b_id",
            name=op.f("uq_event_draft_meetings_timetable_id_a_id_b_id"),
        ),
        sa.UniqueConstraint(
            "timetable_id",
            "slot_id",
            "a_id",
            name=op.f("uq_event_draft_meetings_timetable_id_slot_id_a_id"),
        ),
        sa.UniqueConstraint(
            "timetable_id",
            "slot_id",
            "b_id",
            name=op.f("uq_event_draft_meetings_timetable_id_slot_id_b_id"),
        ),
        sa.UniqueConstraint(
            "timetable_id",
            "slot_id",
            "interpreter_id",
            name=op.f("uq_event_draft_meetings_timetable_id_slot_id_interpreter_id"),
        ),
        sa.UniqueConstraint(
            "timetable_id",
            "slot_id",
            "table_id",
            name=op.f("uq_event_draft_meetings_timetable_id_slot_id_table_id"),
        ),
    )
    with op.batch_alter_table("event_draft_meetings", schema=None) as batch_op:
        batch_op.create_index("ix_event_draft_meetings_a_id", ["a_id"], unique=False)
        batch_op.create_index("ix_event_draft_meetings_b_id", ["b_id"], unique=False)
        batch_op.create_index(
            "ix_event_draft_meetings_interpreter_id", ["interpreter_id"], unique=False
        )
        batch_op.create_index("ix_event_draft_meetings_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_event_draft_meetings_table_id", ["table_id"], unique=False)

    op.create_table(
        "event_mailing_recipients",
        sa.Column("mailing_id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["event_mailings.id"],
            name=op.f("fk_event_mailing_recipients_mailing_id_event_mailings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_mailing_recipients_registration_id_event_registrations"),
        ),
        sa.PrimaryKeyConstraint(
            "mailing_id", "registration_id", name=op.f("pk_event_mailing_recipients")
        ),
    )
    with op.batch_alter_table("event_mailing_recipients", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_mailing_recipients_registration_id", ["registration_id"], unique=False
        )

    op.create_table(
        "event_meetings",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("table_id", BigId, nullable=True),
        sa.Column("a_id", BigId, nullable=False),
        sa.Column("b_id", BigId, nullable=False),
        sa.Column("interpreter_id", BigId, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live_pair", sa.String(length=60), nullable=True),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("need_id", BigId, nullable=True),
        sa.Column("achievement_id", BigId, nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("missed_by", sa.String(length=4), nullable=True),
        sa.Column("called_off_reason", sa.String(length=40), nullable=True),
        sa.Column("introduction_id", BigId, nullable=True),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(live_pair IS NOT NULL) = (state IN ('planned', 'held', 'no_show'))",
            name=op.f("ck_event_meetings_pair_live"),
        ),
        sa.CheckConstraint(
            "(state = 'called_off') = (called_off_reason IS NOT NULL)",
            name=op.f("ck_event_meetings_called_off_whole"),
        ),
        sa.CheckConstraint(
            "(state = 'no_show') = (missed_by IS NOT NULL)",
            name=op.f("ck_event_meetings_missed_whole"),
        ),
        sa.CheckConstraint(
            "called_off_reason IN ('cancelled', 'no_show', 'late', 'replan', 'organiser', 'event_called_off', 'other')",
            name=op.f("ck_event_meetings_called_off_reason_known"),
        ),
        sa.CheckConstraint(
            "missed_by IN ('a', 'b', 'both')", name=op.f("ck_event_meetings_missed_by_known")
        ),
        sa.CheckConstraint(
            "origin IN ('timetable', 'request', 'ad_hoc', 'organiser')",
            name=op.f("ck_event_meetings_origin_known"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'held', 'no_show', 'called_off')",
            name=op.f("ck_event_meetings_state_known"),
        ),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_event_meetings_ordered")),
        sa.ForeignKeyConstraint(
            ["a_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_meetings_a_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"],
            ["listings.id"],
            name=op.f("fk_event_meetings_achievement_id_listings"),
        ),
        sa.ForeignKeyConstraint(
            ["b_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_meetings_b_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_event_meetings_deal_id_deals")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_meetings_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"],
            ["event_interpreters.id"],
            name=op.f("fk_event_meetings_interpreter_id_event_interpreters"),
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introductions.id"],
            name=op.f("fk_event_meetings_introduction_id_introductions"),
        ),
        sa.ForeignKeyConstraint(
            ["need_id"], ["listings.id"], name=op.f("fk_event_meetings_need_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["event_slots.id"], name=op.f("fk_event_meetings_slot_id_event_slots")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"], ["event_tables.id"], name=op.f("fk_event_meetings_table_id_event_tables")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_meetings")),
        sa.UniqueConstraint("live_pair", name=op.f("uq_event_meetings_live_pair")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_meetings_public_id")),
    )
    with op.batch_alter_table("event_meetings", schema=None) as batch_op:
        batch_op.create_index("ix_event_meetings_a_id", ["a_id", "state"], unique=False)
        batch_op.create_index("ix_event_meetings_achievement_id", ["achievement_id"], unique=False)
        batch_op.create_index("ix_event_meetings_b_id", ["b_id", "state"], unique=False)
        batch_op.create_index("ix_event_meetings_deal_id", ["deal_id"], unique=False)
        batch_op.create_index(
            "ix_event_meetings_event_id_state", ["event_id", "state", "slot_id"], unique=False
        )
        batch_op.create_index("ix_event_meetings_interpreter_id", ["interpreter_id"], unique=False)
        batch_op.create_index(
            "ix_event_meetings_introduction_id", ["introduction_id"], unique=False
        )
        batch_op.create_index("ix_event_meetings_need_id", ["need_id"], unique=False)
        batch_op.create_index("ix_event_meetings_table_id", ["table_id"], unique=False)
        batch_op.create_index(
            "uq_event_meetings_slot_id_interpreter_id",
            ["slot_id", "interpreter_id"],
            unique=True,
            postgresql_where=sa.text("state IN ('planned', 'held', 'no_show')"),
            sqlite_where=sa.text("state IN ('planned', 'held', 'no_show')"),
        )
        batch_op.create_index(
            "uq_event_meetings_slot_id_table_id",
            ["slot_id", "table_id"],
            unique=True,
            postgresql_where=sa.text("state IN ('planned', 'held', 'no_show')"),
            sqlite_where=sa.text("state IN ('planned', 'held', 'no_show')"),
        )

    op.create_table(
        "event_pair_rules",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("a_id", BigId, nullable=False),
        sa.Column("b_id", BigId, nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("slot_id", BigId, nullable=True),
        sa.Column("table_id", BigId, nullable=True),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("made_by", BigId, nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(rule = 'fix') = (slot_id IS NOT NULL)",
            name=op.f("ck_event_pair_rules_fixed_in_a_slot"),
        ),
        sa.CheckConstraint(
            "rule IN ('add', 'forbid', 'fix')", name=op.f("ck_event_pair_rules_rule_known")
        ),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_event_pair_rules_ordered")),
        sa.CheckConstraint(
            "table_id IS NULL OR slot_id IS NOT NULL",
            name=op.f("ck_event_pair_rules_table_in_a_slot"),
        ),
        sa.ForeignKeyConstraint(
            ["a_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_pair_rules_a_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["b_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_pair_rules_b_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_pair_rules_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["users.id"], name=op.f("fk_event_pair_rules_made_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["event_slots.id"], name=op.f("fk_event_pair_rules_slot_id_event_slots")
        ),
        sa.ForeignKeyConstraint(
            ["table_id"],
            ["event_tables.id"],
            name=op.f("fk_event_pair_rules_table_id_event_tables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_pair_rules")),
        sa.UniqueConstraint(
            "event_id", "a_id", "b_id", name=op.f("uq_event_pair_rules_event_id_a_id_b_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_pair_rules_public_id")),
    )
    with op.batch_alter_table("event_pair_rules", schema=None) as batch_op:
        batch_op.create_index("ix_event_pair_rules_a_id", ["a_id"], unique=False)
        batch_op.create_index("ix_event_pair_rules_b_id", ["b_id"], unique=False)
        batch_op.create_index("ix_event_pair_rules_made_by", ["made_by"], unique=False)
        batch_op.create_index("ix_event_pair_rules_slot_id", ["slot_id"], unique=False)
        batch_op.create_index("ix_event_pair_rules_table_id", ["table_id"], unique=False)

    op.create_table(
        "event_registration_listings",
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_event_registration_listings_listing_id_listings"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_registration_listings_registration_id_event_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "registration_id", "listing_id", name=op.f("pk_event_registration_listings")
        ),
    )
    with op.batch_alter_table("event_registration_listings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_registration_listings_listing_id", ["listing_id"], unique=False
        )

    op.create_table(
        "event_speakers",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("registration_id", BigId, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_speakers_registration_id_event_registrations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["event_sessions.id"],
            name=op.f("fk_event_speakers_session_id_event_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_speakers")),
    )
    with op.batch_alter_table("event_speakers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_speakers_registration_id", ["registration_id"], unique=False
        )
        batch_op.create_index("ix_event_speakers_session_id", ["session_id"], unique=False)

    op.create_table(
        "event_wishes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("event_id", BigId, nullable=False),
        sa.Column("from_id", BigId, nullable=False),
        sa.Column("to_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("own_listing_id", BigId, nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("decline_reason", sa.String(length=40), nullable=True),
        sa.Column("decline_remark", sa.String(length=500), nullable=True),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'declined') = (decline_reason IS NOT NULL)",
            name=op.f("ck_event_wishes_declined_with_reason"),
        ),
        sa.CheckConstraint(
            "decline_reason IN ('no_fit', 'no_time', 'met_before', 'already_in_touch', 'competitor', 'other')",
            name=op.f("ck_event_wishes_decline_reason_known"),
        ),
        sa.CheckConstraint(
            "kind <> 'rather_not' OR state <> 'accepted'",
            name=op.f("ck_event_wishes_rather_not_open"),
        ),
        sa.CheckConstraint(
            "kind IN ('must', 'would', 'rather_not')", name=op.f("ck_event_wishes_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')",
            name=op.f("ck_event_wishes_state_known"),
        ),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_event_wishes_two_people")),
        sa.CheckConstraint(
            "score IS NULL OR score BETWEEN 0 AND 1000", name=op.f("ck_event_wishes_score_bounded")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_wishes_event_id_events")
        ),
        sa.ForeignKeyConstraint(
            ["from_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_wishes_from_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_event_wishes_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["own_listing_id"],
            ["listings.id"],
            name=op.f("fk_event_wishes_own_listing_id_listings"),
        ),
        sa.ForeignKeyConstraint(
            ["to_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_wishes_to_id_event_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_wishes")),
        sa.UniqueConstraint(
            "event_id", "from_id", "to_id", name=op.f("uq_event_wishes_event_id_from_id_to_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_wishes_public_id")),
    )
    with op.batch_alter_table("event_wishes", schema=None) as batch_op:
        batch_op.create_index("ix_event_wishes_from_id", ["from_id", "state"], unique=False)
        batch_op.create_index("ix_event_wishes_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_event_wishes_own_listing_id", ["own_listing_id"], unique=False)
        batch_op.create_index("ix_event_wishes_to_id", ["to_id", "state"], unique=False)

    op.create_table(
        "event_outcomes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("meeting_id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("client_key", sa.String(length=60), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('nothing', 'follow_up', 'nda', 'sample_or_trial', 'letter_of_intent', 'contract')",
            name=op.f("ck_event_outcomes_outcome_known"),
        ),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_event_outcomes_rating_bounded")),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["event_meetings.id"],
            name=op.f("fk_event_outcomes_meeting_id_event_meetings"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_outcomes_registration_id_event_registrations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_outcomes")),
        sa.UniqueConstraint("client_key", name=op.f("uq_event_outcomes_client_key")),
        sa.UniqueConstraint(
            "meeting_id",
            "registration_id",
            name=op.f("uq_event_outcomes_meeting_id_registration_id"),
        ),
    )
    with op.batch_alter_table("event_outcomes", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_outcomes_registration_id", ["registration_id"], unique=False
        )

    op.create_table(
        "event_seats",
        sa.Column("slot_id", BigId, nullable=False),
        sa.Column("registration_id", BigId, nullable=False),
        sa.Column("meeting_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["event_meetings.id"],
            name=op.f("fk_event_seats_meeting_id_event_meetings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["event_registrations.id"],
            name=op.f("fk_event_seats_registration_id_event_registrations"),
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["event_slots.id"], name=op.f("fk_event_seats_slot_id_event_slots")
        ),
        sa.PrimaryKeyConstraint("slot_id", "registration_id", name=op.f("pk_event_seats")),
    )
    with op.batch_alter_table("event_seats", schema=None) as batch_op:
        batch_op.create_index("ix_event_seats_meeting_id", ["meeting_id"], unique=False)
        batch_op.create_index("ix_event_seats_registration_id", ["registration_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("event_seats", schema=None) as batch_op:
        batch_op.drop_index("ix_event_seats_registration_id")
        batch_op.drop_index("ix_event_seats_meeting_id")

    op.drop_table("event_seats")
    with op.batch_alter_table("event_outcomes", schema=None) as batch_op:
        batch_op.drop_index("ix_event_outcomes_registration_id")

    op.drop_table("event_outcomes")
    with op.batch_alter_table("event_wishes", schema=None) as batch_op:
        batch_op.drop_index("ix_event_wishes_to_id")
        batch_op.drop_index("ix_event_wishes_own_listing_id")
        batch_op.drop_index("ix_event_wishes_listing_id")
        batch_op.drop_index("ix_event_wishes_from_id")

    op.drop_table("event_wishes")
    with op.batch_alter_table("event_speakers", schema=None) as batch_op:
        batch_op.drop_index("ix_event_speakers_session_id")
        batch_op.drop_index("ix_event_speakers_registration_id")

    op.drop_table("event_speakers")
    with op.batch_alter_table("event_registration_listings", schema=None) as batch_op:
        batch_op.drop_index("ix_event_registration_listings_listing_id")

    op.drop_table("event_registration_listings")
    with op.batch_alter_table("event_pair_rules", schema=None) as batch_op:
        batch_op.drop_index("ix_event_pair_rules_table_id")
        batch_op.drop_index("ix_event_pair_rules_slot_id")
        batch_op.drop_index("ix_event_pair_rules_made_by")
        batch_op.drop_index("ix_event_pair_rules_b_id")
        batch_op.drop_index("ix_event_pair_rules_a_id")

    op.drop_table("event_pair_rules")
    with op.batch_alter_table("event_meetings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_event_meetings_slot_id_table_id",
            postgresql_where=sa.text("state IN ('planned', 'held', 'no_show')"),
            sqlite_where=sa.text("state IN ('planned', 'held', 'no_show')"),
        )
        batch_op.drop_index(
            "uq_event_meetings_slot_id_interpreter_id",
            postgresql_where=sa.text("state IN ('planned', 'held', 'no_show')"),
            sqlite_where=sa.text("state IN ('planned', 'held', 'no_show')"),
        )
        batch_op.drop_index("ix_event_meetings_table_id")
        batch_op.drop_index("ix_event_meetings_need_id")
        batch_op.drop_index("ix_event_meetings_introduction_id")
        batch_op.drop_index("ix_event_meetings_interpreter_id")
        batch_op.drop_index("ix_event_meetings_event_id_state")
        batch_op.drop_index("ix_event_meetings_deal_id")
        batch_op.drop_index("ix_event_meetings_b_id")
        batch_op.drop_index("ix_event_meetings_achievement_id")
        batch_op.drop_index("ix_event_meetings_a_id")

    op.drop_table("event_meetings")
    with op.batch_alter_table("event_mailing_recipients", schema=None) as batch_op:
        batch_op.drop_index("ix_event_mailing_recipients_registration_id")

    op.drop_table("event_mailing_recipients")
    with op.batch_alter_table("event_draft_meetings", schema=None) as batch_op:
        batch_op.drop_index("ix_event_draft_meetings_table_id")
        batch_op.drop_index("ix_event_draft_meetings_slot_id")
        batch_op.drop_index("ix_event_draft_meetings_interpreter_id")
        batch_op.drop_index("ix_event_draft_meetings_b_id")
        batch_op.drop_index("ix_event_draft_meetings_a_id")

    op.drop_table("event_draft_meetings")
    with op.batch_alter_table("event_check_ins", schema=None) as batch_op:
        batch_op.drop_index("ix_event_check_ins_event_id")
        batch_op.drop_index("ix_event_check_ins_device_id")
        batch_op.drop_index("ix_event_check_ins_by_user_id")

    op.drop_table("event_check_ins")
    with op.batch_alter_table("event_absences", schema=None) as batch_op:
        batch_op.drop_index("ix_event_absences_slot_id")

    op.drop_table("event_absences")
    with op.batch_alter_table("event_registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_event_registrations_user_id")
        batch_op.drop_index("ix_event_registrations_table_id")
        batch_op.drop_index("ix_event_registrations_organisation_id")
        batch_op.drop_index("ix_event_registrations_offer_until")
        batch_op.drop_index("ix_event_registrations_group_id")
        batch_op.drop_index("ix_event_registrations_event_id_state")
        batch_op.drop_index("ix_event_registrations_decided_by")

    op.drop_table("event_registrations")
    with op.batch_alter_table("event_tables", schema=None) as batch_op:
        batch_op.drop_index("ix_event_tables_room_id")

    op.drop_table("event_tables")
    with op.batch_alter_table("event_sessions", schema=None) as batch_op:
        batch_op.drop_index("ix_event_sessions_room_id")
        batch_op.drop_index("ix_event_sessions_event_id")

    op.drop_table("event_sessions")
    with op.batch_alter_table("event_may", schema=None) as batch_op:
        batch_op.drop_index("ix_event_may_b_id")
        batch_op.drop_index("ix_event_may_a_id")

    op.drop_table("event_may")
    with op.batch_alter_table("event_timetables", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_event_timetables_running",
            postgresql_where=sa.text("state IN ('queued', 'running')"),
            sqlite_where=sa.text("state IN ('queued', 'running')"),
        )
        batch_op.drop_index(
            "uq_event_timetables_released",
            postgresql_where=sa.text("state = 'released'"),
            sqlite_where=sa.text("state = 'released'"),
        )
        batch_op.drop_index("ix_event_timetables_released_by")
        batch_op.drop_index("ix_event_timetables_ordered_by")
        batch_op.drop_index("ix_event_timetables_event_id_state")

    op.drop_table("event_timetables")
    op.drop_table("event_slots")
    op.drop_table("event_rooms")
    with op.batch_alter_table("event_mailings", schema=None) as batch_op:
        batch_op.drop_index("ix_event_mailings_written_by")
        batch_op.drop_index("ix_event_mailings_event_id")

    op.drop_table("event_mailings")
    with op.batch_alter_table("event_interpreters", schema=None) as batch_op:
        batch_op.drop_index("ix_event_interpreters_event_id")

    op.drop_table("event_interpreters")
    op.drop_table("event_groups")
    with op.batch_alter_table("event_devices", schema=None) as batch_op:
        batch_op.drop_index("ix_event_devices_user_id")
        batch_op.drop_index("ix_event_devices_event_id")

    op.drop_table("event_devices")
    op.drop_table("event_days")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_state_starts_at")
        batch_op.drop_index("ix_events_owner_id")
        batch_op.drop_index("ix_events_organisation_id")

    op.drop_table("events")
