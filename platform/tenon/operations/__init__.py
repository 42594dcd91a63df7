"""What an operator does on the command line: serve, migrate, run workers, check."""
