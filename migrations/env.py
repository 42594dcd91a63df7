"""Alembic's entry: runs migrations on the connection that tenon.schema hands over."""

from alembic import context
from flask_security import AsaList
from sqlalchemy.types import JSON, BigInteger

from tenon.db import ExactDecimal, UTCDateTime
from tenon.models import metadata

connection = context.config.attributes["connection"]


def render_item(kind, item, _autogen_context):
    """Write the project's own column types by name, so that a migration reads well."""
    if kind == "type":
        if isinstance(item, UTCDateTime):
            return "UTCDateTime()"
        if isinstance(item, ExactDecimal):
            return f"ExactDecimal({item.digits})"
        if isinstance(item, AsaList):
            return "sa.Text()"
        if isinstance(item, JSON):
            return "Json"
        if isinstance(item, BigInteger):
            return "BigId"
    return False


context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=render_item,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
