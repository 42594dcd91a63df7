"""Tests of the matching library: no database, no site."""
