"""Tests of trials before payment and of milestones."""
