"""Experts' pages: written by the person, claimed where they were imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.listings import permissions
from tenon.listings.models import AVAILABILITY, Expert, ExpertClaim, ExpertField
from tenon.listings.services.announcing import announce_experts
from tenon.listings.services.notifying import tell_claimant, tell_deciders
from tenon.listings.services.validation import FIELD_SCHEMES, TEXT_LIMIT
from tenon.taxonomy.queries import find

NAME_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What an expert's page says; names and titles in either language or both."""

    name_zh: str = ""
    name_en: str = ""
    title_zh: str = ""
    title_en: str = ""
    bio_zh: str = ""
    bio_en: str = ""
    languages: tuple[str, ...] = ()
    availability: str = "open"
    fields: tuple[tuple[str, str], ...] = ()
    published: bool = False


def _check(page: Page) -> None:
    faults = {}
    if not page.name_zh and not page.name_en:
        faults["name_zh"] = "required"
    for name in ("name_zh", "name_en", "title_zh", "title_en"):
        if len(getattr(page, name)) > NAME_LIMIT:
            faults[name] = "too_long"
    for name in ("bio_zh", "bio_en"):
        if len(getattr(page, name)) > TEXT_LIMIT:
            faults[name] = "too_long"
    if page.availability not in AVAILABILITY:
        faults["availability"] = "unknown_code"
    if any(s not in FIELD_SCHEMES or find(s, c) is None for s, c in page.fields):
        faults["fields"] = "unknown_code"
    if any(code not in {"zh", "en"} for code in page.languages):
        faults["languages"] = "unknown_code"
    if faults:
        raise Invalid(faults)


def write_own_page(session: Session, *, page: Page, by: Actor, now: datetime) -> Expert:
    """Write or change the actor's own page, in the organisation acted for when it is made."""
    if by.user_id is None:
        raise Forbidden
    _check(page)
    expert = session.scalars(sa.select(Expert).where(Expert.user_id == by.user_id)).first()
    if expert is None:
        expert = Expert(
            user_id=by.user_id,
            organisation_id=by.organisation_id,
            version=0,
            created_at=now,
            updated_at=now,
        )
        session.add(expert)
    _apply(session, expert, page, by=by, now=now)
    return expert


def edit_page(session: Session, expert: Expert, *, page: Page, by: Actor, now: datetime) -> None:
    """Change a page: the person's own, or as administrator of its organisation, or operator."""
    if not permissions.may_edit_expert(by, expert):
        raise Forbidden(action="edit")
    _check(page)
    _apply(session, expert, page, by=by, now=now)


def _apply(session: Session, expert: Expert, page: Page, *, by: Actor, now: datetime) -> None:
    was_public = bool(expert.published)
    for name in ("name_zh", "name_en", "title_zh", "title_en", "bio_zh", "bio_en"):
        setattr(expert, name, getattr(page, name) or None)
    expert.languages = list(page.languages)
    expert.availability = page.availability
    expert.published = page.published
    held = {(row.scheme, row.code): row for row in expert.fields}
    expert.fields = [
        held.get(pair) or ExpertField(scheme=pair[0], code=pair[1])
        for pair in dict.fromkeys(page.fields)
    ]
    expert.updated_at = now
    expert.version += 1
    session.flush()
    facts = {"version": expert.version, "published": expert.published}
    chain = ("expert", expert.public_id)
    history.record(session, chain=chain, kind="edit", by=by, now=now, facts=facts)
    if was_public or expert.published:
        announce_experts(session, [expert.id], now=now)


def claim(
    session: Session, expert: Expert, *, remark: str, by: Actor, now: datetime
) -> ExpertClaim:
    """Say that a page which nobody holds is about the actor; somebody else decides."""
    if by.user_id is None or not permissions.may_claim(by, expert):
        raise Conflict("claimed_already")
    if len(remark) > 500:
        raise Invalid({"remark": "too_long"})
    if session.scalars(sa.select(Expert.id).where(Expert.user_id == by.user_id)).first():
        raise Conflict("has_a_page")
    waiting = session.scalars(
        sa.select(ExpertClaim).where(
            ExpertClaim.expert_id == expert.id,
            ExpertClaim.user_id == by.user_id,
            ExpertClaim.state == "requested",
        )
    ).first()
    if waiting is not None:
        return waiting
    made = ExpertClaim(expert=expert, user_id=by.user_id, remark=remark, at=now)
    session.add(made)
    session.flush()
    chain = ("expert", expert.public_id)
    facts = {"claim": made.public_id}
    history.record(session, chain=chain, kind="claim", by=by, now=now, facts=facts)
    tell_deciders(session, made, now=now)
    return made


def decide_claim(
    session: Session, made: ExpertClaim, *, approve: bool, by: Actor, now: datetime
) -> None:
    """Approve or refuse a claim; other open claims to the same page fall with an approval.

    Raises Forbidden for one's own claim, Conflict where it was decided or the page is taken.
    """
    if not permissions.may_decide_claims(by, made.expert) or made.user_id == by.user_id:
        raise Forbidden(action="decide")
    if made.state != "requested" or (approve and made.expert.user_id is not None):
        raise Conflict("changed_meanwhile")
    made.state = "approved" if approve else "refused"
    made.decided_at = now
    made.decided_by = by.user_id
    session.flush()
    if approve:
        _hand_over(session, made, by=by, now=now)
    kind = "claim_approved" if approve else "claim_refused"
    chain = ("expert", made.expert.public_id)
    facts = {"claim": made.public_id}
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
    tell_claimant(session, made, now=now)


def _hand_over(session: Session, made: ExpertClaim, *, by: Actor, now: datetime) -> None:
    taken = sa.select(Expert.id).where(Expert.user_id == made.user_id)
    if session.scalar(taken) is not None:
        raise Conflict("has_a_page")
    made.expert.user_id = made.user_id
    session.execute(
        sa.update(ExpertClaim)
        .where(ExpertClaim.expert_id == made.expert_id, ExpertClaim.state == "requested")
        .values(state="refused", decided_at=now, decided_by=by.user_id)
        .execution_options(synchronize_session=False)
    )
