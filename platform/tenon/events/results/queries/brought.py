"""What two who met brought to the table: a result, a need, and whose each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tenon.accounts.models import Organisation
from tenon.events.models import Meeting, Registration
from tenon.events.results.permissions import other_of, sides
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public


@dataclass(frozen=True, slots=True)
class Brought:
    """What each side brings: the result and its house, the need and its house."""

    achievement: Listing | None
    need: Listing | None
    seller: Organisation | None
    buyer: Organisation | None

    @property
    def listings(self) -> list[Listing]:
        """What there is, the result first."""
        return [each for each in (self.achievement, self.need) if each is not None]


def brought_to(meeting: Meeting, now: datetime) -> Brought:
    """Return what the meeting is about: its own pair, else what the two came with.

    A listing counts for the side whose organisation it is of, and while it is public.
    """
    achievement, one = _of_kind(meeting, "achievement", meeting.achievement, now)
    need, two = _of_kind(meeting, "need", meeting.need, now)
    if one is not None and two is not None and one.id == two.id:
        need, two = None, None  # one side brought both, and the other nothing that fits
    seller = one or (other_of(meeting, two) if two is not None else None)
    buyer = two or (other_of(meeting, one) if one is not None else None)
    return Brought(
        achievement,
        need,
        None if seller is None else seller.organisation,
        None if buyer is None else buyer.organisation,
    )


def _of_kind(
    meeting: Meeting, kind: str, agreed: Listing | None, now: datetime
) -> tuple[Listing | None, Registration | None]:
    for side in sides(meeting):
        for each in [agreed] if agreed is not None else side.listings:
            own = each.organisation_id is not None and each.organisation_id == side.organisation_id
            if own and each.side == kind and is_public(each, now):
                return each, side
    return None, None


def form_codes(about: Brought) -> Sequence[str]:
    """Return the forms of deals that the listings name, what most of them name first."""
    named = [each.form for listing in about.listings for each in listing.deal_forms]
    return sorted(dict.fromkeys(named), key=lambda code: -named.count(code))
