"""Tests of the room of deals."""
