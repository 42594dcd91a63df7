"""Tests of what needs no database: money, settings, keys, numbers."""
