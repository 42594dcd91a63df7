"""A firm as brokers see it: its header, its history, what each room has of it."""
