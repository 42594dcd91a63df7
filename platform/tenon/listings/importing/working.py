"""The background's part of an import: check a file, and write it.

Reads without a lock for as long as rows are only checked; the write is one transaction, in which
the job is marked done as well, so a process killed at any moment leaves all of it or nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ingest.errors import FileError
from ingest.limits import Limits
from ingest.records import Kind
from ingest.run import Report
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.db import WRITES
from tenon.listings.importing import jobs
from tenon.listings.importing.files import Reading, open_file, take_file
from tenon.listings.importing.storage import Storage
from tenon.listings.models import ImportJob
from tenon.notices.services import notify

log = logging.getLogger("tenon.imports")


def check(session: Session, job_id: int, *, storage: Storage, now: datetime) -> None:
    """Read a job's file against the database and write down what would happen.

    Args:
        session: a reading one; what is found is written in a short transaction of its own.
        job_id: of a job that is being checked; any other state means that there is nothing to do.
        storage: where the file lies.
        now: the moment.
    """
    job = session.get(ImportJob, job_id)
    if job is None or job.state != "checking":
        return
    try:
        reading = _open(job, storage)
        report = _run(session, job, reading, storage=storage, now=now, dry_run=True)
    except (FileError, OSError) as error:
        _end(session, job_id, "fail", _unreadable(error), now=now)
        return
    found = jobs.report_of(report, reading)
    _end(session, job_id, "report", found, now=now, rows=_rows(report))


def write(session: Session, job_id: int, *, storage: Storage, now: datetime) -> None:
    """Import a job's file: all of it, and the job's end, in one transaction.

    Args:
        session: a reading one; the writing one is opened beside it.
        job_id: of a job that was confirmed; any other state means that there is nothing to do.
        storage: where the file lies.
        now: the moment.
    """
    with _writer(session) as writing:
        job = writing.get(ImportJob, job_id)
        if job is None or job.state != "importing":
            return
        before = dict(job.report or {})
        try:
            reading = _open(job, storage)
            report = _run(
                writing,
                job,
                reading,
                storage=storage,
                now=now,
                dry_run=False,
                skip_bad_rows=bool(before.get("skip_bad_rows")),
            )
        except (FileError, OSError) as error:
            writing.rollback()
            _end(session, job_id, "fail", _unreadable(error), now=now)
            return
        found = jobs.report_of(report, reading) | {"skip_bad_rows": before.get("skip_bad_rows")}
        step = "finish" if report.written else "fail"
        _close(writing, job, step, found, now=now, rows=_rows(report))
        writing.commit()


def _open(job: ImportJob, storage: Storage) -> Reading:
    kind: Kind = job.kind  # type: ignore[assignment]  # the column's constraint says so
    public_source = bool((job.report or {}).get("public_source"))
    return open_file(
        storage.file(job.public_id),
        kind=kind,
        source=job.source,
        public_sources=public_source,
        limits=Limits(bytes=storage.largest),
    )


def _run(
    session: Session,
    job: ImportJob,
    reading: Reading,
    *,
    storage: Storage,
    now: datetime,
    dry_run: bool,
    skip_bad_rows: bool = False,
) -> Report:
    public_id = job.public_id
    intake = jobs.intake_of(
        job, by=_actor(session, job), now=now, listing_days=storage.listing_days
    )
    return take_file(
        session,
        reading,
        intake=intake,
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        progress=lambda rows: storage.note_progress(public_id, rows),
    )


def _actor(session: Session, job: ImportJob) -> Actor:
    return actor_of(session.get_one(User, job.user_id))


def _rows(report: Report) -> int:
    return sum(counts.read for counts in report.counts.values())


def _unreadable(error: FileError | OSError) -> dict[str, Any]:
    """Return the report of a file that could not be read as a whole."""
    if isinstance(error, FileError):
        found = {"line": error.line or 0, "code": error.code, "facts": dict(error.facts)}
    else:
        log.error("an uploaded file cannot be read", exc_info=error)
        found = {"line": 0, "code": "unreadable", "facts": {"reason": error.strerror or ""}}
    entry = {"column": None, "value": ""} | found
    return {"written": False, "unreadable": True, "errors": [entry], "errors_total": 1}


def _end(
    session: Session,
    job_id: int,
    step: str,
    report: dict[str, Any],
    *,
    now: datetime,
    rows: int | None = None,
) -> None:
    """Close a stage in a short transaction; a job that was cancelled meanwhile is left alone."""
    with _writer(session) as writing:
        job = writing.get(ImportJob, job_id)
        if job is not None and job.state in jobs.JOB.changes[step].sources:
            _close(writing, job, step, report, now=now, rows=rows)
            writing.commit()


def _close(
    session: Session,
    job: ImportJob,
    step: str,
    report: dict[str, Any],
    *,
    now: datetime,
    rows: int | None,
) -> None:
    job.report = report
    job.rows_total = rows
    job.rows_done = rows or 0
    if step != "report":
        job.finished_at = now
    user = session.get_one(User, job.user_id)
    jobs.JOB.move(job, step, by=actor_of(user), now=now, facts={"rows": rows})
    notify(
        session,
        user=user,
        kind=f"import_{step}",
        facts={"name": job.name},
        path=f"/imports/{job.public_id}",
        now=now,
        mail=False,
    )


def _writer(session: Session) -> Session:
    """Return a writing session on the database that ``session`` reads."""
    engine = session.get_bind().engine.execution_options(**{WRITES: True})
    return Session(engine, expire_on_commit=False)
