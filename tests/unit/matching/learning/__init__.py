"""Learning from use, as a library."""
