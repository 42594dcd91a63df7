"""The day of an event: check-in, agendas, briefs, the board, what is printed."""
