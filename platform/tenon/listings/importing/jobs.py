"""The life of an uploaded file: checked, confirmed by a person, imported; or failed or cancelled.

Services and queries of import jobs. A member imports drafts for the organisation acted for; an
operator imports anything, and it enters as published.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from ingest.errors import RowError
from ingest.records import Kind
from ingest.run import Report
from tenon import history
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings.importing.files import Reading
from tenon.listings.importing.intake import Intake, member_source
from tenon.listings.models import ImportJob
from tenon.listings.models.imports import IMPORT_STATES
from tenon.states import Change, StateMachine

JOB = StateMachine(
    "import",
    IMPORT_STATES,
    [
        Change("check", frozenset({"uploaded"}), "checking"),
        Change("report", frozenset({"checking"}), "checked"),
        Change("confirm", frozenset({"checked"}), "importing"),
        Change("finish", frozenset({"importing"}), "done"),
        Change("fail", frozenset({"checking", "importing"}), "failed"),
        Change("cancel", frozenset({"uploaded", "checking", "checked"}), "cancelled"),
    ],
)
ENDED = ("done", "failed", "cancelled")
RUNNING = ("uploaded", "checking", "importing")
DEFAULT_SOURCE = "manual"
# What a member may import: records that become drafts of the member's own organisation.
MEMBER_KINDS: tuple[Kind, ...] = ("achievements", "needs")
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
RESERVED_SOURCE = "org-"
LISTED = 50


def may_import(actor: Actor) -> bool:
    """Whether the actor may import files at all."""
    return actor.operator or actor.at_least("editor", actor.organisation_id)


def may_see_job(actor: Actor, job: ImportJob) -> bool:
    """Whether the actor may look at an import: whoever began it, and operators."""
    return actor.operator or (actor.user_id is not None and job.user_id == actor.user_id)


def source_for(session: Session, actor: Actor, wanted: str) -> str | None:
    """Return the source that the actor's file counts as; None leaves it to the file.

    Raises:
        Forbidden: the actor may not import.
        Invalid: an operator asked for a source of the wrong form, or for an organisation's own.
    """
    if not may_import(actor):
        raise Forbidden("needs_organisation")
    if not actor.operator:
        owner = session.get_one(Organisation, actor.organisation_id)
        return member_source(owner)
    if not wanted:
        return None
    if not SOURCE_NAME.fullmatch(wanted) or wanted.startswith(RESERVED_SOURCE):
        raise Invalid({"source": "bad_source"})
    return wanted


def check_kind(actor: Actor, kind: Kind) -> None:
    """Raise Invalid where the actor may not import this kind."""
    if not actor.operator and kind not in MEMBER_KINDS:
        raise Invalid({"file": "kind_not_yours"})


def start(
    session: Session,
    *,
    public_id: str,
    file: Path,
    name: str,
    reading: Reading,
    by: Actor,
    now: datetime,
) -> ImportJob:
    """Take in a file that was stored and found readable; its rows are checked in the background.

    Raises Forbidden, and Invalid for a kind that is not the actor's to import.
    """
    if not may_import(by) or by.user_id is None:
        raise Forbidden("needs_organisation")
    check_kind(by, reading.kind)
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    job = ImportJob(
        public_id=public_id,
        user_id=by.user_id,
        organisation_id=by.organisation_id,
        kind=reading.kind,
        source=reading.source,
        name=name[-200:],
        sha256=digest,
        size=file.stat().st_size,
        publish=by.operator,
        created_at=now,
        report={"encoding": reading.encoding, "public_source": reading.connector is not None},
    )
    session.add(job)
    session.flush()
    facts = {"kind": job.kind, "source": job.source, "sha256": digest}
    chain = ("import", job.public_id)
    history.record(session, chain=chain, kind="upload", by=by, now=now, facts=facts)
    JOB.move(job, "check", by=by, now=now)
    return job


def confirm(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    job: ImportJob,
    *,
    by: Actor,
    now: datetime,
    skip_bad_rows: bool = False,
) -> None:
    """Import the file; with errors only where the bad rows are to be left out.

    Raises NotFound, Forbidden where the actor lost the right meanwhile, Conflict where errors are
    in the way, IllegalTransition.
    """
    _require(job, by)
    report = dict(job.report or {})
    if report.get("unreadable") or (report.get("errors_total") and not skip_bad_rows):
        raise Conflict("import_has_errors")
    job.report = report | {"skip_bad_rows": skip_bad_rows}
    job.rows_done = 0
    JOB.move(job, "confirm", by=by, now=now, facts={"skip_bad_rows": skip_bad_rows})


def cancel(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    job: ImportJob,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Give an import up before it begins to write."""
    _require(job, by)
    job.finished_at = now
    JOB.move(job, "cancel", by=by, now=now)


def _require(job: ImportJob, by: Actor) -> None:
    if not may_see_job(by, job):
        raise NotFound(kind="import")
    if not may_import(by) or (job.publish and not by.operator):
        raise Forbidden(action="import")
    if not job.publish and not by.operator and not by.at_least("editor", job.organisation_id):
        raise Forbidden(action="import")


def find_job(session: Session, public_id: str, *, by: Actor) -> ImportJob:
    """Return a job; raises NotFound, also for one that is not the actor's to see."""
    job = session.scalar(sa.select(ImportJob).where(ImportJob.public_id == public_id))
    if job is None or not may_see_job(by, job):
        raise NotFound(kind="import")
    return job


def jobs_of(session: Session, *, by: Actor) -> Sequence[ImportJob]:
    """Return the latest jobs that the actor may see, newest first."""
    wanted = sa.select(ImportJob).order_by(ImportJob.id.desc()).limit(LISTED)
    # A report may hold thousands of errors; the list shows none of them.
    wanted = wanted.options(defer(ImportJob.report))
    if not by.operator:
        wanted = wanted.where(ImportJob.user_id == by.user_id)
    return session.scalars(wanted).all()


def intake_of(job: ImportJob, *, by: Actor, now: datetime, listing_days: int) -> Intake:
    """Return the terms on which a job's rows are taken in."""
    return Intake(
        by=by,
        now=now,
        publish=job.publish,
        organisation_id=job.organisation_id,
        own_only=not job.publish,
        listing_days=listing_days,
    )


def report_of(report: Report, reading: Reading) -> dict[str, Any]:
    """Return a run's report as plain JSON, errors included."""
    return {
        "written": report.written,
        "counts": {kind: asdict(counts) for kind, counts in report.counts.items()},
        "errors": [_plain(error) for error in report.errors],
        "errors_total": report.errors_total,
        "encoding": reading.encoding,
        "unknown_columns": reading.unknown_columns,
        "public_source": reading.connector is not None,
    }


def _plain(error: RowError) -> dict[str, Any]:
    return {
        "line": error.line,
        "column": error.column,
        "code": error.code,
        "value": error.value,
        "facts": dict(error.facts),
    }
