"""The index before the site serves, and for commands: built where it must be, with a bar.

Another process may be the writer; then it is asked through the outbox and waited for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matching.errors import IndexLocked, IndexMissing, IndexNeedsRebuild, MatchingError
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import indexing, reading, recoding
from tenon.matches.indexing import Differences
from tenon.matches.sites import remember_site
from tenon.outbox import emit
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

PATIENCE = timedelta(minutes=30)
REPAIR_EVERY = timedelta(hours=1)
LOOK_SECONDS = 0.5


def ensure_index(database: Database, settings: Settings, *, quiet: bool = False) -> bool:
    """Build the index where it is missing or unusable, else repair it; return whether it was built.

    Where the settings want another model than the index is of, and that one still loads, nothing
    is built: the site serves, and the dispatcher encodes the index anew in the background.

    Raises:
        matching.errors.EncoderUnusable: the model cannot be loaded.
        matching.errors.IndexLocked: another process is writing.
    """
    remember_site(settings)
    try:
        with database.reading() as session:
            why = indexing.needs_build(session)
            if why is None:
                indexing.sweep(session, now=utc_now())
        if why is None:
            if recoding.ask(database, settings):
                log.info("serving with the index as it is; it %s", recoding.state(settings).words)
            return False
        if why == "encoder":
            log.warning("the model that the index is of is gone: it is built before serving")
        build(database, settings, quiet=quiet)
        return True
    finally:
        # Whoever serves next opens the index on a database of its own.
        indexing.release(settings)


def build(database: Database, settings: Settings, *, quiet: bool = False) -> None:
    """Build the index anew by this process, with a bar on a terminal's error stream.

    Raises:
        matching.errors.IndexLocked: another process is writing.
    """
    remember_site(settings)
    now = utc_now()
    with database.reading() as session:
        total = reading.count_findable(session, now=now)
        with showing_bar("building the index", total, quiet=quiet) as advance:
            indexing.rebuild(session, now=now, progress=advance)


def build_wherever(database: Database, settings: Settings, *, quiet: bool = False) -> bool:
    """Build the index anew, by the running dispatcher if it holds the index; whether it was here.

    Raises:
        TimeoutError: the dispatcher did not do it in time.
    """
    try:
        build(database, settings, quiet=quiet)
    except IndexLocked:
        _through_dispatcher(database, "index.rebuild")
        return False
    return True


def ask_for_repair(database: Database, error: MatchingError) -> bool:
    """Let the dispatcher build an index that a reader found unusable; whether it was asked to.

    However many ask, it is built once in REPAIR_EVERY.
    """
    if not isinstance(error, IndexMissing | IndexNeedsRebuild):
        return False
    now = utc_now()
    key = f"index.rebuild:{int(now.timestamp() // REPAIR_EVERY.total_seconds())}"
    try:
        with database.writing() as session:
            return emit(session, "index.rebuild", {}, now=now, key=key) is not None
    except sa.exc.SQLAlchemyError as failure:
        log.warning("the index's repair could not be asked for: %s", failure)
        return False


def sweep_wherever(database: Database, settings: Settings) -> Differences:
    """Compare and repair, by the running dispatcher if it holds the index; what differed before.

    Raises:
        TimeoutError: the dispatcher did not do it in time.
    """
    remember_site(settings)
    with database.reading() as session:
        try:
            return indexing.sweep(session, now=utc_now())
        except IndexLocked:
            found = indexing.compare(session, now=utc_now())
    _through_dispatcher(database, "index.sweep")
    return found


def _through_dispatcher(database: Database, topic: str) -> None:
    """Queue the work and wait until it is done."""
    with database.writing() as session:
        message = emit(session, topic, {}, now=utc_now())
        session.flush()
        key = 0 if message is None else message.id
    until = utc_now() + PATIENCE
    while utc_now() < until:
        with database.reading() as session:
            done = session.scalar(sa.select(OutboxMessage.done_at).where(OutboxMessage.id == key))
        if done is not None:
            return
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"{topic} was queued, and no dispatcher has done it yet")


@contextmanager
def showing_bar(label: str, total: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and nothing elsewhere; yields what to call with the number done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = console.is_terminal and not quiet
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not shown) as bar:
        task = bar.add_task(label, total=total)
        # Documents are counted, of which a listing in two languages has two.
        yield lambda number: bar.update(task, completed=min(number, total))
        bar.update(task, completed=total)
