"""Tests of the room payments."""
