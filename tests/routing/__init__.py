"""Tests of needs on their way through the network, and of visits."""
