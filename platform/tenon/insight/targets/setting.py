"""Set, change and withdraw targets: operators' work; every version stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation, Role, User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.insight.models import Target, TargetVersion
from tenon.insight.targets.saying import Said, said_by
from tenon.network.models import Station

CHAIN = "target"
MOST_RESPONSIBLE = 30


def set_target(session: Session, said: Said, *, by: Actor, now: datetime) -> Target:
    """Set a target.

    Raises Forbidden for all but operators, Invalid at what is wrong, Conflict ``target_exists``
    where one of the same measure, scope, period and currency stands.
    """
    _require(by)
    _check(session, said)
    target = Target(created_at=now)
    _write(session, target, said)
    with _alone(session):
        session.add(target)
        session.flush()
    _version(session, target, said, by=by, now=now)
    _tell(session, target, "set", _facts(said), by=by, now=now)
    return target


def change_target(
    session: Session,
    target: Target,
    said: Said,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change what a target says from now on; raises as ``set_target`` and ``withdraw_target``."""
    _require(by)
    _check(session, said)
    before = said_by(target)
    if before == said:
        return
    _advance(session, target, expected_version)
    with _alone(session):
        _write(session, target, said)
        session.flush()
    _version(session, target, said, by=by, now=now)
    old, new = _facts(before), _facts(said)
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    _tell(session, target, "change", {"changed": changed}, by=by, now=now)


def withdraw_target(
    session: Session, target: Target, *, by: Actor, now: datetime, expected_version: int | None
) -> None:
    """Say that it is a target no longer; its versions stay.

    Raises Forbidden, Conflict ``changed_meanwhile`` and ``withdrawn``.
    """
    _require(by)
    _advance(session, target, expected_version)
    said = said_by(target)
    target.withdrawn_at, target.live_key = now, None
    session.flush()
    _version(session, target, said, by=by, now=now, withdrawn=True)
    _tell(session, target, "withdraw", {}, by=by, now=now)


def check(session: Session, said: Said, *, by: Actor) -> None:
    """Raise what ``set_target`` would, short of a target that stands already."""
    _require(by)
    _check(session, said)


def _require(by: Actor) -> None:
    if not by.operator:
        raise Forbidden(action="set_target")


def _check(session: Session, said: Said) -> None:
    said.check()
    faults: dict[str, str] = {}
    known: Mapping[str, tuple[type[Any], int | None]] = {
        "station": (Station, said.station_id),
        "organisation": (Organisation, said.organisation_id),
        "lead": (Organisation, said.lead_id),
    }
    for name, (table, key) in known.items():
        if key is not None and session.get(table, key) is None:
            faults[name] = "unknown_code"
    if said.broker_id is not None:
        broker = session.scalars(
            sa.select(User).where(User.id == said.broker_id, User.roles.any(Role.name == "broker"))
        ).first()
        if broker is None:
            faults["broker"] = "unknown_code"
    if len(said.responsible_ids) > MOST_RESPONSIBLE:
        faults["responsible"] = "too_long"
    if faults:
        raise Invalid(faults)


@contextmanager
def _alone(session: Session) -> Iterator[None]:
    """Write within a savepoint; where such a target stands, the database refuses the second."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if "live_key" not in str(error.orig):
            raise
        raise Conflict("target_exists", kind="target") from error


def _advance(session: Session, target: Target, expected: int | None) -> None:
    if target.withdrawn_at is not None:
        raise Conflict("withdrawn", kind="target")
    session.flush()
    version = target.version if expected is None else expected
    done = session.execute(
        sa.update(Target)
        .where(Target.id == target.id, Target.version == version)
        .values(version=version + 1)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="target")
    session.refresh(target, ["version"])


def _write(session: Session, target: Target, said: Said) -> None:
    for name in (
        "measure", "value", "currency", "scope", "region", "station_id", "organisation_id",
        "broker_id", "period", "first", "last", "source_document", "source_paragraph",
        "source_sentence", "lead_id", "public",
    ):  # fmt: skip
        setattr(target, name, getattr(said, name))
    target.field_scheme, target.field_code = said.field or (None, None)
    target.live_key = said.live_key
    if said.responsible_ids or target.id is not None:
        target.responsible = list(
            session.scalars(
                sa.select(Organisation)
                .where(Organisation.id.in_(said.responsible_ids))
                .order_by(Organisation.id)
            )
        )


def _facts(said: Said) -> dict[str, Any]:
    """Return what a version says as plain JSON; a broker is a person and does not enter."""
    return {
        "measure": said.measure,
        "value": said.value,
        "currency": said.currency,
        "scope": said.scope,
        "region": said.region,
        "station": said.station_id,
        "organisation": said.organisation_id,
        "field": None if said.field is None else list(said.field),
        "period": said.period,
        "first": said.first.isoformat(),
        "last": said.last.isoformat(),
        "source": [said.source_document, said.source_paragraph, said.source_sentence],
        "lead": said.lead_id,
        "responsible": list(said.responsible_ids),
        "public": said.public,
    }


def _version(
    session: Session,
    target: Target,
    said: Said,
    *,
    by: Actor,
    now: datetime,
    withdrawn: bool = False,
) -> None:
    session.add(
        TargetVersion(
            target_id=target.id,
            number=target.version,
            at=now,
            by_id=by.user_id,
            value=said.value,
            withdrawn=withdrawn,
            said=_facts(said),
        )
    )
    session.flush()


def _tell(
    session: Session,
    target: Target,
    kind: str,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    history.record(session, chain=(CHAIN, target.public_id), kind=kind, by=by, now=now, facts=facts)
