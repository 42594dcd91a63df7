"""Write down who owns: new versions of shares, by record, by grant, by title passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.history.services import digest_actor, lock
from tenon.listings.models import Listing
from tenon.rights import permissions, shares
from tenon.rights.models import Ownership, OwnershipShare
from tenon.rights.queries.owners import Subject, of_subject, owners
from tenon.rights.shares import Owner, Owners

MOST_OWNERS = 50
NAME_LENGTH = 200


def chain_of(subject: Subject) -> tuple[str, str]:
    """Return the chain of history that tells of a subject's owners and standing."""
    kind = "achievement_rights" if isinstance(subject, Listing) else "ip_right"
    return kind, subject.public_id


def record_owners(
    session: Session,
    subject: Subject,
    *,
    wanted: Sequence[Owner],
    valid_from: date | None,
    by: Actor,
    now: datetime,
    today: date,
) -> Ownership:
    """Write down who owns an achievement or an IP right from a day on.

    What holds from a later day stays; a record of the same day takes the place of the earlier one.

    Raises:
        Forbidden: the actor administers none of the owners; ``others_share`` where the part of
            another organisation or person of the site would shrink, which an operator alone may
            record on proof.
        Invalid: at ``shares``: required, not_positive, too_fine, owner_twice, not_whole, too_many,
            unknown_owner; at ``valid_from``: required, in_the_future.
    """
    before = owners(session, subject, on=valid_from or today)
    if not permissions.may_record_owners(by, before):
        raise Forbidden("record_owners")
    problems = _problems(session, wanted, valid_from, today)
    if problems or valid_from is None:
        raise Invalid(problems)
    if not by.operator and _shrinks_others(before, wanted, by):
        raise Forbidden("others_share")
    return write_version(
        session, subject, owned=wanted, since=valid_from, reason="recorded", by=by, now=now
    )


def _problems(
    session: Session, wanted: Sequence[Owner], valid_from: date | None, today: date
) -> dict[str, str]:
    found = {}
    if valid_from is None:
        found["valid_from"] = "required"
    elif valid_from > today:
        found["valid_from"] = "in_the_future"
    problem = shares.problem(wanted)
    if len(wanted) > MOST_OWNERS:
        problem = "too_many"
    elif problem is None and not _are_known(session, wanted):
        problem = "unknown_owner"
    return found | ({"shares": problem} if problem else {})


def _are_known(session: Session, wanted: Sequence[Owner]) -> bool:
    houses = {each.organisation_id for each in wanted if each.organisation_id is not None}
    people = {each.user_id for each in wanted if each.user_id is not None}
    known = session.scalar(sa.select(sa.func.count()).where(Organisation.id.in_(houses)))
    alive = session.scalar(
        sa.select(sa.func.count()).where(User.id.in_(people), User.erased_at.is_(None))
    )
    named = all(
        each.on_site or (0 < len(each.name.strip()) <= NAME_LENGTH and each.outside_kind)
        for each in wanted
    )
    return (known, alive) == (len(houses), len(people)) and named


def _shrinks_others(before: Owners, wanted: Sequence[Owner], by: Actor) -> bool:
    """Whether somebody of the site whom the actor does not administer would own less."""
    after = {each.key: each.share for each in wanted}
    return any(
        each.on_site
        and after.get(each.key, 0) < each.share
        and not by.at_least("administrator", each.organisation_id)
        and (each.user_id is None or each.user_id != by.user_id)
        for each in before.shares
    )


def write_version(
    session: Session,
    subject: Subject,
    *,
    owned: Sequence[Owner],
    since: date,
    reason: str,
    by: Actor,
    now: datetime,
    origin: str | None = None,
) -> Ownership:
    """Write a version whose right to be written the caller has checked; in the history, too.

    Raises Conflict where the shares are not whole, which no caller should let happen.
    """
    if shares.problem(owned) is not None:
        raise Conflict("not_whole", kind="ownership")
    chain = chain_of(subject)
    lock(session, chain)  # of two who record at once the second sees the first one's version
    kept = list(
        session.scalars(
            sa.select(Ownership).where(of_subject(subject), Ownership.replaced_at.is_(None))
        )
    )
    same = next((each for each in kept if each.valid_from == since), None)
    if same is not None:
        same.replaced_at = now
        reason = "corrected" if reason == "recorded" else reason
    earlier = [each for each in kept if each.valid_from < since]
    later = [each.valid_from for each in kept if each.valid_from > since]
    for each in earlier:
        if each.valid_to is None or each.valid_to >= since:
            each.valid_to = since - timedelta(days=1)
    session.flush()
    made = Ownership(
        listing_id=subject.id if isinstance(subject, Listing) else None,
        ip_right_id=None if isinstance(subject, Listing) else subject.id,
        valid_from=since,
        valid_to=min(later) - timedelta(days=1) if later else None,
        reason=reason,
        origin=origin,
        recorded_by=by.user_id,
        recorded_at=now,
        shares=[_row(number, each) for number, each in enumerate(owned, start=1)],
    )
    session.add(made)
    session.flush()
    facts = {
        "since": since.isoformat(),
        "reason": reason,
        "origin": origin,
        "shares": [share_fact(session, each) for each in owned],
    }
    history.record(session, chain=chain, kind="owners", by=by, now=now, facts=facts)
    return made


def _row(number: int, owner: Owner) -> OwnershipShare:
    return OwnershipShare(
        position=number,
        organisation_id=owner.organisation_id,
        user_id=owner.user_id,
        name=owner.name.strip() or None if not owner.on_site else None,
        outside_kind=owner.outside_kind if not owner.on_site else None,
        share=owner.share,
    )


def share_fact(session: Session, owner: Owner) -> dict[str, Any]:
    """Return what the history keeps of a share: no person's name, only a salted digest."""
    told: dict[str, Any] = {"share": f"{owner.share.normalize():f}"}
    if owner.organisation_id is not None:
        told["organisation"] = owner.organisation_id
    elif owner.user_id is not None:
        user = session.get(User, owner.user_id)
        salt = "" if user is None else user.salt
        told["person"] = digest_actor(Actor(user_id=owner.user_id, salt=salt))
    elif owner.outside_kind == "organisation":
        told["outside"] = owner.name
    else:
        told["outside"] = "person"
    return told


def pass_title(
    session: Session,
    subjects: Sequence[Subject],
    *,
    buyer_id: int,
    on: date,
    origin: str,
    by: Actor,
    now: datetime,
) -> None:
    """Let the whole of these subjects belong to an organisation from a day on."""
    for subject in subjects:
        after = (Owner(share=shares.WHOLE, organisation_id=buyer_id),)
        write_version(
            session, subject, owned=after, since=on, reason="title", by=by, now=now, origin=origin
        )
