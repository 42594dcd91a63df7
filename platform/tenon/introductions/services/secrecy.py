"""The confidentiality agreement: needed where a listing holds something for its NDA tier.

The words are our own template in both languages, filled with the parties' names, listings and the
day; their SHA-256 is in the history. The second confirmation opens the tier.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.introductions import permissions
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.introductions.services.disclosure import open_tier
from tenon.introductions.services.moving import move
from tenon.introductions.services.wording import LONGEST_SIGNATORY
from tenon.introductions.states import INTRODUCTION
from tenon.listings.models import Attachment, ConfidentialDetail
from tenon.notices import delivery

TEMPLATE = "mutual-2026-1"
_FOLDER = Path(__file__).parents[1] / "nda"


def needs_agreement(session: Session, introduction: Introduction) -> bool:
    """Whether one of the listings holds text or a file for the NDA tier."""
    keys = [introduction.listing_id]
    if introduction.own_listing_id is not None:
        keys.append(introduction.own_listing_id)
    for table in (ConfidentialDetail, Attachment):
        found = sa.select(table.listing_id).where(table.listing_id.in_(keys), table.tier == "nda")
        if session.scalar(found.limit(1)) is not None:
            return True
    return False


def draft_agreement(
    session: Session, introduction: Introduction, *, now: datetime
) -> IntroductionNda:
    """Write the agreement of an introduction, its hash into the history; return it."""
    text = _fill(introduction, now=now)
    agreement = IntroductionNda(
        introduction_id=introduction.id,
        template=TEMPLATE,
        text=text,
        sha256=_hash(text),
        made_at=now,
    )
    session.add(agreement)
    session.flush()
    session.expire(introduction, ["nda"])
    facts = {"template": TEMPLATE, "sha256": agreement.sha256}
    _record(session, introduction, "nda_drafted", by=SYSTEM, now=now, facts=facts)
    return agreement


def demand_agreement(
    session: Session,
    introduction: Introduction,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Ask for an agreement later on, once a listing has something for its NDA tier.

    Raises Conflict ``nothing_confidential`` where none has, ``agreed_already`` where they agreed.
    """
    permissions.require(by, "demand_nda", introduction)
    if introduction.nda is not None:
        raise Conflict("agreed_already")
    if not needs_agreement(session, introduction):
        raise Conflict("nothing_confidential")
    move(introduction, "demand_nda", by=by, now=now, expected_version=expected_version)
    draft_agreement(session, introduction, now=now)


def confirm_agreement(
    session: Session,
    introduction: Introduction,
    *,
    signatory: str,
    sha256: str,
    confirmed: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Confirm the agreement for one's side; return whether both have now.

    Args:
        session: writing.
        introduction: at the stage ``nda``.
        signatory: name and office of who binds the side.
        sha256: of the text that the actor read.
        confirmed: that the actor may bind the side, and does.
        by: an editor of the side.
        now: the moment.

    Raises:
        Forbidden: also ``confirmed_for_other_side``: nobody signs for both.
        Invalid: at ``signatory`` or ``confirmed``.
        Conflict: ``text_changed`` where the hash is another, ``confirmed_already``.
    """
    _hold(session, introduction)
    permissions.require(by, "agree", introduction)
    agreement = session.scalars(
        sa.select(IntroductionNda)
        .where(IntroductionNda.introduction_id == introduction.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    side = permissions.side_of(by, introduction) or "from"
    other = agreement.to_confirmed_by if side == "from" else agreement.from_confirmed_by
    if other == by.user_id:
        raise Forbidden("confirmed_for_other_side", action="agree")
    _check(agreement, side, signatory=signatory, sha256=sha256, confirmed=confirmed)
    setattr(agreement, f"{side}_confirmed_at", now)
    setattr(agreement, f"{side}_confirmed_by", by.user_id)
    setattr(agreement, f"{side}_signatory", signatory.strip())
    facts = {"side": side, "sha256": agreement.sha256}
    both = agreement.from_confirmed_at is not None and agreement.to_confirmed_at is not None
    if both:
        agreement.agreed_at = now
    session.flush()
    _record(session, introduction, "nda_confirmed", by=by, now=now, facts=facts)
    if both:
        move(introduction, "agree", by=by, now=now, facts={"sha256": agreement.sha256})
        open_tier(session, introduction, "nda", now=now)
    return both


def asked_for_later(introduction: Introduction) -> bool:
    """Whether the two were in contact before somebody asked for the agreement that waits."""
    agreement, opened = introduction.nda, introduction.opened_at
    waits = introduction.state == "nda" and agreement is not None
    return waits and opened is not None and agreement is not None and agreement.made_at > opened


def drop_agreement(session: Session, introduction: Introduction) -> None:
    """Take away an agreement that was not confirmed; its hash stays in the history."""
    if introduction.nda is not None and introduction.nda.agreed_at is None:
        session.delete(introduction.nda)
        session.flush()
        session.expire(introduction, ["nda"])


def agreement_of(introduction: Introduction) -> IntroductionNda:
    """Return the agreement of an introduction; raises NotFound where none was drafted."""
    if introduction.nda is None:
        raise NotFound(kind="nda")
    return introduction.nda


def _check(
    agreement: IntroductionNda, side: str, *, signatory: str, sha256: str, confirmed: bool
) -> None:
    if agreement.confirmed_at(side) is not None:
        raise Conflict("confirmed_already")
    if sha256 != agreement.sha256 or sha256 != _hash(agreement.text):
        raise Conflict("text_changed")
    faults: dict[str, str] = {}
    if not signatory.strip():
        faults["signatory"] = "required"
    elif len(signatory.strip()) > LONGEST_SIGNATORY:
        faults["signatory"] = "too_long"
    if not confirmed:
        faults["confirmed"] = "required"
    if faults:
        raise Invalid(faults)


def _fill(introduction: Introduction, *, now: datetime) -> str:
    parts = []
    for language in ("zh", "en"):
        template = (_FOLDER / f"{TEMPLATE}.{language}.txt").read_text(encoding="utf-8")
        brought = [each for each in (introduction.listing, introduction.own_listing) if each]
        titles = [_in_a_line(each.text(language).title) for each in brought]
        parts.append(
            template.format(
                number=introduction.public_id,
                party_a=_in_a_line(introduction.from_organisation.name(language)),
                party_b=_in_a_line(introduction.to_organisation.name(language)),
                listings="\n".join(f"  - {title}" for title in titles),
                day=f"{now.astimezone(delivery.current().zone):%Y-%m-%d}",
            ).strip()
        )
    return "\n\n".join(parts) + "\n"


def _hold(session: Session, introduction: Introduction) -> None:
    """Wait for who is at it (the other side may end it, or confirm too) and see what they did."""
    session.scalars(
        sa.select(Introduction)
        .where(Introduction.id == introduction.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _in_a_line(words: str) -> str:
    """Return a name or title without line breaks, which could pass for a clause."""
    return " ".join(words.split())


def _record(
    session: Session,
    introduction: Introduction,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Any],
) -> None:
    chain = (INTRODUCTION.kind, introduction.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
