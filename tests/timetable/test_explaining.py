"""Why a wish is not met; each change that is named does meet it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.timetable import (
    Change,
    Costs,
    Interpreter,
    Meeting,
    Participant,
    Problem,
    Slot,
    Table,
    Timetable,
    Wish,
    explain,
    greedy,
    worth_of,
)
from tenon.timetable.draft import Draft
from tenon.timetable.grid import NONE, read
from tests.timetable.problems import small_problems

BOTH = frozenset({0, 1})
ZH, EN = frozenset({"zh"}), frozenset({"en"})


def made(problem: Problem, *meetings: Meeting) -> Timetable:
    """Return the timetable of some meetings."""
    return Timetable(meetings, worth_of(problem, meetings))


def problem(**change: Any) -> Problem:
    """Return two slots, one table and three people who all wish to meet, with some change."""
    slots = (Slot(0, 20, 0), Slot(30, 50, 0))
    people = tuple(Participant(key, BOTH, 2) for key in (1, 2, 3))
    wishes = (Wish(1, 2, 5), Wish(1, 3, 6), Wish(2, 3, 7))
    return replace(Problem(slots, (Table(9, 0, BOTH),), people, wishes), **change)


def person(key: int, **what: Any) -> tuple[Participant, ...]:
    """Return the three people with one of them changed."""
    return tuple(
        replace(Participant(one, BOTH, 2), **(what if one == key else {})) for one in (1, 2, 3)
    )


HELD = (Meeting(1, 3, 0, 9), Meeting(2, 3, 1, 9))


@pytest.mark.parametrize(
    ("reason", "change", "meetings"),
    [
        ("no_common_slot", {"participants": person(1, free=frozenset())}, ()),
        ("at_most", {"participants": person(1, most=1)}, HELD[:1]),
        ("busy", {}, HELD),
        ("left_out", {}, HELD[:1]),
        ("no_table_left", {"tables": ()}, ()),
        ("no_table_of_theirs", {"participants": person(2, table=8),
                                "tables": (Table(9, 0, BOTH), Table(8, 0, frozenset()))}, ()),
        ("no_interpreter", {"participants": (
            Participant(1, BOTH, 2, languages=ZH), Participant(2, BOTH, 2, languages=EN),
            Participant(3, BOTH, 2))}, ()),
    ],
)  # fmt: skip
def test_reasons(reason: str, change: dict[str, Any], meetings: tuple[Meeting, ...]) -> None:
    asked = problem(**change)
    assert explain(asked, made(asked, *meetings), asked.wishes[0]).reason == reason


def test_a_wish_that_costs_more_than_it_brings_is_left_out_for_that() -> None:
    slots = tuple(Slot(30 * one, 30 * one + 20, 0) for one in range(3))
    free = frozenset(range(3))
    people = (
        Participant(1, free, 2),
        Participant(2, frozenset({2}), 2),
        Participant(3, frozenset({0}), 2),
    )
    wishes = (Wish(1, 2, 5), Wish(1, 3, 6))
    costs = Costs(gap=8, longest_gap=0)
    asked = Problem(slots, (Table(9, 0, free),), people, wishes, costs=costs)
    found = explain(asked, made(asked, Meeting(1, 3, 0, 9)), wishes[0])
    assert found.reason == "costs_more"
    assert Change("fix", {"slot": 2, "drops": [], "loses": 3}) in found.changes


def test_an_interpreter_who_helps_others_is_missed() -> None:
    people = (
        *(Participant(key, BOTH - {1}, 2, languages=ZH) for key in (1, 3)),
        *(Participant(key, BOTH - {1}, 2, languages=EN) for key in (2, 4)),
    )
    asked = problem(
        participants=people,
        wishes=(Wish(1, 2, 5), Wish(3, 4, 6)),
        tables=(Table(9, 0, BOTH), Table(8, 0, BOTH)),
        interpreters=(Interpreter(5, ZH | EN, BOTH),),
    )
    found = explain(asked, made(asked, Meeting(3, 4, 0, 9, 5)), asked.wishes[0])
    assert found.reason == "no_interpreter_left"
    assert Change("add_interpreter", {"slot": 0}) in found.changes
    assert found.changes[-1] == Change("fix", {"slot": 0, "drops": [[3, 4]], "loses": 1})


def test_a_wish_that_is_met_or_unknown_cannot_be_explained() -> None:
    asked = problem()
    with pytest.raises(ValueError, match="meet in slot 0"):
        explain(asked, made(asked, *HELD), asked.wishes[1])
    with pytest.raises(ValueError, match="nobody wishes"):
        explain(asked, made(asked), Wish(1, 7, 3))
    with pytest.raises(ValueError, match="breaks a rule"):
        explain(asked, made(asked, HELD[0], Meeting(2, 3, 0, 9)), asked.wishes[0])


@settings(max_examples=80, deadline=None)
@given(small_problems(), st.data())
def test_each_change_makes_room(drawn: Problem, data: st.DataObject) -> None:
    timetable = greedy(drawn)
    met = {frozenset((one.a, one.b)) for one in timetable.meetings}
    unmet = [one for one in drawn.wishes if frozenset((one.a, one.b)) not in met]
    if not unmet:
        return
    wish = data.draw(st.sampled_from(unmet))
    found = explain(drawn, timetable, wish)
    for change in found.changes:
        assert fits(changed(drawn, change, wish), timetable, wish, change), change
    if found.reason == "left_out":
        assert fits(drawn, timetable, wish, Change("fix", {"drops": []}))


def fits(now: Problem, timetable: Timetable, wish: Wish, change: Change) -> bool:
    """Return whether the wish fits into the timetable without the meetings that are dropped."""
    drops = {frozenset(one) for one in change.facts.get("drops", [])}
    kept = [one for one in timetable.meetings if frozenset((one.a, one.b)) not in drops]
    grid = read(now)
    draft = Draft.of_meetings(grid, kept)
    assert sum(one != NONE for one in draft.slot_of) == len(kept)
    number = next(spot for spot, one in enumerate(now.wishes) if {one.a, one.b} == {wish.a, wish.b})
    slots = [change.facts["slot"]] if "slot" in change.facts else grid.options[number]
    return any(one in grid.options[number] and draft.fits(number, one) for one in slots)


def changed(drawn: Problem, change: Change, wish: Wish) -> Problem:
    """Return the problem with a change made."""
    facts = change.facts
    if change.kind in {"free_participant", "raise_most"}:
        return replace(
            drawn,
            participants=tuple(
                one
                if one.key != facts["participant"]
                else replace(one, free=one.free | {facts["slot"]})
                if "slot" in facts
                else replace(one, most=facts["most"])
                for one in drawn.participants
            ),
        )
    if change.kind == "add_table":
        return replace(drawn, tables=(*drawn.tables, Table(77, 0, frozenset({facts["slot"]}))))
    if change.kind == "free_table":
        return replace(
            drawn,
            tables=tuple(
                replace(one, free=one.free | {facts["slot"]}) if one.key == facts["table"] else one
                for one in drawn.tables
            ),
        )
    if change.kind == "add_interpreter":
        spoken = {one.key: one.languages for one in drawn.participants}
        helper = Interpreter(88, spoken[wish.a] | spoken[wish.b], frozenset({facts["slot"]}))
        return replace(drawn, interpreters=(*drawn.interpreters, helper))
    return drawn
