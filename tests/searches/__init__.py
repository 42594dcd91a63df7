"""Tests of searches that people keep and of what they are told."""
