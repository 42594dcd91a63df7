"""Tests of the index in Milvus, against the index files."""
