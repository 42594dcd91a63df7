"""Timetables of matchmaking events: the problem, solvers, proved bounds, and explanations.

Pure: a ``Problem`` goes in, a ``Timetable`` comes out. Knows neither Flask nor the database nor any
other room.
"""

from tenon.timetable.bounds import bound
from tenon.timetable.explaining import Change, Unmet, explain
from tenon.timetable.greedy import first_come, greedy
from tenon.timetable.instances import instance
from tenon.timetable.optimising import optimise
from tenon.timetable.problem import (
    Costs,
    Fixed,
    Interpreter,
    Participant,
    Problem,
    Slot,
    Table,
    Wish,
)
from tenon.timetable.processes import replan_apart, solve_apart
from tenon.timetable.replanning import moved, replan
from tenon.timetable.result import Bound, Broken, Meeting, Timetable, Worth
from tenon.timetable.rules import check, worth_of

__all__ = [
    "Bound",
    "Broken",
    "Change",
    "Costs",
    "Fixed",
    "Interpreter",
    "Meeting",
    "Participant",
    "Problem",
    "Slot",
    "Table",
    "Timetable",
    "Unmet",
    "Wish",
    "Worth",
    "bound",
    "check",
    "explain",
    "first_come",
    "greedy",
    "instance",
    "moved",
    "optimise",
    "replan",
    "replan_apart",
    "solve_apart",
    "worth_of",
]
