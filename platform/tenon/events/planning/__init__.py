"""Setting an event up: kinds, copies, days and slots, tables, groups, programme, public pages.

Knows nothing of who takes part beyond counting the places taken, and nothing of timetables.
"""
