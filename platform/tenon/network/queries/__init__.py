"""Reads of the network; changes nothing."""
