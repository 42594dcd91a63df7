"""Tests of setting events up, and of their public pages."""
