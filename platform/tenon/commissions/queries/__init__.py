"""Reads of the room: what commission is reckoned on, receivers' accounts, lists, hooks."""
