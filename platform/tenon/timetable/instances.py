"""Events made up from a seed: availability in blocks, a few popular people, values 10 to 100.

For tests and measurements. Nothing in the solvers knows how these are made.
"""

from __future__ import annotations

import random

from tenon.timetable.problem import Costs, Interpreter, Participant, Problem, Slot, Table, Wish

LENGTH, BREAK, MORNING = 20, 5, 9 * 60
TONGUES = (frozenset({"zh"}), frozenset({"zh", "en"}), frozenset({"en"}))


def instance(
    seed: int,
    *,
    sides: tuple[int, int] | int,
    wishes: int,
    slots: int,
    tables: int,
    blocked: tuple[float, float] = (0.1, 0.3),
    rooms: int = 1,
    days: int = 1,
    costs: Costs | None = None,
    hosts: float = 0.0,
    foreign: float = 0.0,
    interpreters: int = 0,
    most: tuple[int, int] | None = None,
) -> Problem:
    """Return a problem drawn from a seed.

    Args:
        seed: what all is drawn from.
        sides: how many on each of two sides, who wish to meet the other side; or one crowd.
        wishes: pairs; fewer where there are not as many.
        slots: over all days.
        tables: free in every slot but where rooms are lent out (one in twenty, one slot).
        blocked: share of the slots in which somebody is not free, at least and at most.
        rooms: over which the tables are spread.
        days: over which the slots are spread.
        costs: of what is not nice; none if left out.
        hosts: share of the participants (first side) who have a table of their own.
        foreign: share of the participants who said which languages they speak.
        interpreters: between Chinese and English.
        most: meetings a participant wants at most, drawn between the two; else all slots.
    """
    chance = random.Random(seed)  # noqa: S311  # problems to be drawn again
    first, second = sides if isinstance(sides, tuple) else (sides, 0)
    people = tuple(
        Participant(
            key=key,
            free=_free(chance, slots, blocked),
            most=chance.randint(*most) if most else slots,
            languages=chance.choice(TONGUES) if chance.random() < foreign else frozenset(),
            table=key if key < min(first, tables) and chance.random() < hosts else None,
        )
        for key in range(first + second)
    )
    return Problem(
        slots=_slots(slots, days),
        tables=tuple(
            Table(key, key * rooms // max(1, tables), _lent(chance, slots)) for key in range(tables)
        ),
        participants=people,
        wishes=_wishes(chance, first, second, wishes),
        interpreters=tuple(
            Interpreter(key, frozenset({"zh", "en"}), _free(chance, slots, blocked))
            for key in range(interpreters)
        ),
        costs=costs or Costs(),
    )


def _slots(slots: int, days: int) -> tuple[Slot, ...]:
    per_day = -(-slots // max(1, days))
    starts = [
        (slot // per_day, (slot // per_day) * 1440 + MORNING + slot % per_day * (LENGTH + BREAK))
        for slot in range(slots)
    ]
    return tuple(Slot(start, start + LENGTH, day) for day, start in starts)


def _free(chance: random.Random, slots: int, blocked: tuple[float, float]) -> frozenset[int]:
    """Return the free slots of one who arrives late, leaves early, or sits in a session."""
    free = set(range(slots))
    target = slots - round(chance.uniform(*blocked) * slots)
    while len(free) > target:
        length = min(len(free) - target, chance.randint(1, max(1, slots // 6)))
        kind = chance.random()
        if kind < 0.3:
            gone = sorted(free)[:length]
        elif kind < 0.6:
            gone = sorted(free)[-length:]
        else:
            start = chance.randrange(max(1, slots - length + 1))
            gone = list(range(start, start + length))
        free -= set(gone)
    return frozenset(free)


def _lent(chance: random.Random, slots: int) -> frozenset[int]:
    free = set(range(slots))
    if slots > 1 and chance.random() < 0.05:
        free.discard(chance.randrange(slots))
    return frozenset(free)


def _wishes(chance: random.Random, first: int, second: int, wishes: int) -> tuple[Wish, ...]:
    """Return wishes among two sides, or one crowd where the second is empty; few are popular."""
    left = list(range(first))
    right = list(range(first, first + second)) if second else left
    pairs = first * second if second else first * (first - 1) // 2
    weights = {key: chance.paretovariate(1.5) for key in range(first + second)}
    cap = sorted(weights.values())[int(len(weights) * 0.95)] if weights else 1.0
    lefts = [min(weights[key], cap) for key in left]
    rights = [min(weights[key], cap) for key in right]
    found: dict[tuple[int, int], int] = {}
    tries = 0
    while len(found) < min(wishes, pairs) and tries < 20 * wishes:
        tries += 1
        a, b = chance.choices(left, lefts)[0], chance.choices(right, rights)[0]
        if a != b and (a, b) not in found and (b, a) not in found:
            found[a, b] = _value(chance)
    for a in left:
        for b in right:
            if len(found) >= min(wishes, pairs):
                break
            if a != b and (a, b) not in found and (b, a) not in found:
                found[a, b] = _value(chance)
    return tuple(Wish(a, b, value) for (a, b), value in found.items())


def _value(chance: random.Random) -> int:
    return 10 + round(90 * chance.betavariate(2, 2))
