"""Hold recorded owners to the chains that tell of them (``history.witnesses``).

Whoever changes a share, or takes a version away, and leaves the chain alone is found out.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.history import HistoryEntry
from tenon.history.witnesses import Testimony, Witness, register
from tenon.listings.models import IpRight, Listing
from tenon.rights.models import Ownership
from tenon.rights.queries.owners import as_owner
from tenon.rights.services.owning import share_fact

_OWNERS = "owners"


def of_rights(session: Session) -> Iterator[Testimony]:
    """Yield what every version of an IP right's owners says."""
    return _rows(session, chain_kind="ip_right", of=IpRight)


def of_achievements(session: Session) -> Iterator[Testimony]:
    """Yield what every version of an achievement's owners says."""
    return _rows(session, chain_kind="achievement_rights", of=Listing)


def _rows(
    session: Session, *, chain_kind: str, of: type[Listing] | type[IpRight]
) -> Iterator[Testimony]:
    """Yield what each version would have its chain say; versions and entries pair in order."""
    places = _places(session, chain_kind)
    key = Ownership.listing_id if of is Listing else Ownership.ip_right_id
    found = session.execute(
        sa.select(Ownership, of.public_id).join(of, of.id == key).order_by(Ownership.id)
    )
    for version, public_id in found.unique():
        left = places[public_id]
        yield Testimony(
            chain_id=public_id,
            sequence=left.popleft() if left else 0,
            kind=_OWNERS,
            at=version.recorded_at,
            facts={
                "since": version.valid_from.isoformat(),
                "reason": version.reason,
                "origin": version.origin,
                "shares": [share_fact(session, as_owner(each)) for each in version.shares],
            },
            silent=frozenset({"shares"} if _is_erased(version) else ()),
        )


def _places(session: Session, chain_kind: str) -> defaultdict[str, deque[int]]:
    found: defaultdict[str, deque[int]] = defaultdict(deque)
    wanted = (
        sa.select(HistoryEntry.chain_id, HistoryEntry.sequence)
        .where(HistoryEntry.chain_kind == chain_kind, HistoryEntry.kind == _OWNERS)
        .order_by(HistoryEntry.chain_id, HistoryEntry.sequence)
    )
    for chain_id, sequence in session.execute(wanted):
        found[chain_id].append(sequence)
    return found


def _is_erased(version: Ownership) -> bool:
    """Whether a person among the owners has left: their digest means nothing any more."""
    return any(each.outside_kind == "person" and not each.name for each in version.shares)


register(Witness("rights_ownerships of rights", "ip_right", frozenset({_OWNERS}), of_rights))
register(
    Witness(
        "rights_ownerships of achievements",
        "achievement_rights",
        frozenset({_OWNERS}),
        of_achievements,
    )
)
