"""Each hard rule is seen when it is broken, and the objective counts what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenon.timetable import (
    Costs,
    Fixed,
    Interpreter,
    Meeting,
    Participant,
    Problem,
    Slot,
    Table,
    Wish,
    check,
    instance,
    optimise,
    worth_of,
)

SLOTS = tuple(Slot(30 * one, 30 * one + 20, one // 4) for one in range(8))
ALL = frozenset(range(8))
PROBLEM = Problem(
    slots=SLOTS,
    tables=(Table(1, 0, ALL), Table(2, 1, ALL - {7})),
    participants=(
        Participant(11, ALL - {6}, most=3, least=1, languages=frozenset({"zh"})),
        Participant(12, ALL, most=1, least=2),
        Participant(13, ALL, most=8, least=0, table=2),
        Participant(14, ALL, most=8, languages=frozenset({"en"})),
    ),
    wishes=(Wish(11, 12, 5), Wish(12, 13, 7), Wish(11, 14, 9), Wish(13, 14, 11), Wish(11, 13, 2)),
    interpreters=(Interpreter(21, frozenset({"zh", "en"}), ALL - {3}),),
    costs=Costs(shortfall=3, gap=2, room_change=4, uneven=1, longest_gap=1),
)


@pytest.mark.parametrize(
    ("rule", "meetings"),
    [
        ("unknown", [Meeting(11, 99, 0, 1)]),
        ("unknown", [Meeting(11, 12, 8, 1)]),
        ("unknown", [Meeting(11, 12, 0, 9)]),
        ("no_wish", [Meeting(12, 14, 0, 1)]),
        ("pair_twice", [Meeting(11, 12, 0, 1), Meeting(12, 11, 1, 1)]),
        ("participant_twice", [Meeting(11, 12, 0, 1), Meeting(11, 13, 0, 2)]),
        ("participant_not_free", [Meeting(11, 12, 6, 1)]),
        ("most", [Meeting(11, 12, 0, 1), Meeting(12, 13, 1, 2)]),
        ("table_twice", [Meeting(11, 12, 0, 2), Meeting(13, 14, 0, 2)]),
        ("table_not_free", [Meeting(13, 14, 7, 2)]),
        ("table_missing", [Meeting(11, 12, 0, None)]),
        ("fixed_table", [Meeting(13, 14, 0, 1)]),
        ("interpreter_missing", [Meeting(11, 14, 0, 1)]),
        ("interpreter_not_needed", [Meeting(11, 12, 0, 1, 21)]),
        ("interpreter_not_free", [Meeting(11, 14, 3, 1, 21)]),
    ],
)
def test_a_broken_rule_is_named(rule: str, meetings: list[Meeting]) -> None:
    assert rule in {one.rule for one in check(PROBLEM, meetings)}


def test_nothing_broken() -> None:
    assert check(PROBLEM, [Meeting(11, 12, 0, 1), Meeting(14, 11, 1, 1, 21)]) == []


def test_an_interpreter_helps_one_meeting_at_a_time_and_only_between_their_languages() -> None:
    others = (*PROBLEM.participants, Participant(15, ALL, 8, languages=frozenset({"fr"})))
    wishes = (*PROBLEM.wishes, Wish(11, 15, 4), Wish(12, 15, 1))
    problem = replace(PROBLEM, participants=others, wishes=wishes)
    rules = {one.rule for one in check(problem, [Meeting(11, 15, 0, 1, 21)])}
    assert rules == {"interpreter_language"}
    chinese = replace(problem.participants[1], languages=frozenset({"zh"}))
    twice = replace(
        problem,
        participants=(problem.participants[0], chinese, *problem.participants[2:]),
        wishes=(Wish(11, 14, 9), Wish(12, 15, 1)),
    )
    both = [Meeting(11, 14, 0, 1, 21), Meeting(12, 15, 0, 2, 21)]
    assert "interpreter_twice" in {one.rule for one in check(twice, both)}


AFAR = replace(
    PROBLEM,
    tables=(Table(1, 0, frozenset({0, 1})), Table(2, 1, frozenset({0, 1}))),
    participants=tuple(
        replace(one, online=one.key in (11, 12), languages=frozenset[str]())
        for one in PROBLEM.participants
    ),
)


def test_two_who_are_online_meet_without_a_table_and_others_with_one() -> None:
    assert check(AFAR, [Meeting(11, 12, 5, None)]) == []
    assert [one.rule for one in check(AFAR, [Meeting(11, 12, 0, 1)])] == ["table_not_needed"]
    assert [one.rule for one in check(AFAR, [Meeting(11, 14, 0, None)])] == ["table_missing"]
    fixed = replace(AFAR, fixed=(Fixed(11, 12, 5),))
    assert check(fixed, [Meeting(11, 12, 5, None)]) == []
    assert [one.rule for one in check(fixed, [])] == ["fixed_missing"]


def test_tables_do_not_limit_meetings_online_and_nobody_online_changes_rooms() -> None:
    few = replace(AFAR, wishes=(Wish(11, 12, 5), Wish(11, 13, 2), Wish(11, 14, 9)))
    assert few.even_share == 2  # six halves of meetings among four
    none = replace(
        few, tables=(), participants=tuple(replace(p, table=None) for p in few.participants)
    )
    assert none.even_share == 1  # the one that needs no table
    walks = [Meeting(11, 12, 0, None), Meeting(11, 13, 1, 2), Meeting(11, 14, 2, 1)]
    calm = replace(few, costs=Costs(room_change=4))
    assert worth_of(calm, walks).penalties == 0
    made = optimise(none, 20)
    assert [(one.a, one.b, one.table) for one in made.meetings] == [(11, 12, None)]
    assert made.bound is not None
    assert made.bound.exact


def test_fixed_meetings_must_be_held_where_they_are_fixed() -> None:
    problem = replace(PROBLEM, fixed=(Fixed(11, 12, 2, 1),))
    assert [one.rule for one in check(problem, [])] == ["fixed_missing"]
    assert [one.rule for one in check(problem, [Meeting(11, 12, 2, 2)])] == ["fixed_missing"]
    assert check(problem, [Meeting(12, 11, 2, 1)]) == []


def test_worth_counts_values_and_each_penalty() -> None:
    # 11: slots 0, 3 (a gap of two, and another room), 4 (the next day); 12: one short of two.
    meetings = [Meeting(11, 12, 0, 1), Meeting(11, 13, 3, 2), Meeting(11, 14, 4, 1, 21)]
    found = worth_of(PROBLEM, meetings)
    assert found.floor == 4
    assert found.meetings == 5 + 2 + 9
    # Shares of five wishes among four people: three each, so nothing is uneven.
    assert found.penalties == 3 * 1 + 2 * 1 + 4 * 1
    fewer = replace(PROBLEM, wishes=PROBLEM.wishes[:1] + PROBLEM.wishes[2:3] + PROBLEM.wishes[4:])
    assert worth_of(fewer, meetings).penalties == 9 + 1  # three wishes among four: two each


@pytest.mark.parametrize(
    "change",
    [
        {"slots": (Slot(0, 20, 0), Slot(10, 30, 0))},
        {"wishes": (Wish(11, 12, 1), Wish(12, 11, 2))},
        {"wishes": (Wish(11, 11, 1),)},
        {"wishes": (Wish(11, 12, 0),)},
        {"tables": (Table(1, 0, ALL), Table(1, 0, ALL))},
        {"fixed": (Fixed(11, 12, 6),)},
        {"fixed": (Fixed(11, 12, 0), Fixed(11, 13, 0))},
        {"fixed": (Fixed(11, 13, 0, 1),)},
        {"fixed": (Fixed(12, 11, 0), Fixed(12, 13, 1))},
        {"fixed": (Fixed(11, 14, 3),)},
        {"participants": tuple(replace(one, online=True) for one in PROBLEM.participants)},
        {"costs": Costs(gap=-1)},
    ],
)
def test_a_problem_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"slot|wish|table|fixed|costs"):
        replace(PROBLEM, **change)  # type: ignore[arg-type]  # any of its fields


def test_a_problem_is_the_same_after_json() -> None:
    drawn = instance(
        3, sides=(6, 5), wishes=12, slots=5, tables=3, foreign=0.5, interpreters=1, hosts=0.5
    )
    assert Problem.from_json(drawn.to_json()) == drawn
    fixed = replace(PROBLEM, fixed=(Fixed(11, 12, 2, 1),))
    assert Problem.from_json(fixed.to_json()) == fixed
    assert Problem.from_json(AFAR.to_json()) == AFAR


def test_instances_are_drawn_from_their_seed() -> None:
    one, same, other = (
        instance(seed, sides=(30, 20), wishes=120, slots=10, tables=8) for seed in (1, 1, 2)
    )
    assert one == same != other
    assert len(one.wishes) == 120
    blocked = [1 - len(person.free) / 10 for person in one.participants]
    assert min(blocked) >= 0.1 - 1e-9
    assert max(blocked) <= 0.3 + 1e-9
    assert {wish.a < 30 <= wish.b for wish in one.wishes} == {True}
