"""Tests of the accounts room without a database."""
