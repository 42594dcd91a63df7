"""Search across everything that a broker may see, a kind of thing a module's function."""
