"""Deals: every form from first talk to last payment, described in data and moved by one engine."""
