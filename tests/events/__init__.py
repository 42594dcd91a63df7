"""Tests of matchmaking events."""
