"""Tests of owners, standing, licences and grants."""
