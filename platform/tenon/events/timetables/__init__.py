"""From wishes to an agreed timetable: drafts by the optimiser, release, and what changes after."""
