"""Verbs of the network; never commit."""
