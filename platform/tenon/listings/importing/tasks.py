"""Outbox handlers of imports: what follows from a job's step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.listings.importing import jobs, storage, working
from tenon.listings.models import ImportJob
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.outbox import handles

# A file of 200,000 rows takes minutes; nobody else may begin it meanwhile.
PATIENCE = 3600

wording.register(
    {
        "import_report": N_("“%(name)s” has been checked; see what it would do."),
        "import_finish": N_("“%(name)s” has been imported."),
        "import_fail": N_("“%(name)s” could not be imported; nothing was changed."),
    },
    group="listings",
)


@handles("import.moved", patience=PATIENCE, reads=True)
def import_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Check a file that was uploaded, write one that was confirmed, clean up after one that ended.

    Each looks at the job's present state first, so that doing it twice changes nothing.
    """
    job_id, reached = int(payload["id"]), str(payload["to"])
    place = storage.current()
    if reached == "checking":
        working.check(session, job_id, storage=place, now=now)
    elif reached == "importing":
        working.write(session, job_id, storage=place, now=now)
    elif reached in jobs.ENDED:
        job = session.get(ImportJob, job_id)
        if job is not None:
            place.remove(job.public_id)
