"""Sources of the day: one small module each, gathered by ``gathering``."""
