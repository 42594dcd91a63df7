"""IP rights as typed, joined to the one row that all listings on that right share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.listings.content import RightEntry
from tenon.listings.models import IpRight, Listing, ListingIpRight


def normal_number(number: str) -> str:
    """Return a number in the form in which equal ones are equal: half-width, capitals, no gaps."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).upper()


def rights_for(
    session: Session,
    entries: Iterable[RightEntry],
    *,
    organisation_id: int,
    kept: Iterable[IpRight],
) -> list[IpRight]:
    """Return the rows for the entries, made or reused by kind and number.

    A reused row takes new facts only where it had none, or where no other organisation's listing
    rests on it: nobody rewrites what others rely on. Rights without a number are the listing's
    own; ``kept`` are those it has already.
    """
    unnumbered = {(right.kind, right.owner or ""): right for right in kept if not right.number}
    found: dict[int, IpRight] = {}
    for entry in entries:
        number = normal_number(entry.number)
        right = (
            _registered(session, entry.kind, number)
            if number
            else unnumbered.get((entry.kind, entry.owner))
        )
        if right is None:
            right = IpRight(kind=entry.kind, number=number or None, status=entry.status)
            session.add(right)
            _fill(right, entry, overwrite=True)
            session.flush()
        else:
            _fill(right, entry, overwrite=not _shared(session, right, organisation_id))
        found[right.id] = right
    return list(found.values())


def _registered(session: Session, kind: str, number: str) -> IpRight | None:
    same = sa.func.upper(sa.func.replace(IpRight.number, " ", "")) == number
    return session.scalars(
        sa.select(IpRight).where(IpRight.kind == kind, sa.or_(IpRight.number == number, same))
    ).first()


def _shared(session: Session, right: IpRight, organisation_id: int) -> bool:
    """Whether a listing of another organisation rests on the right too."""
    others = (
        sa.select(Listing.id)
        .join(ListingIpRight, ListingIpRight.listing_id == Listing.id)
        .where(ListingIpRight.ip_right_id == right.id, Listing.organisation_id != organisation_id)
    )
    return session.scalar(others.limit(1)) is not None


def _fill(right: IpRight, entry: RightEntry, *, overwrite: bool) -> None:
    if overwrite:
        right.status = entry.status
    for name in ("filed_on", "granted_on", "owner"):
        value = getattr(entry, name) or None
        if value is not None and (overwrite or getattr(right, name) is None):
            setattr(right, name, value)
    if right.filed_on and right.granted_on and right.granted_on < right.filed_on:
        right.granted_on = None  # of a shared right the earlier fact stands
