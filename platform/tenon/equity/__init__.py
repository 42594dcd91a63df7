"""Cap tables, contributions of technology, subscription agreements, grants that become equity.

Negotiated one to one: nothing here is public, listed or auctioned.
"""
