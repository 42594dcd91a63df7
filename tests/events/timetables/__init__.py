"""Tests of timetables: from wishes to what is agreed."""
