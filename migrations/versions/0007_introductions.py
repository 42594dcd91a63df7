"""introductions: their threads, what was read, confidentiality agreements."""

import sqlalchemy as sa
from alembic import op

from tenon.db import BigId, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Each page of somebody signed in asks for their memberships.
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])
    op.create_table(
        "introductions",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("own_listing_id", BigId, nullable=True),
        sa.Column("from_organisation_id", BigId, nullable=False),
        sa.Column("to_organisation_id", BigId, nullable=False),
        sa.Column("from_user_id", BigId, nullable=True),
        sa.Column("to_user_id", BigId, nullable=True),
        sa.Column("broker_id", BigId, nullable=True),
        sa.Column("proposer_id", BigId, nullable=True),
        sa.Column("live_key", sa.String(length=60), nullable=True),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("interest", sa.Text(), nullable=True),
        sa.Column("offer", sa.Text(), nullable=True),
        sa.Column("proposal", sa.Text(), nullable=True),
        sa.Column("origin_kind", sa.String(length=20), nullable=False),
        sa.Column("origin_id", BigId, nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("end_remark", sa.Text(), nullable=True),
        sa.Column("from_consented_at", UTCDateTime(), nullable=True),
        sa.Column("to_consented_at", UTCDateTime(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("passed_on_at", UTCDateTime(), nullable=True),
        sa.Column("stage_since", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("due_step", sa.String(length=40), nullable=True),
        sa.Column("last_message_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(live_key IS NOT NULL) = (state IN ('proposed', 'checking', 'returned', 'asked', 'asked_back', 'nda', 'connected'))",
            name=op.f("ck_introductions_live_key_while_live"),
        ),
        sa.CheckConstraint(
            "due_step IN ('remind', 'escalate', 'lapse')",
            name=op.f("ck_introductions_due_step_known"),
        ),
        sa.CheckConstraint(
            "end_reason IN ('too_early', 'no_clear_benefit', 'route_unclear', 'description_unclear', 'scientific_doubt', 'no_capacity', 'budget', 'already_solved', 'other', 'led_on', 'no_fit')",
            name=op.f("ck_introductions_end_reason_known"),
        ),
        sa.CheckConstraint(
            "language IN ('zh', 'en')", name=op.f("ck_introductions_language_known")
        ),
        sa.CheckConstraint(
            "origin_kind IN ('match', 'listing', 'broker', 'meeting', 'introduction')",
            name=op.f("ck_introductions_origin_kind_known"),
        ),
        sa.CheckConstraint(
            "state = 'proposed' OR interest IS NOT NULL OR live_key IS NULL",
            name=op.f("ck_introductions_answered"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'checking', 'returned', 'asked', 'asked_back', 'nda', 'connected', 'declined', 'refused', 'withdrawn', 'lapsed', 'void', 'ended')",
            name=op.f("ck_introductions_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('nda', 'connected') OR opened_at IS NOT NULL",
            name=op.f("ck_introductions_open_when_accepted"),
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (due_step IS NULL)", name=op.f("ck_introductions_due_whole")
        ),
        sa.CheckConstraint(
            "from_organisation_id <> to_organisation_id", name=op.f("ck_introductions_two_sides")
        ),
        sa.CheckConstraint(
            "opened_at IS NULL OR (from_consented_at IS NOT NULL AND to_consented_at IS NOT NULL)",
            name=op.f("ck_introductions_opened_by_consent"),
        ),
        sa.ForeignKeyConstraint(
            ["broker_id"], ["users.id"], name=op.f("fk_introductions_broker_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["from_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_introductions_from_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["users.id"], name=op.f("fk_introductions_from_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_introductions_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(
            ["own_listing_id"],
            ["listings.id"],
            name=op.f("fk_introductions_own_listing_id_listings"),
        ),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["users.id"], name=op.f("fk_introductions_proposer_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"],
            ["organisations.id"],
            name=op.f("fk_introductions_to_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["users.id"], name=op.f("fk_introductions_to_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introductions")),
        sa.UniqueConstraint("live_key", name=op.f("uq_introductions_live_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_introductions_public_id")),
    )
    with op.batch_alter_table("introductions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_introductions_broker_id_passed_on_at", ["broker_id", "passed_on_at"], unique=False
        )
        batch_op.create_index(
            "ix_introductions_broker_id_state",
            ["broker_id", "state", "due_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_introductions_due_at", ["due_at"], unique=False)
        batch_op.create_index(
            "ix_introductions_from", ["from_organisation_id", "state", "stage_since"], unique=False
        )
        batch_op.create_index("ix_introductions_from_user_id", ["from_user_id"], unique=False)
        batch_op.create_index("ix_introductions_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_introductions_own_listing_id", ["own_listing_id"], unique=False)
        batch_op.create_index(
            "ix_introductions_nobodys",
            ["state", "due_at", "id"],
            unique=False,
            postgresql_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
            sqlite_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
        )
        batch_op.create_index(
            "ix_introductions_proposer_id_state",
            ["proposer_id", "state", "stage_since"],
            unique=False,
        )
        batch_op.create_index(
            "ix_introductions_state_due_at", ["state", "due_at", "id"], unique=False
        )
        batch_op.create_index(
            "ix_introductions_state_stage_since", ["state", "stage_since"], unique=False
        )
        batch_op.create_index(
            "ix_introductions_to", ["to_organisation_id", "state", "stage_since"], unique=False
        )
        batch_op.create_index("ix_introductions_to_user_id", ["to_user_id"], unique=False)

    op.create_table(
        "introduction_messages",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("introduction_id", BigId, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("speaker", sa.String(length=8), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('all', 'from', 'to', 'brokers')",
            name=op.f("ck_introduction_messages_audience_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('question', 'reply', 'remark', 'message')",
            name=op.f("ck_introduction_messages_kind_known"),
        ),
        sa.CheckConstraint(
            "speaker IN ('from', 'to', 'broker')",
            name=op.f("ck_introduction_messages_speaker_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_introduction_messages_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introductions.id"],
            name=op.f("fk_introduction_messages_introduction_id_introductions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_messages")),
    )
    with op.batch_alter_table("introduction_messages", schema=None) as batch_op:
        batch_op.create_index("ix_introduction_messages_author_id", ["author_id"], unique=False)
        batch_op.create_index(
            "ix_introduction_messages_introduction_id", ["introduction_id", "id"], unique=False
        )

    op.create_table(
        "introduction_ndas",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("introduction_id", BigId, nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("from_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("from_confirmed_by", BigId, nullable=True),
        sa.Column("from_signatory", sa.String(length=200), nullable=True),
        sa.Column("to_confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("to_confirmed_by", BigId, nullable=True),
        sa.Column("to_signatory", sa.String(length=200), nullable=True),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "agreed_at IS NULL OR (from_confirmed_at IS NOT NULL AND to_confirmed_at IS NOT NULL)",
            name=op.f("ck_introduction_ndas_agreed_by_both"),
        ),
        sa.ForeignKeyConstraint(
            ["from_confirmed_by"],
            ["users.id"],
            name=op.f("fk_introduction_ndas_from_confirmed_by_users"),
        ),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introductions.id"],
            name=op.f("fk_introduction_ndas_introduction_id_introductions"),
        ),
        sa.ForeignKeyConstraint(
            ["to_confirmed_by"],
            ["users.id"],
            name=op.f("fk_introduction_ndas_to_confirmed_by_users"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction_ndas")),
        sa.UniqueConstraint("introduction_id", name=op.f("uq_introduction_ndas_introduction_id")),
    )
    with op.batch_alter_table("introduction_ndas", schema=None) as batch_op:
        batch_op.create_index(
            "ix_introduction_ndas_from_confirmed_by", ["from_confirmed_by"], unique=False
        )
        batch_op.create_index(
            "ix_introduction_ndas_to_confirmed_by", ["to_confirmed_by"], unique=False
        )

    op.create_table(
        "introduction_reads",
        sa.Column("introduction_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["introduction_id"],
            ["introductions.id"],
            name=op.f("fk_introduction_reads_introduction_id_introductions"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_introduction_reads_user_id_users")
        ),
        sa.PrimaryKeyConstraint("introduction_id", "user_id", name=op.f("pk_introduction_reads")),
    )
    with op.batch_alter_table("introduction_reads", schema=None) as batch_op:
        batch_op.create_index("ix_introduction_reads_user_id", ["user_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("introduction_reads", schema=None) as batch_op:
        batch_op.drop_index("ix_introduction_reads_user_id")

    op.drop_table("introduction_reads")
    with op.batch_alter_table("introduction_ndas", schema=None) as batch_op:
        batch_op.drop_index("ix_introduction_ndas_to_confirmed_by")
        batch_op.drop_index("ix_introduction_ndas_from_confirmed_by")

    op.drop_table("introduction_ndas")
    with op.batch_alter_table("introduction_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_introduction_messages_introduction_id")
        batch_op.drop_index("ix_introduction_messages_author_id")

    op.drop_table("introduction_messages")
    with op.batch_alter_table("introductions", schema=None) as batch_op:
        batch_op.drop_index("ix_introductions_to_user_id")
        batch_op.drop_index("ix_introductions_to")
        batch_op.drop_index("ix_introductions_state_stage_since")
        batch_op.drop_index("ix_introductions_state_due_at")
        batch_op.drop_index("ix_introductions_proposer_id_state")
        batch_op.drop_index("ix_introductions_own_listing_id")
        batch_op.drop_index(
            "ix_introductions_nobodys",
            postgresql_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
            sqlite_where=sa.text("broker_id IS NULL AND proposer_id IS NULL"),
        )
        batch_op.drop_index("ix_introductions_listing_id")
        batch_op.drop_index("ix_introductions_from_user_id")
        batch_op.drop_index("ix_introductions_from")
        batch_op.drop_index("ix_introductions_due_at")
        batch_op.drop_index("ix_introductions_broker_id_state")
        batch_op.drop_index("ix_introductions_broker_id_passed_on_at")

    op.drop_table("introductions")
    op.drop_index("ix_memberships_user_id", table_name="memberships")
