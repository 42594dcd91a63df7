"""Counting of days without a database."""
