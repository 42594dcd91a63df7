"""Matchmaking events: set up, take part, wishes, timetable, the day itself, what came of it.

Calls introductions and deals when a meeting leads on; nothing before it knows of it.
"""
