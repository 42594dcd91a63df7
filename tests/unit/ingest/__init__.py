"""Tests of the ingest library: files in, records and errors out."""
