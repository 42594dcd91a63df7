"""Tests of deal forms, terms and papers that need no database."""
