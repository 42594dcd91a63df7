"""Learned weights and which of them run: kept, let run, rolled back; never more than one runs.

The table is the record; a file beside the index tells every process (``publish``). While no
version runs, or the one that does was learned for other shipped weights than these, the shipped
weights run. Never commits.
"""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.learning.running import write_running
from matching.learning.trial import Trial
from matching.ranking import Learned, RankingWeights, load_weights, with_learned
from tenon import history
from tenon.actors import Actor
from tenon.db import WRITES
from tenon.errors import Conflict, Forbidden, NotFound
from tenon.matches.models import RankingVersion
from tenon.matches.permissions import may_steer_ranking
from tenon.settings import Settings
from tenon.states import Change, StateMachine

SHIPPED: Final = 0
"""The number that stands for the shipped weights."""

RANKING = StateMachine(
    "ranking",
    ("candidate", "running", "retired"),
    [
        Change("run", frozenset({"candidate", "retired"}), "running"),
        Change("retire", frozenset({"running"}), "retired"),
    ],
)

_DIGITS: Final = 6


def running_version(session: Session) -> RankingVersion | None:
    """Return the version that runs; None while the shipped weights do."""
    return session.scalars(
        sa.select(RankingVersion).where(RankingVersion.state == "running")
    ).first()


def versions(session: Session) -> list[RankingVersion]:
    """Return every version, newest first."""
    return list(session.scalars(sa.select(RankingVersion).order_by(RankingVersion.number.desc())))


def next_number(session: Session) -> int:
    """Return the number of the version that may come next."""
    return (session.scalar(sa.select(sa.func.max(RankingVersion.number))) or 0) + 1


def fits(version: RankingVersion) -> bool:
    """Whether a version was learned for the weights that come with this release."""
    return version.base == load_weights().base


def weights_of(version: RankingVersion | None) -> RankingWeights:
    """Return the weights that run where this version does; the shipped ones for None."""
    shipped = load_weights()
    if version is None or not fits(version):
        return shipped
    return with_learned(shipped, Learned.from_record(version.weights))


def keep(session: Session, trial: Trial, *, by: Actor, now: datetime) -> RankingVersion:
    """Keep what an attempt brought as a candidate.

    Raises:
        Forbidden: the actor is no operator.
        Conflict: somebody kept a version of that number meanwhile (``changed_meanwhile``).
    """
    _require(by)
    if trial.learned is None or not trial.better:
        raise ValueError("only what is better is kept")
    if trial.learned.number != next_number(session):
        raise Conflict("changed_meanwhile", kind="ranking")
    version = RankingVersion(
        number=trial.learned.number,
        weights=trial.learned.to_record(),
        base=trial.learned.base,
        figures=figures_of(trial),
        made_at=now,
        made_by_id=by.user_id,
    )
    session.add(version)
    session.flush()
    _note(session, version, "learned", by=by, now=now, facts={"figures": version.figures})
    return version


def let_run(session: Session, number: int, *, by: Actor, now: datetime) -> RankingVersion | None:
    """Let the version of this number run, or the shipped weights for SHIPPED.

    Returns the version; None for the shipped weights.

    Raises:
        Forbidden: the actor is no operator.
        NotFound: there is no such version.
        Conflict: it runs already (``runs_already``), or was learned for the weights of another
            release (``other_release``).
    """
    _require(by)
    before = running_version(session)
    if number == (SHIPPED if before is None else before.number):
        raise Conflict("runs_already", kind="ranking")
    after = None if number == SHIPPED else _version(session, number)
    if after is not None and not fits(after):
        raise Conflict("other_release", kind="ranking")
    facts = {"number": number, "before": SHIPPED if before is None else before.number}
    if before is not None:
        RANKING.move(before, "retire", by=by, now=now, facts=facts)
    if after is not None:
        RANKING.move(after, "run", by=by, now=now, facts=facts)
        after.running_since = now
        session.flush()
    return after


def roll_back(session: Session, *, by: Actor, now: datetime) -> RankingVersion | None:
    """Go back to the version that ran before, in the end to the shipped weights.

    Raises as ``let_run``, and Conflict where the shipped weights run (``nothing_runs``).
    """
    return let_run(session, number_before(session), by=by, now=now)


def number_before(session: Session) -> int:
    """Return the number of what ran before the version that runs: of lower versions the highest.

    Raises Conflict where the shipped weights run (``nothing_runs``).
    """
    running = running_version(session)
    if running is None:
        raise Conflict("nothing_runs", kind="ranking")
    older = session.scalar(
        sa.select(sa.func.max(RankingVersion.number)).where(
            RankingVersion.number < running.number,
            RankingVersion.running_since.is_not(None),
            RankingVersion.base == load_weights().base,
        )
    )
    return older or SHIPPED


def publish(session: Session, settings: Settings) -> bool:
    """Tell every process what runs; returns whether that is news to them.

    What is written is read while the file's lock is held, so that of two who publish the later
    one cannot write what is older.
    """
    file = settings.ranking_file
    file.parent.mkdir(parents=True, exist_ok=True)
    with (file.parent / ".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reader = session.get_bind().engine.execution_options(**{WRITES: False})
        with Session(reader) as fresh:
            version = running_version(fresh)
            learned = None if version is None else Learned.from_record(version.weights)
        return write_running(file, learned)


def figures_of(trial: Trial) -> dict[str, Any]:
    """Return an attempt's figures as plain JSON, for the table, pages and history."""
    told: dict[str, Any] = {
        "verdict": trial.verdict,
        "words": trial.words,
        "examination": _rounded(asdict(trial.examination)),
        "judged": {
            name: [round(value, _DIGITS) for value in both] for name, both in trial.judged.items()
        },
    }
    if trial.comparison is not None:
        told["held_out"] = _rounded(asdict(trial.comparison))
    return told


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value)
        if isinstance(value, Mapping)
        else round(value, _DIGITS)
        if isinstance(value, float)
        else value
        for name, value in values.items()
    }


def _require(by: Actor) -> None:
    if not may_steer_ranking(by):
        raise Forbidden(action="ranking")


def _version(session: Session, number: int) -> RankingVersion:
    found = session.scalars(
        sa.select(RankingVersion).where(RankingVersion.number == number)
    ).first()
    if found is None:
        raise NotFound
    return found


def _note(
    session: Session,
    version: RankingVersion,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Any],
) -> None:
    history.record(
        session,
        chain=(RANKING.kind, version.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"number": version.number, **facts},
    )
