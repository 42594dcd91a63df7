"""Tests of the broker's desk."""
