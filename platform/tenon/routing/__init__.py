"""Needs on their way through the service network, and visits on which needs are collected.

Comes after events and before commissions, insight and the desk, none of which it may know. What
it knows of places and people it asks the network; what a need says stays with listings.
"""
