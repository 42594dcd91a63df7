"""Which granted licences collide with a proposed one: in right, territory, field and time. Pure.

What collides (domain-rules 1; Interpretation on technology contracts, 25):

- An earlier exclusive or sole licence shuts out every later one that overlaps it, of any kind.
- A signed assignment that waits for the register's entry shuts out everything: what is sold is
  neither sold again nor licensed. An assignment itself collides with no earlier licence, since
  those live on under the new owner.
- An earlier non-exclusive or open licence does not bind its grantor to refuse others. A later
  exclusive or sole one cannot keep its promise against it, though: it collides, unless its terms
  name the earlier licences and so take them out of the promise (``subject_to_earlier``).

Where two fields are named in words that nobody can compare, they count as different; the pair is
returned as uncertain, for people to look at. Must not know the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from tenon.taxonomy import catalogue, naming

EVERYWHERE = "*"
_COUNTRY = "CN"
_SCHEMES = ("gbt4754", "hitech", "ipc")
_WORD = re.compile(r"[a-z0-9]+")
_SHUT_OUT = frozenset({"exclusive", "sole"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a licence covers.

    Attributes:
        kind: exclusive, sole, nonexclusive, open or assignment.
        rights: keys of the IP rights.
        territory: ``*``, country codes, or codes of Chinese regions.
        fields: ``*`` or names of products or industries.
        since, until: first and last day; None for no end.
        subject_to_earlier: whether its terms name the licences that were granted before.
        key: tells it apart for the caller.
    """

    kind: str
    rights: frozenset[int]
    territory: tuple[str, ...] = (EVERYWHERE,)
    fields: tuple[str, ...] = (EVERYWHERE,)
    since: date = date.min
    until: date | None = None
    subject_to_earlier: bool = False
    key: str = ""

    def on_from(self, day: date) -> Scope:
        """Return what of it lies on a day and after: the past cannot collide any more."""
        return replace(self, since=max(self.since, day))


@dataclass(frozen=True, slots=True)
class Collision:
    """A granted scope that stands against a proposed one.

    Attributes:
        rights, territory, fields: what the two have in common, the narrower of each pair.
        since, until: the days that they share.
        certain: False where only people can say whether the fields overlap; that blocks nothing.
    """

    granted: Scope
    rights: frozenset[int]
    territory: tuple[str, ...]
    fields: tuple[str, ...]
    since: date
    until: date | None
    certain: bool = True


def collisions(proposed: Scope, granted: Iterable[Scope]) -> list[Collision]:
    """Return the granted scopes that collide with a proposed one, certain ones first."""
    found = [hit for each in granted if (hit := _collision(proposed, each)) is not None]
    return sorted(found, key=lambda hit: (not hit.certain, hit.granted.key))


def _collision(proposed: Scope, granted: Scope) -> Collision | None:
    if not excludes(granted, proposed):
        return None
    rights = proposed.rights & granted.rights
    territory = common_territory(proposed.territory, granted.territory)
    since = max(proposed.since, granted.since)
    until = _earlier(proposed.until, granted.until)
    if not rights or not territory or (until is not None and until < since):
        return None
    fields = common_fields(proposed.fields, granted.fields)
    if fields:
        return Collision(granted, rights, territory, fields, since, until)
    doubtful = doubtful_fields(proposed.fields, granted.fields)
    if not doubtful:
        return None
    return Collision(granted, rights, territory, doubtful, since, until, certain=False)


def excludes(granted: Scope, proposed: Scope) -> bool:
    """Whether two scopes of these kinds cannot stand side by side where they overlap."""
    if granted.kind == "assignment":
        return True
    if proposed.kind == "assignment":
        return False
    if granted.kind in _SHUT_OUT:
        return True
    return proposed.kind in _SHUT_OUT and not proposed.subject_to_earlier


def within(narrow: Scope, wide: Scope) -> bool:
    """Whether a scope grants nothing that another of the same kind does not."""
    lasts = wide.until is None or (narrow.until is not None and narrow.until <= wide.until)
    return (
        narrow.kind == wide.kind
        and narrow.rights <= wide.rights
        and set(narrow.territory) <= set(common_territory(narrow.territory, wide.territory))
        and set(narrow.fields) <= set(common_fields(narrow.fields, wide.fields))
        and narrow.since >= wide.since
        and lasts
        and narrow.subject_to_earlier >= wide.subject_to_earlier
    )


def _earlier(one: date | None, other: date | None) -> date | None:
    ends = [each for each in (one, other) if each is not None]
    return min(ends) if ends else None


def common_territory(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return the places that both cover: of two of which one lies in the other, the narrower."""
    return _narrower(one, other, _territory_above)


@lru_cache(maxsize=4096)
def _territory_above(code: str) -> tuple[str, ...]:
    """Return a place and all that it lies in, the world last."""
    if code == EVERYWHERE:
        return (EVERYWHERE,)
    if not code.isdigit():
        return (code, EVERYWHERE)
    places = [code, f"{code[:4]}00", f"{code[:2]}0000", _COUNTRY, EVERYWHERE]
    return tuple(dict.fromkeys(places))


def common_fields(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return the fields that both cover, the narrower of each pair.

    The same words, the same coded industry or technology, one that lies below the other in its
    scheme, and words that contain the other's (测温 in 管道测温).
    """
    return _narrower(one, other, _field_above, _field_within)


def doubtful_fields(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Return pairs of fields of which nobody can tell by machine whether they overlap.

    Two that stand in one coded scheme can be told apart; free words cannot.
    """
    return tuple(
        f"{first} / {second}"
        for first in one
        for second in other
        if not any(a[0] == b[0] for a in coded(first) for b in coded(second))
    )


@lru_cache(maxsize=4096)
def coded(field: str) -> tuple[tuple[str, str], ...]:
    """Return (scheme, code) of every coded term that a field names; empty for free words."""
    scheme, _, code = field.partition(":")
    if scheme in _SCHEMES and catalogue.find(scheme, code) is not None:
        return ((scheme, code),)
    found = ((each, naming.resolve(each, field)) for each in _SCHEMES)
    return tuple((scheme, code) for scheme, code in found if code is not None)


def _field_above(field: str) -> tuple[str, ...]:
    if field == EVERYWHERE:
        return (EVERYWHERE,)
    return (_plain(field), EVERYWHERE)


def _field_within(narrow: str, wide: str) -> bool:
    """Whether one field lies in another by its code or by its words."""
    if any(
        scheme == other and code in catalogue.lineage_codes(scheme, below)
        for scheme, below in coded(narrow)
        for other, code in coded(wide)
    ):
        return True
    return _said_in(wide, narrow)


def _said_in(words: str, text: str) -> bool:
    """Whether words stand in a text: Chinese ones anywhere, others as whole words."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    if not plain.isascii():
        return len(_plain(words)) > 1 and _plain(words) in _plain(text)
    wanted = _WORD.findall(plain)
    said = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    width = len(wanted)
    return width > 0 and any(
        said[start : start + width] == wanted for start in range(len(said) - width + 1)
    )


def _plain(words: str) -> str:
    return naming.normalise(unicodedata.normalize("NFKC", words)) or words


def _narrower(
    one: Iterable[str],
    other: Iterable[str],
    above: Callable[[str], tuple[str, ...]],
    within: Callable[[str, str], bool] | None = None,
) -> tuple[str, ...]:
    """Return, of every pair of which one lies in the other, the one that lies within."""
    found: dict[str, None] = {}
    for first in one:
        for second in other:
            if _lies_in(first, second, above, within):
                found[first] = None
            elif _lies_in(second, first, above, within):
                found[second] = None
    return tuple(found)


def _lies_in(
    narrow: str,
    wide: str,
    above: Callable[[str], tuple[str, ...]],
    within: Callable[[str, str], bool] | None,
) -> bool:
    if above(wide)[0] in above(narrow):
        return True
    special = EVERYWHERE in (narrow, wide)
    return within is not None and not special and within(narrow, wide)
