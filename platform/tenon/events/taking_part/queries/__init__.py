"""Reads of taking part; changes nothing, knows no page."""
