"""Counterparts of a listing with reasons, what people say of them, search, and the index's care."""
