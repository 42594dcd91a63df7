"""Small problems of every kind, drawn by hypothesis."""

from __future__ import annotations

from itertools import combinations

from hypothesis import strategies as st

from tenon.timetable import Costs, Fixed, Interpreter, Participant, Problem, Slot, Table, Wish

TONGUES = [frozenset[str](), frozenset({"zh"}), frozenset({"en"}), frozenset({"zh", "en"})]


@st.composite
def small_problems(draw: st.DrawFn, *, rooms: bool = True) -> Problem:
    """Draw a problem that can be solved by trying everything; without rooms, changes are free."""
    count = draw(st.integers(1, 4))
    first_day = draw(st.integers(1, count))
    slots = tuple(Slot(30 * one, 30 * one + 20, int(one >= first_day)) for one in range(count))
    some_slots = st.frozensets(st.integers(0, count - 1))
    most_slots = st.one_of(st.just(frozenset(range(count))), some_slots)
    tables = tuple(
        Table(10 + key, draw(st.integers(0, 1)), draw(most_slots))
        for key in range(draw(st.integers(0, 2)))
    )
    own = st.sampled_from([None, None, *(one.key for one in tables)])
    online = st.sampled_from([False, False, True])
    people = tuple(
        Participant(
            key=100 + key,
            free=draw(most_slots),
            most=draw(st.integers(0, 3)),
            least=draw(st.integers(0, 2)),
            languages=draw(st.sampled_from(TONGUES)),
            table=None if afar else draw(own),
            online=afar,
        )
        for key in range(draw(st.integers(2, 5)))
        for afar in [draw(online)]
    )
    pairs = list(combinations([one.key for one in people], 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=4))
    wishes = tuple(Wish(a, b, draw(st.integers(1, 20))) for a, b in chosen)
    interpreters = tuple(
        Interpreter(200 + key, frozenset({"zh", "en"}), draw(most_slots))
        for key in range(draw(st.integers(0, 1)))
    )
    cost = st.integers(0, 15)
    costs = Costs(
        shortfall=draw(cost),
        gap=draw(cost),
        room_change=draw(cost) if rooms else 0,
        uneven=draw(cost),
        longest_gap=draw(st.integers(0, 2)),
    )
    free = Problem(slots, tables, people, wishes, (), interpreters, costs)
    return _with_one_fixed(draw, free, pairs) if draw(st.booleans()) else free


def _with_one_fixed(draw: st.DrawFn, problem: Problem, pairs: list[tuple[int, int]]) -> Problem:
    """Return the problem with one fixed meeting, or as it is where that cannot be held."""
    a, b = draw(st.sampled_from(pairs))
    slot = draw(st.integers(0, len(problem.slots) - 1))
    table = draw(st.sampled_from([None, *(one.key for one in problem.tables)]))
    try:
        return Problem(
            problem.slots,
            problem.tables,
            problem.participants,
            problem.wishes,
            (Fixed(a, b, slot, table),),
            problem.interpreters,
            problem.costs,
        )
    except ValueError:
        return problem
