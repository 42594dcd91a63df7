"""Tests of imports: files into the database, by command and by page."""
