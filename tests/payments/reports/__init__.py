"""Tests of use reports and royalty statements."""
