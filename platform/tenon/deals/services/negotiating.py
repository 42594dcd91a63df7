"""Terms between two sides: a version is proposed, answered, frozen; either side may counter.

A version is frozen and hashed when it is made; who accepts it accepts that hash. While a deal is
signed or in force, an accepted version is an amendment (``amending``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import effects, forms, permissions, terms
from tenon.deals.forms.schema import NEGOTIATED_STAGES
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries.deals import accepted_terms, proposed_terms
from tenon.deals.scope import scope_of
from tenon.deals.services import amending
from tenon.deals.services.amending import AMENDED_STAGES, agreed_columns
from tenon.deals.services.moving import advance, change_columns, require_version, step_of
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.history.services import canonical
from tenon.outbox.services import emit

NOTE_LIMIT = 2000


def propose(
    session: Session,
    deal: Deal,
    *,
    values: Mapping[str, Any],
    note: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> TermVersion:
    """Propose terms for the actor's side; a version that waits for an answer is replaced by it.

    Raises NotFound, Forbidden, IllegalTransition (the deal is past its terms: reopen it first),
    Invalid at the terms' codes, Conflict where somebody proposed meanwhile.
    """
    side = permissions.require_side(by, deal)
    require_version(deal, expected_version)
    if deal.stage not in (*NEGOTIATED_STAGES, *AMENDED_STAGES):
        raise IllegalTransition(step="propose", state=deal.state, kind="deal")
    if deal.stage in AMENDED_STAGES and not permissions.signs_for(by, deal, side):
        raise Forbidden(action="amend")
    if len(note) > NOTE_LIMIT:
        raise Invalid({"note": "too_long"})
    form = forms.get(deal.form)
    if side not in step_of(deal, "draft_terms").by:  # of an offer the owner alone lays down terms
        raise Forbidden(action="propose")
    parsed = terms.parse(form, values)
    waiting = proposed_terms(session, deal)
    if waiting is not None:
        _answer(session, waiting, "replaced", by=by, now=now)
    number = 1 + (
        session.scalar(
            sa.select(sa.func.max(TermVersion.number)).where(TermVersion.deal_id == deal.id)
        )
        or 0
    )
    version = TermVersion(
        deal_id=deal.id,
        number=number,
        form=form.code,
        values=parsed,
        side=side,
        proposed_by=by.user_id,
        proposed_at=now,
        note=note.strip() or None,
        sha256=hash_of(deal, number, form.code, parsed),
    )
    if deal.stage in ("lead", "talks"):
        advance(session, deal, step_of(deal, "draft_terms"), by=by, now=now)
    else:
        change_columns(session, deal)  # of two proposals at once one is told of the other
    session.add(version)
    session.flush()
    _record(session, deal, version, "propose_terms", by=by, now=now)
    emit(session, "deals.terms_proposed", {"id": deal.id, "version_id": version.id}, now=now)
    return version


def accept(
    session: Session,
    deal: Deal,
    version: TermVersion,
    *,
    note: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Accept the other side's version: it is the deal's from now on.

    Raises as ``propose``, ``guards.RuleBroken`` where a rule stands in the way (a term is missing,
    an amendment grants what collides), Conflict where the version was answered or replaced
    meanwhile.
    """
    _require_other_side(deal, version, by)
    require_version(deal, expected_version)
    amends = deal.stage in AMENDED_STAGES
    if amends and not permissions.signs_for(by, deal, _other(version.side)):
        raise Forbidden(action="amend")
    if not amends and deal.stage not in NEGOTIATED_STAGES:
        raise IllegalTransition(step="accept", state=deal.state, kind="deal")
    if version.form != deal.form:
        raise Conflict("changed_meanwhile", kind="deal")
    earlier = accepted_terms(session, deal)
    granted = scope_of(session, deal, now=now) if amends else None
    if earlier is not None:
        _swap(session, earlier, "accepted", "replaced")
    _answer(session, version, "accepted", by=by, now=now, note=note)
    if amends:
        change = amending.carry_out(session, deal, earlier, version, granted=granted, now=now)
        _record(session, deal, version, "amend_terms", by=by, now=now)
        effects.follow(session, deal, change, by=by, now=now)
    else:
        agree = step_of(deal, "agree")
        columns = {**agreed_columns(deal, version), "agreed_at": now}
        facts = {"number": version.number, "sha256": version.sha256}
        advance(session, deal, agree, by=by, now=now, facts=facts, along=columns)
    emit(session, "deals.terms_accepted", {"id": deal.id, "version_id": version.id}, now=now)


def decline(
    session: Session,
    deal: Deal,
    version: TermVersion,
    *,
    note: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Decline the other side's version, with a word why; raises as ``accept``."""
    _require_other_side(deal, version, by)
    if len(note) > NOTE_LIMIT:
        raise Invalid({"note": "too_long"})
    _answer(session, version, "declined", by=by, now=now, note=note)
    _record(session, deal, version, "decline_terms", by=by, now=now)
    emit(session, "deals.terms_declined", {"id": deal.id, "version_id": version.id}, now=now)


def withdraw(
    session: Session, deal: Deal, version: TermVersion, *, by: Actor, now: datetime
) -> None:
    """Take back one's own side's version before it is answered; raises as ``accept``."""
    permissions.require_side(by, deal, version.side)
    _answer(session, version, "withdrawn", by=by, now=now)
    _record(session, deal, version, "withdraw_terms", by=by, now=now)


def change_form(
    session: Session,
    deal: Deal,
    *,
    form: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Turn the deal into another form while it is negotiated; its history stays.

    A version that waits is replaced: it was of the form before. Raises NotFound, Forbidden,
    Invalid at ``form``, IllegalTransition once terms are agreed, Conflict.
    """
    permissions.require_side(by, deal)
    require_version(deal, expected_version)
    if deal.stage not in NEGOTIATED_STAGES:
        raise IllegalTransition(step="change_form", state=deal.state, kind="deal")
    new = forms.get(form)
    if deal.state not in {each.code for each in new.states}:
        raise Invalid({"form": "other_road"})
    before = deal.form
    if before == form:
        return
    waiting = proposed_terms(session, deal)
    if waiting is not None:
        _answer(session, waiting, "replaced", by=by, now=now)
    change_columns(session, deal, form=form)
    history.record(
        session,
        chain=("deal", deal.public_id),
        kind="change_form",
        by=by,
        now=now,
        facts={"from": before, "to": form},
    )


def hash_of(deal: Deal, number: int, form: str, values: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, over the canonical JSON of a version."""
    body = {"deal": deal.public_id, "number": number, "form": form, "values": canonical(values)}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _other(side: str) -> str:
    return "buyer" if side == "seller" else "seller"


def _require_other_side(deal: Deal, version: TermVersion, by: Actor) -> None:
    permissions.require_side(by, deal, _other(version.side))


def _answer(
    session: Session,
    version: TermVersion,
    state: str,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
) -> None:
    _swap(
        session,
        version,
        "proposed",
        state,
        answered_by=by.user_id,
        answered_at=now,
        answer_note=note.strip() or None,
    )


def _swap(session: Session, version: TermVersion, before: str, after: str, **columns: Any) -> None:
    session.flush()
    result = session.execute(
        sa.update(TermVersion)
        .where(TermVersion.id == version.id, TermVersion.state == before)
        .values(state=after, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="terms")
    session.refresh(version, ["state", *columns])


def _record(
    session: Session, deal: Deal, version: TermVersion, kind: str, *, by: Actor, now: datetime
) -> None:
    history.record(
        session,
        chain=("deal", deal.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"number": version.number, "side": version.side, "sha256": version.sha256},
    )
