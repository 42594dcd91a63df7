"""Tests of contract figures."""
