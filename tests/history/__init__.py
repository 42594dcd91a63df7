"""Tests of history and its proof."""
