"""Verbs of the room. None of them commits; permissions are checked here."""
