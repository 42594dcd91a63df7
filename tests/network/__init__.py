"""Tests of the service network: the tree, its people, portfolios, hand-overs."""
