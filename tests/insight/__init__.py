"""Tests of measures, targets, charts and reports."""
