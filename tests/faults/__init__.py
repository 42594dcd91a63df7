"""Faults: killed at any moment, damaged files, a full disk, jumping clocks, hostile texts."""

EVERYTHING = "TENON_TEST_FAULTS"
"""Variable of the environment: set, every moment and every damage is tried, not each some."""
