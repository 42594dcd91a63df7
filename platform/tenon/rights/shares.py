"""Shares of owners: what they are, whether they sum up, how a grant or a sale changes them. Pure.

Shares are exact decimals in percent with at most six digits after the point; parts add up to the
whole by largest remainder. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tenon.money import split

WHOLE = Decimal(100)
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner and their part.

    Attributes:
        organisation_id, user_id: of the site; both None for a named outside one.
        outside_kind: ``organisation`` or ``person`` of a named outside one.
        name: of a named outside one.
        share: percent.
    """

    share: Decimal
    organisation_id: int | None = None
    user_id: int | None = None
    name: str = ""
    outside_kind: str | None = None

    @property
    def key(self) -> tuple[str, int | str]:
        """What tells owners apart."""
        if self.organisation_id is not None:
            return ("organisation", self.organisation_id)
        if self.user_id is not None:
            return ("person", self.user_id)
        return (f"outside {self.outside_kind}", self.name)

    @property
    def on_site(self) -> bool:
        """Whether the owner can act here."""
        return self.organisation_id is not None or self.user_id is not None


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns a subject on a day.

    Attributes:
        shares: in order of record.
        recorded: False where nobody wrote it down and the listing's own word is taken.
        since: first day of this version; None where not recorded.
    """

    shares: tuple[Owner, ...]
    recorded: bool = False
    since: date | None = None

    def of_organisation(self, organisation_id: int) -> Decimal:
        """Return an organisation's part; 0 where it has none."""
        return sum(
            (each.share for each in self.shares if each.organisation_id == organisation_id),
            Decimal(0),
        )


def problem(owners: Sequence[Owner]) -> str | None:
    """Return why these cannot be the owners, as an error code; None where they can.

    required (nobody), not_positive, too_fine, owner_twice, not_whole.
    """
    if not owners:
        return "required"
    if any(each.share <= 0 for each in owners):
        return "not_positive"
    if any(round(each.share, _DIGITS) != each.share for each in owners):
        return "too_fine"
    if len({each.key for each in owners}) != len(owners):
        return "owner_twice"
    return None if sum(each.share for each in owners) == WHOLE else "not_whole"


def grant_part(
    owners: Sequence[Owner], *, giver: int, part: Decimal, team: Sequence[tuple[Owner, Decimal]]
) -> tuple[Owner, ...]:
    """Return the owners after an organisation gave a part of the whole to a team.

    Args:
        owners: before.
        giver: key of the organisation.
        part: percent of the whole.
        team: who gets it, each with a weight; their own ``share`` is not read.

    Raises:
        ValueError: the giver has less than ``part``.
    """
    held = sum((each.share for each in owners if each.organisation_id == giver), Decimal(0))
    if part <= 0 or part > held:
        raise ValueError("nobody gives more than they own")
    units = int(part.scaleb(_DIGITS))
    gained = split(units, [weight for _, weight in team])
    parts = [
        replace(owner, share=Decimal(got).scaleb(-_DIGITS))
        for (owner, _), got in zip(team, gained, strict=True)
        if got
    ]
    left = [
        replace(each, share=held - part) if each.organisation_id == giver else each
        for each in owners
        if each.organisation_id != giver or held > part
    ]
    return _joined([*left, *parts])


def part_of(held: Decimal, fraction: Fraction) -> Decimal:
    """Return a fraction of a share, down to six digits after the point, and all of it for 1."""
    units = int(held.scaleb(_DIGITS)) * fraction
    return Decimal(int(units)).scaleb(-_DIGITS)


def _joined(owners: Iterable[Owner]) -> tuple[Owner, ...]:
    """Return each owner once, with all their parts together."""
    found: dict[tuple[str, int | str], Owner] = {}
    for each in owners:
        known = found.get(each.key)
        found[each.key] = each if known is None else replace(known, share=known.share + each.share)
    return tuple(found.values())
