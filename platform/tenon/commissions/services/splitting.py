"""Shares among those whom the ledger of credit names: propose, confirm, dispute, open again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Membership, Organisation, User
from tenon.actors import SYSTEM, Actor
from tenon.commissions import books, line, permissions
from tenon.commissions.arithmetic import percentages
from tenon.commissions.line import Credited
from tenon.commissions.models import (
    DIGITS,
    Receiver,
    Share,
    ShareEntry,
    Split,
)
from tenon.commissions.services.accruing import share_out, unshare
from tenon.commissions.states import LIVE_SPLITS, SPLIT
from tenon.credit.acts import ACTS
from tenon.db import new_public_id
from tenon.deals.models import Deal
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.network.models import Station, StationMember
from tenon.outbox.services import emit
from tenon.rules.queries import find_rule

WORDS_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Claim:
    """What one participant is to get.

    Attributes:
        user_id: whom the ledger names.
        percent: of the commission.
        kind: ``person``, ``organisation`` or ``station``: where it goes.
        place_id: key of their organisation or place; None for themselves.
    """

    user_id: int
    percent: Decimal
    kind: str = "person"
    place_id: int | None = None


def weights(session: Session, *, jurisdiction: str | None, on: date) -> dict[str, Decimal]:
    """Return act -> its weight on a day in a place, by the table of rules."""
    found = {}
    for act in ACTS:
        row = find_rule(session, f"commission_weight_{act}", jurisdiction=jurisdiction, on=on)
        found[act] = Decimal(str(row.value)) if row is not None else Decimal(0)
    return found


def suggest(session: Session, deal: Deal, people: Sequence[Credited], *, on: date) -> list[Decimal]:
    """Return the percentages that the table of weights gives these people; they sum to 100.

    Entries of one act share its weight equally. Members of the deal's sides get nothing. Empty
    where nobody is left.
    """
    entitled = [each for each in people if not each.of_party]
    table = weights(session, jurisdiction=deal.jurisdiction, on=on)
    counted = {
        act: sum(entry.act == act for each in entitled for entry in each.entries) for act in ACTS
    }
    raw = [
        Fraction(0)
        if each.of_party
        else sum(
            (Fraction(table[entry.act]) / counted[entry.act] for entry in each.entries),
            Fraction(0),
        )
        for each in people
    ]
    return percentages(raw) if sum(raw) else []


def propose_split(
    session: Session, deal: Deal, claims: Sequence[Claim], *, by: Actor, now: datetime
) -> Split:
    """Put shares to those whom the ledger names; an earlier split is opened again by it.

    Each must be named on the deal's line by a standing entry. The one who proposes agrees to the
    own share by it. Raises NotFound, Forbidden, Invalid at ``shares`` (required, sum_not_100,
    too_fine, out_of_range, not_credited, unknown_place), Conflict.
    """
    permissions.require_whole(by, deal)
    books.lock(session, deal)
    known = {each.user_id: each for each in line.credited(session, deal) if not each.of_party}
    _check(claims, known)
    places = [_place(session, each) for each in claims]
    live = session.scalars(sa.select(Split).where(Split.live_key == str(deal.id))).one_or_none()
    if live is not None:
        _open_again(session, live, by=by, now=now)
    last = session.scalar(sa.select(sa.func.max(Split.number)).where(Split.deal_id == deal.id))
    made = Split(
        public_id=new_public_id(),
        deal=deal,
        number=(last or 0) + 1,
        live_key=str(deal.id),
        proposed_by=by.user_id,
        proposed_at=now,
    )
    session.add(made)
    session.flush()
    for position, (claim, place) in enumerate(zip(claims, places, strict=True)):
        _add_share(session, made, claim, place, known[claim.user_id], position, by=by, now=now)
    facts = {
        "deal": deal.public_id,
        "shares": {each.public_id: str(each.percent) for each in made.shares},
    }
    _record(session, made, "propose", by=by, now=now, facts=facts)
    emit(session, "commissions.split", {"id": made.id, "what": "proposed"}, now=now)
    _confirm_if_all(session, made, by=by, now=now)
    return made


def _check(claims: Sequence[Claim], known: dict[int, Credited]) -> None:
    fault = ""
    people = [each.user_id for each in claims]
    if not claims:
        fault = "required"
    elif len(set(people)) < len(people) or not set(people) <= set(known):
        fault = "not_credited"
    elif any(not each.percent.is_finite() or not 0 < each.percent <= 100 for each in claims):
        fault = "out_of_range"
    elif any(each.percent != round(each.percent, DIGITS) for each in claims):
        fault = "too_fine"
    elif sum(each.percent for each in claims) != 100:
        fault = "sum_not_100"
    if fault:
        raise Invalid({"shares": fault})


def _place(session: Session, claim: Claim) -> dict[str, Any]:
    """Return the columns of where a share goes; only a house or place of the person's own."""
    if claim.kind == "person" and claim.place_id is None:
        return {"kind": "person", "organisation_id": None, "station_id": None}
    own: set[int] = set()
    if claim.kind == "organisation":
        own = {each.id for each in houses_of(session, claim.user_id)[claim.user_id]}
    elif claim.kind == "station":
        own = {each.id for each in places_of(session, claim.user_id)[claim.user_id]}
    if claim.place_id not in own:
        raise Invalid({"shares": "unknown_place"})
    return {
        "kind": claim.kind,
        "organisation_id": claim.place_id if claim.kind == "organisation" else None,
        "station_id": claim.place_id if claim.kind == "station" else None,
    }


def houses_of(session: Session, *user_ids: int) -> dict[int, list[Organisation]]:
    """Return person -> the organisations of which they are an active member."""
    rows = session.execute(
        sa.select(Membership.user_id, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id.in_(user_ids), Membership.state == "active")
        .order_by(Organisation.id)
    )
    found: dict[int, list[Organisation]] = {key: [] for key in user_ids}
    for key, house in rows.unique():
        found[key].append(house)
    return found


def places_of(session: Session, *user_ids: int) -> dict[int, list[Station]]:
    """Return person -> the places of the network where they work."""
    rows = session.execute(
        sa.select(StationMember.user_id, Station)
        .join(Station, Station.id == StationMember.station_id)
        .where(StationMember.user_id.in_(user_ids), StationMember.ended_at.is_(None))
        .order_by(Station.id)
    )
    found: dict[int, list[Station]] = {key: [] for key in user_ids}
    for key, place in rows.unique():
        found[key].append(place)
    return found


def _add_share(
    session: Session,
    made: Split,
    claim: Claim,
    place: dict[str, Any],
    named: Credited,
    position: int,
    *,
    by: Actor,
    now: datetime,
) -> None:
    person = session.get_one(User, claim.user_id)
    receiver = session.scalars(
        sa.select(Receiver).filter_by(deal_id=made.deal_id, user_id=person.id, **place)
    ).one_or_none()
    if receiver is None:
        receiver = Receiver(
            public_id=new_public_id(),
            deal=made.deal,
            user_id=person.id,
            name=person.name,
            **place,
        )
        session.add(receiver)
    own = by.user_id == person.id
    share = Share(
        public_id=new_public_id(),
        split=made,
        position=position,
        receiver=receiver,
        percent=claim.percent,
        acts=list(named.acts),
        state="confirmed" if own else "waiting",
        answered_at=now if own else None,
    )
    session.add(share)
    session.flush()
    session.add_all(ShareEntry(share_id=share.id, entry_id=each.id) for each in named.entries)
    session.flush()


def confirm(session: Session, split: Split, *, by: Actor, now: datetime) -> bool:
    """Confirm the actor's own share; return whether all have confirmed now.

    Raises NotFound, Forbidden, IllegalTransition, Conflict.
    """
    share = _own_waiting(session, split, by)
    share.state, share.answered_at, share.words = "confirmed", now, None
    session.flush()
    _record(session, split, "confirm_share", by=by, now=now, facts={"share": share.public_id})
    return _confirm_if_all(session, split, by=by, now=now)


def dispute(session: Session, split: Split, *, words: str, by: Actor, now: datetime) -> None:
    """Say no to the own share, with the reason; the shares are to be proposed anew.

    Raises as ``confirm``, Invalid at ``words``.
    """
    share = _own_waiting(session, split, by)
    said = words.strip()
    if not said or len(said) > WORDS_LIMIT:
        raise Invalid({"words": "too_long" if said else "required"})
    share.state, share.answered_at, share.words = "disputed", now, said
    session.flush()
    SPLIT.move(split, "dispute", by=by, now=now, facts={"share": share.public_id})


def _own_waiting(session: Session, split: Split, by: Actor) -> Share:
    """Return the actor's own share that waits, one answer at a time; raises as ``confirm``."""
    if not permissions.may_see_split(by, split):
        raise NotFound(kind="commission_split")
    books.lock(session, split.deal)
    session.flush()
    session.refresh(split)
    for each in split.shares:
        session.refresh(each)
    own = [each for each in split.shares if permissions.is_own(by, each.receiver)]
    if not own:
        raise Forbidden(action="confirm")
    if split.state != "proposed":
        raise IllegalTransition(step="confirm", state=split.state, kind=SPLIT.kind)
    if own[0].state != "waiting":
        raise Conflict("answered_meanwhile", kind="commission_share")
    return own[0]


def _confirm_if_all(session: Session, split: Split, *, by: Actor, now: datetime) -> bool:
    session.refresh(split, ["shares"])
    if any(each.state != "confirmed" for each in split.shares):
        return False
    SPLIT.move(split, "confirm", by=by, now=now, along={"confirmed_at": now})
    if share_out(session, split.deal, now=now):
        emit(session, "commissions.due", {"deal_id": split.deal_id}, now=now)
    return True


def reopen_for_entry(session: Session, entry_id: int, *, now: datetime) -> int:
    """Open again every live split that rests on a line of the ledger; return how many.

    What was paid by it stays; what was not is nobody's until a new split is confirmed.
    """
    found = session.scalars(
        sa.select(Split)
        .join(Share, Share.split_id == Split.id)
        .join(ShareEntry, ShareEntry.share_id == Share.id)
        .where(ShareEntry.entry_id == entry_id, Split.state.in_(LIVE_SPLITS))
        .order_by(Split.id)
        .distinct()
    ).all()
    for each in found:
        _open_again(session, each, by=SYSTEM, now=now)
        emit(session, "commissions.split", {"id": each.id, "what": "reopened"}, now=now)
    return len(found)


def _open_again(session: Session, split: Split, *, by: Actor, now: datetime) -> None:
    books.lock(session, split.deal)
    if split.state == "confirmed":
        unshare(session, split.deal, now=now)
    SPLIT.move(split, "reopen", by=by, now=now, along={"live_key": None, "ended_at": now})


def _record(
    session: Session,
    split: Split,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Any],
) -> None:
    chain = (SPLIT.kind, split.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
