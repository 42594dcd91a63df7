"""Verbs of the room: keep, change and drop searches; record and tell what answers them."""
