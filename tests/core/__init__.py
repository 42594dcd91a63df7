"""Tests of the state machine and of the columns, on both databases."""
