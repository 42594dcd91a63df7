"""Commands of the processes behind the site: dispatcher, worker, beat; and care of the outbox."""

from __future__ import annotations

import json
import signal

import click
import sqlalchemy as sa

from tenon import settings
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import recoding
from tenon.operations.leaving import leave
from tenon.operations.logs import show_log
from tenon.operations.periodic import queue_due
from tenon.outbox import pausing, services
from tenon.outbox.dispatcher import LEASE, Dispatcher, Send, drain
from tenon.outbox.leases import holder
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings
from tenon.worker import make_celery


@click.command()
def dispatcher() -> None:
    """Run the dispatcher by itself: keeps the index, and works or sends every message."""
    config = settings.load()
    show_log()
    load_tasks()
    with Database(config.database_url) as database:
        if recoding.ask(database, config):
            click.echo(f"the index {recoding.state(config).words}")
        send = sender(config) if config.redis_url else None
        running = Dispatcher(database, send=send, periodic=queue_due)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.stop(0))
        click.echo("dispatching; Ctrl+C stops")
        running.run()
    leave()


def sender(config: Settings) -> Send:
    """Return what hands message ids to the Celery workers, by one connection kept open."""
    celery = make_celery(config)
    connection = celery.connection_for_write()

    def send(message_id: int) -> None:
        celery.send_task("tenon.work", args=[message_id], connection=connection, retry=False)

    return send


@click.command()
@click.option("--concurrency", default=2, show_default=True, help="Processes.")
def worker(concurrency: int) -> None:
    """Run a Celery worker on the Redis of TENON_REDIS_URL."""
    celery = make_celery(settings.load())
    celery.worker_main(
        ["worker", "--loglevel=INFO", f"--concurrency={concurrency}", "--without-gossip"]
    )


@click.command()
def beat() -> None:
    """Run Celery's clock; one a site."""
    config = settings.load()
    schedule = config.var / "celerybeat-schedule"
    make_celery(config).start(["beat", "--loglevel=INFO", f"--schedule={schedule}"])


@click.group()
def outbox() -> None:
    """Look after work that waits."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_messages(*, as_json: bool) -> None:
    """List messages that wait or were given up."""
    with Database(settings.load().database_url) as database, database.reading() as session:
        rows = session.scalars(
            sa.select(OutboxMessage)
            .where(OutboxMessage.done_at.is_(None))
            .order_by(OutboxMessage.id)
            .limit(1000)
        )
        found = [
            {
                "id": row.id,
                "topic": row.topic,
                "attempts": row.attempts,
                "given_up": row.failed_at is not None,
                "available_at": row.available_at.isoformat(),
                "error": row.error,
            }
            for row in rows
        ]
        paused = pausing.pauses(session)
    if as_json:
        click.echo(json.dumps(found))
        return
    for item in found:
        mark = "given up" if item["given_up"] else "waits"
        click.echo(f"{item['id']:>8} {item['topic']:<28} {mark:<9} {item['error'] or ''}")
    for each in paused:
        click.echo(f"{each.topic} pauses until {each.until:%Y-%m-%d %H:%M} UTC: {each.reason}")


@outbox.command()
def work() -> None:
    """Work everything that is due, here and now."""
    load_tasks()
    with Database(settings.load().database_url) as database:
        with database.reading() as session:
            other = holder(session, LEASE, now=utc_now())
        if other is not None:
            raise click.ClickException(f"the dispatcher {other} is at work and does it")
        click.echo(f"{drain(database)} messages worked")


@outbox.command()
def retry() -> None:
    """Give messages that were given up a new start."""
    with Database(settings.load().database_url) as database, database.writing() as session:
        click.echo(f"{services.retry_failed(session, now=utc_now())} messages start anew")
