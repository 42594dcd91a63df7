"""Tenon 榫卯, the site: listings, matches and everything that follows from them.

Rooms are packages named after domains; ``app`` puts them together. The libraries ``matching``
and ``ingest`` stand beside this package and know nothing of it.
"""

__version__ = "0.1.0"
