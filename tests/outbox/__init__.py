"""Tests of the outbox, its dispatcher and its workers."""
