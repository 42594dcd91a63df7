"""Verbs of the room, one module a concern. None of them commits; permissions are checked here."""
