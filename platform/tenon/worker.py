"""The Celery application: carries message ids from the dispatcher to workers, nothing more.

The outbox table is the record. A task lost on the way is sent again when its lease runs out; one
delivered twice finds its message done. Only Redis is used as broker: the ones without a server
lose tasks.
"""

from __future__ import annotations

from celery import Celery, signals

from tenon import settings
from tenon.db import Database
from tenon.settings import Settings, SettingsError

_database: Database | None = None


def make_celery(config: Settings) -> Celery:
    """Return the Celery application on the settings' Redis; raises SettingsError without one."""
    if not config.redis_url:
        raise SettingsError("this needs TENON_REDIS_URL")
    app = Celery("tenon", broker=config.redis_url, backend=None)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": config.visibility_seconds},
        timezone="UTC",
        beat_schedule={"tick": {"task": "tenon.tick", "schedule": 30.0}},
    )
    app.task(name="tenon.work")(work_message)
    app.task(name="tenon.tick")(tick)
    return app


def database() -> Database:
    """Return this process's database, opened on first use (never before a fork)."""
    global _database  # noqa: PLW0603  # one pool a process
    if _database is None:
        _database = Database(settings.load().database_url)
    return _database


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]  # celery has no types
def _prepare(**_facts: object) -> None:
    from tenon.app import load_tasks  # noqa: PLC0415

    load_tasks()


def work_message(message_id: int) -> bool:
    """Do one outbox message's work, unless it is done."""
    from tenon.outbox.working import work  # noqa: PLC0415

    return work(database(), message_id)


def tick() -> None:
    """Queue what the clock asks for."""
    from tenon.clock import utc_now  # noqa: PLC0415
    from tenon.operations.periodic import queue_due  # noqa: PLC0415

    queue_due(database(), utc_now())
