"""Searches that people keep, and what new listings answer them; knows nothing of introductions."""
