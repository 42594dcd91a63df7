"""Choosing the constants of retrieval on sets that are never scored; see ``__main__``."""
