"""Licences on record: written by deals or by hand; open licences declared and withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.permissions import require
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.history.services import lock
from tenon.listings.models import IpRight
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rights.models import FEE_MODES, LICENCE_KINDS, LicenceGrant, OpenLicence
from tenon.rights.overlap import Scope
from tenon.rights.queries.licences import colliding, declaration_of, shutting_out
from tenon.rights.queries.owners import owners
from tenon.rights.queries.standing import Point, standing
from tenon.rights.services.keeping import require_keeper
from tenon.rights.services.owning import chain_of

NAME_LENGTH = 200
STANDARD_LENGTH = 2000
BY_HAND = tuple(kind for kind in LICENCE_KINDS if kind != "assignment")


def record_licence(
    session: Session,
    scope: Scope,
    *,
    deal: str,
    licensor_id: int,
    licensee_id: int,
    by: Actor,
    now: datetime,
) -> list[LicenceGrant]:
    """Write what a signed deal grants: a row for each of its rights.

    Where a licence of this deal lives already, nothing is added: end it first. ``deal`` is its
    public id. The caller's guard has looked for collisions; of two deals that are signed at once
    the second waits here, looks again, and gets Conflict ``licence_collides``.
    """
    _wait_for_others(session, scope.rights)
    if any(hit.certain for hit, _ in colliding(session, scope, besides_deal=deal)):
        raise Conflict("licence_collides", deal=deal)
    known = set(
        session.scalars(
            sa.select(LicenceGrant.ip_right_id).where(
                LicenceGrant.deal == deal, LicenceGrant.state == "live"
            )
        )
    )
    made = []
    for right_id in sorted(scope.rights - known):
        licence = LicenceGrant(
            ip_right_id=right_id,
            kind=scope.kind,
            territory=list(scope.territory),
            fields=list(scope.fields),
            since=scope.since,
            until=scope.until,
            deal=deal,
            licensor_id=licensor_id,
            licensee_id=licensee_id,
            recorded_by=by.user_id,
            recorded_at=now,
        )
        session.add(licence)
        session.flush()
        _note(session, licence, "licence_granted", by=by, now=now)
        made.append(licence)
    return made


def amend_licences(
    session: Session,
    scope: Scope,
    *,
    deal: str,
    licensor_id: int,
    licensee_id: int,
    by: Actor,
    now: datetime,
    today: date,
) -> list[LicenceGrant]:
    """Let the record of a deal's licence say what its amended terms grant, from today on.

    What was granted before stays on record until today. Nothing is written where the terms leave
    it as it stands. Returns the new rows; raises as ``record_licence``.
    """
    _wait_for_others(session, scope.rights)
    live = session.scalars(
        sa.select(LicenceGrant).where(LicenceGrant.deal == deal, LicenceGrant.state == "live")
    ).all()
    if {each.ip_right_id for each in live} == scope.rights and all(
        _says(each, scope) for each in live
    ):
        return []
    end_licences(session, deal=deal, on=today, by=by, now=now)
    if scope.until is not None and scope.until < max(scope.since, today):
        return []
    return record_licence(
        session,
        scope.on_from(today),
        deal=deal,
        licensor_id=licensor_id,
        licensee_id=licensee_id,
        by=by,
        now=now,
    )


def _says(licence: LicenceGrant, scope: Scope) -> bool:
    """Whether a licence on record covers what a scope does, whenever it began."""
    return (
        (licence.kind, licence.until) == (scope.kind, scope.until)
        and set(licence.territory) == set(scope.territory)
        and set(licence.fields) == set(scope.fields)
    )


def _wait_for_others(session: Session, rights: frozenset[int]) -> None:
    """Let other transactions that grant any of these rights wait until this one ends."""
    for right_id in sorted(rights):
        lock(session, ("licences", str(right_id)))


def end_licences(
    session: Session, *, deal: str, on: date, by: Actor, now: datetime
) -> list[LicenceGrant]:
    """End every live licence of a deal on a day; returns them."""
    live = session.scalars(
        sa.select(LicenceGrant).where(LicenceGrant.deal == deal, LicenceGrant.state == "live")
    ).all()
    for licence in live:
        licence.state, licence.ended_on = "ended", on
        session.flush()
        _note(session, licence, "licence_ended", by=by, now=now)
    return list(live)


def record_by_hand(
    session: Session,
    right: IpRight,
    *,
    scope: Scope,
    licensee: str,
    by: Actor,
    now: datetime,
    today: date,
) -> LicenceGrant:
    """Write down a licence that was granted outside this site, so that overlaps are found.

    Raises Forbidden for who keeps nothing of this right; Invalid at ``kind``, ``territory``,
    ``fields``, ``until`` or ``licensee``; Conflict ``collides`` where a live one stands against it.
    """
    require_keeper(session, right, by=by, today=today)
    problems = {}
    if scope.kind not in BY_HAND:
        problems["kind"] = "unknown_code"
    if not scope.territory:
        problems["territory"] = "required"
    if not scope.fields:
        problems["fields"] = "required"
    if scope.until is not None and scope.until < scope.since:
        problems["until"] = "out_of_order"
    if not licensee.strip() or len(licensee.strip()) > NAME_LENGTH:
        problems["licensee"] = "too_long" if licensee.strip() else "required"
    if problems:
        raise Invalid(problems)
    _wait_for_others(session, scope.rights)
    if any(hit.certain for hit, _ in colliding(session, scope)):
        raise Conflict("collides", kind="licence")
    made = LicenceGrant(
        ip_right_id=right.id,
        kind=scope.kind,
        territory=list(scope.territory),
        fields=list(scope.fields),
        since=scope.since,
        until=scope.until,
        licensee=licensee.strip(),
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, made, "licence_granted", by=by, now=now)
    return made


def end_by_hand(
    session: Session, right: IpRight, public_id: str, *, by: Actor, now: datetime, today: date
) -> None:
    """End a licence that was recorded by hand; raises NotFound for a deal's own, Forbidden."""
    require_keeper(session, right, by=by, today=today)
    found = session.scalars(
        sa.select(LicenceGrant).where(
            LicenceGrant.public_id == public_id,
            LicenceGrant.ip_right_id == right.id,
            LicenceGrant.deal.is_(None),
        )
    ).first()
    if found is None:
        raise NotFound(kind="licence")
    if found.state == "live":
        found.state, found.ended_on = "ended", today
        session.flush()
        _note(session, found, "licence_ended", by=by, now=now)


def _note(session: Session, licence: LicenceGrant, kind: str, *, by: Actor, now: datetime) -> None:
    right = session.get_one(IpRight, licence.ip_right_id)
    facts = {
        "licence": licence.public_id,
        "kind": licence.kind,
        "deal": licence.deal,
        "territory": licence.territory,
        "since": licence.since.isoformat(),
        "until": None if licence.until is None else licence.until.isoformat(),
    }
    history.record(session, chain=chain_of(right), kind=kind, by=by, now=now, facts=facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What an owner declares: the fee's mode and standard, and until when notice may be given."""

    fee_mode: str
    fee_minor: int | None = None
    currency: str = "CNY"
    rate: str | None = None
    standard: str = ""
    until: date | None = None
    number: str = ""


def open_licence_blocks(session: Session, right: IpRight, *, on: date) -> list[Point]:
    """Return what forbids an open licence of a right on a day, each with its source."""
    blocks = list(standing(session, right, on=on, act="open_licence").blocks)
    if shutting_out(session, right, on=on) is not None:
        blocks.append(
            Point(
                "licensed_exclusively",
                N_("The patent is under an exclusive or sole licence."),
                {},
                "《专利法实施细则》第八十五条至第八十八条",
                "Implementing Rules of the Patent Law, articles 85-88",
            )
        )
    return blocks


def declare_open(
    session: Session,
    right: IpRight,
    *,
    declaration: Declaration,
    organisation_id: int,
    by: Actor,
    now: datetime,
    today: date,
) -> OpenLicence:
    """Declare that anybody may have a licence at the standard fee (Patent Law, 50).

    Raises:
        Forbidden: the actor does not administer this organisation, or it owns no part.
        Invalid: at a field of the declaration.
        Conflict: ``open_licence_barred`` where the law forbids it (``open_licence_blocks``),
            ``declared_already`` where one stands.
    """
    owned = owners(session, right, on=today)
    if not by.at_least("administrator", organisation_id) or not owned.of_organisation(
        organisation_id
    ):
        raise Forbidden("declare_open")
    problems = _problems(declaration, today)
    if problems:
        raise Invalid(problems)
    blocks = open_licence_blocks(session, right, on=today)
    if blocks:
        raise Conflict("open_licence_barred", points=[each.code for each in blocks])
    if declaration_of(session, right, on=today) is not None:
        raise Conflict("declared_already", kind="open_licence")
    made = OpenLicence(
        ip_right_id=right.id,
        organisation_id=organisation_id,
        number=declaration.number.strip() or None,
        fee_mode=declaration.fee_mode,
        fee_minor=declaration.fee_minor if declaration.fee_mode != "running" else None,
        currency=declaration.currency,
        rate=declaration.rate if declaration.fee_mode == "running" else None,
        standard=declaration.standard.strip(),
        declared_on=today,
        until=declaration.until,
        live_key=str(right.id),
        declared_at=now,
        declared_by=by.user_id,
    )
    _free_key(session, right, today=today)
    session.add(made)
    session.flush()
    facts = {"declaration": made.public_id, "fee_mode": made.fee_mode, "until": str(made.until)}
    _tell(session, made, "open_licence_declared", facts, by=by, now=now)
    return made


def _free_key(session: Session, right: IpRight, *, today: date) -> None:
    """Let a declaration whose time ran out make room for the next one."""
    over = session.scalars(
        sa.select(OpenLicence).where(
            OpenLicence.live_key == str(right.id), OpenLicence.until < today
        )
    ).first()
    if over is not None:
        over.state, over.live_key, over.withdrawn_on = "withdrawn", None, over.until
        over.withdrawal_reason = ""
        session.flush()


def withdraw_open(
    session: Session,
    declared: OpenLicence,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Withdraw a declaration in public; licences that it made stand (Patent Law, 50).

    Raises Forbidden; Invalid at ``reason``; Conflict where it was withdrawn already.
    """
    require(by.at_least("administrator", declared.organisation_id))
    if len(reason.strip()) > 500:
        raise Invalid({"reason": "too_long"})
    swapped = session.execute(
        sa.update(OpenLicence)
        .where(OpenLicence.id == declared.id, OpenLicence.state == "declared")
        .values(
            state="withdrawn",
            live_key=None,
            withdrawn_on=today,
            withdrawn_at=now,
            withdrawal_reason=reason.strip(),
            version=OpenLicence.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if not swapped.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="open_licence")
    session.refresh(declared)
    facts = {"declaration": declared.public_id}
    _tell(session, declared, "open_licence_withdrawn", facts, by=by, now=now)


def _tell(
    session: Session,
    declared: OpenLicence,
    kind: str,
    facts: dict[str, str],
    *,
    by: Actor,
    now: datetime,
) -> None:
    chain = chain_of(declared.ip_right)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)


def _problems(declaration: Declaration, today: date) -> dict[str, str]:
    found = {}
    if declaration.fee_mode not in FEE_MODES:
        found["fee_mode"] = "unknown_code"
    elif declaration.fee_mode == "running":
        if not _is_rate(declaration.rate):
            found["rate"] = "out_of_range"
    elif declaration.fee_minor is None or declaration.fee_minor < 0:
        found["fee"] = "required"
    if declaration.until is None:
        found["until"] = "required"
    elif declaration.until < today:
        found["until"] = "in_the_past"
    if len(declaration.standard) > STANDARD_LENGTH:
        found["standard"] = "too_long"
    return found


def _is_rate(text: str | None) -> bool:
    try:
        rate = Decimal(text or "")
    except InvalidOperation:
        return False
    return rate.is_finite() and 0 < rate <= 100
