"""Tests of taking part in events."""
