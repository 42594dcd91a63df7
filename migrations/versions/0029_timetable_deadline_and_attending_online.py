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


def downgrade() -> None:
    op.drop_column("events", "schedule_until")
