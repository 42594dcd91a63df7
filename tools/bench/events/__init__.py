"""A full event on its day: a thousand agendas in one minute, and the board of the hall."""
