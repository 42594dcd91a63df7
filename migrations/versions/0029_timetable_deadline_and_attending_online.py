"""events say by when their timetable is released; people say whether they attend online."""

import sqlalchemy as sa
from alembic import op

from tenon.db import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("schedule_until", UTCDateTime(), nullable=True))
    # Not by copying the table, as Alembic would on SQLite: its checks would be lost.
    op.execute(
        "ALTER TABLE event_registrations ADD COLUMN attends VARCHAR(8) NOT NULL DEFAULT 'on_site' "
        "CONSTRAINT ck_event_registrations_attends_known CHECK (attends IN ('on_site', 'online'))"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("ck_event_registrations_attends_known", "event_registrations")
        op.drop_column("event_registrations", "attends")
    else:
        op.execute("ALTER TABLE event_registrations DROP COLUMN attends")
    op.drop_column("events", "schedule_until")
