"""Tests of the field's arithmetic, in the words of the domain."""
