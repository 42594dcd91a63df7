"""Commands about the database: migrate, status, draft a migration."""

from __future__ import annotations

import json

import click
import sqlalchemy as sa

from tenon import schema, settings
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import recoding
from tenon.outbox.models import OutboxMessage
from tenon.rules import services as rules
from tenon.taxonomy.services import load


def bring_up_to_date(database: Database) -> bool:
    """Run missing migrations, load the files of terms and rules; return whether anything migrated.

    What an operator wrote in the table of rules stays.
    """
    behind = schema.current(database) != schema.head()
    if behind:
        schema.upgrade(database)
    with database.writing() as session:
        load(session, now=utc_now())
        rules.load(session, now=utc_now())
    return behind


@click.command()
def migrate() -> None:
    """Bring the database's tables, coded terms and rules up to date."""
    with Database(settings.load().database_url) as database:
        migrated = bring_up_to_date(database)
    click.echo(f"{'migrated to' if migrated else 'already at'} {schema.head()}")


@click.command("draft-migration")
@click.argument("message")
def draft_migration(message: str) -> None:
    """Write a migration from the difference between models and database (for developers)."""
    with Database(settings.load().database_url) as database:
        click.echo(schema.draft(database, message))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, as_json: bool) -> None:
    """Say how the site stands: migration, rows, outbox, the index's model.

    Exit code 3 where something is wrong.
    """
    config = settings.load()
    with Database(config.database_url) as database:
        current = schema.current(database)
        facts: dict[str, object] = {"migration": current, "newest_migration": schema.head()}
        if current == schema.head():
            facts |= _counts(database)
    encoding = recoding.state(config)
    facts |= {"index_encoder": encoding.encoder, "index_encoding": encoding.words or "done"}
    healthy = current == schema.head() and not facts.get("outbox_given_up") and not encoding.error
    if as_json:
        click.echo(json.dumps(facts, default=str))
    else:
        for name, value in facts.items():
            click.echo(f"{name:<20} {value}")
    if not healthy:
        raise SystemExit(3)


def _counts(database: Database) -> dict[str, object]:
    tables = ("users", "organisations", "experts", "listings")
    with database.reading() as session:
        rows = {
            name: session.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
            for name in tables
        }
        open_messages = sa.select(sa.func.count()).select_from(OutboxMessage)
        waiting = session.scalar(
            open_messages.where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
        )
        given_up = session.scalar(open_messages.where(OutboxMessage.failed_at.is_not(None)))
    return {**rows, "outbox_waiting": waiting, "outbox_given_up": given_up}
