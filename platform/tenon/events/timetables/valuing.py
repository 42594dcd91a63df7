"""What the meeting of two is worth, or why it may not be.

Pure: looks at a picture, knows no solver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from tenon.events.timetables.defaults import level_of, weights
from tenon.events.timetables.picture import Asked, Person, Picture, pair_of

ASKS = ("must", "would")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who may meet; ``host`` is the one at whose own table they do, if both have one."""

    a: int
    b: int
    value: int
    host: int


def pairs(picture: Picture) -> Sequence[Pair]:
    """Return every pair that the optimiser may let meet, the first asked for first."""
    if picture not in _pairs_of:
        _pairs_of[picture] = _pairs(picture)
    return _pairs_of[picture]


_pairs_of: WeakKeyDictionary[Picture, Sequence[Pair]] = WeakKeyDictionary()
"""Found once a picture: several looks at one event ask for them."""


def _pairs(picture: Picture) -> Sequence[Pair]:
    found = []
    for pair in _asked_for(picture):
        if refusal(picture, *pair) is None:
            value = worth(picture, *pair)
            if value > 0:
                found.append(Pair(*pair, value, _host(picture, pair)))
    return tuple(found)


def worth(picture: Picture, first: int, second: int) -> int:
    """Return what a meeting of the two is worth; 0 where nobody asked for it."""
    pair = pair_of(first, second)
    asking = [one for one in picture.asked_of.get(pair, ()) if counts(one)]
    rule = picture.ruled_of.get(pair)
    value = _of_wishes(asking)
    if rule is not None and rule.rule in ("add", "fix"):
        value += weights()["added"]
    return value


def counts(wish: Asked) -> bool:
    """Whether a wish asks for a meeting and was not declined."""
    return wish.kind in ASKS and wish.state in ("open", "accepted")


def refusal(picture: Picture, first: int, second: int) -> str | None:
    """Return the code of what keeps two apart, ``declined`` among them; None where they may meet.

    A conflict that the event ignores keeps nobody apart.
    """
    one, other = picture.people.get(first), picture.people.get(second)
    if one is None or other is None:
        return "not_taking_part"
    found = next(iter(kept_apart(picture, one, other)), None)
    if found is None and _declined(picture, first, second):
        return "declined"
    return found


def kept_apart(picture: Picture, one: Person, other: Person) -> list[str]:
    """Return the codes of all conflicts that lie in the two, but for what the event ignores."""
    pair = pair_of(one.id, other.id)
    rule = picture.ruled_of.get(pair)
    settled = rule is not None and rule.rule in ("add", "fix")
    wishes = picture.asked_of.get(pair, ())
    found = {
        "forbidden": rule is not None and rule.rule == "forbid",
        "same_house": one.house is not None and one.house == other.house and not settled,
        "may_not_meet": not settled and not picture.may_meet(one, other),
        "rather_not": any(wish.kind == "rather_not" for wish in wishes)
        and not (rule is not None and rule.rule == "fix"),
    }
    return [code for code, is_so in found.items() if is_so and not ignores(picture, code)]


def ignores(picture: Picture, code: str) -> bool:
    """Whether the event ignores a conflict."""
    return level_of(code, picture.levels) == "ignore"


def _asked_for(picture: Picture) -> Mapping[tuple[int, int], None]:
    """Return the pairs that somebody asked for, in order; a mapping keeps each once."""
    found = {pair_of(one.from_id, one.to_id): None for one in picture.asked if counts(one)}
    added = (one for one in picture.ruled if one.rule in ("add", "fix"))
    return found | {pair_of(one.a, one.b): None for one in added}


def _declined(picture: Picture, first: int, second: int) -> bool:
    """Whether all that was asked of the two was declined."""
    pair = pair_of(first, second)
    wishes = [one for one in picture.asked_of.get(pair, ()) if one.kind in ASKS]
    return (
        pair not in picture.ruled_of
        and bool(wishes)
        and all(one.state == "declined" for one in wishes)
    )


def _of_wishes(asking: Sequence[Asked]) -> int:
    known = weights()
    value = sum(known[one.kind] for one in asking)
    if any(one.state == "accepted" for one in asking):
        value += known["accepted"]
    if len(asking) > 1:
        value += known["mutual"]
    best = max((one.score or 0 for one in asking), default=0)
    return value + known["score"] * best // 1000


def _host(picture: Picture, pair: tuple[int, int]) -> int:
    """Return whose own table counts where both have one: the one who was asked first."""
    for one in picture.asked_of.get(pair, ()):
        if counts(one):
            return one.to_id
    return pair[0]
