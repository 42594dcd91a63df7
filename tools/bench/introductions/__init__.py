"""``python -m tools.bench introductions``: the board and threads among 500,000 made-up ones."""
