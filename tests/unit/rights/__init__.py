"""Tests of shares and overlaps, without a database."""
