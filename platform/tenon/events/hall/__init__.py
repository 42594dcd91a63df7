"""The day of an event: agendas, briefs, check-in at the door, the hall's board, what is printed.

Knows the timetable's meetings and nothing of how they were found, nor of what came of them after.
"""
