"""Targets: what is to be reached, how far it is, what is to be expected."""
