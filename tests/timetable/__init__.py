"""Tests of the timetables: solvers, bounds, re-planning, explanations."""
