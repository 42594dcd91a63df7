"""Tests of the evaluation: sets, measures, running."""
