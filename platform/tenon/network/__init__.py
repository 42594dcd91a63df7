"""The service network: centre, nodes, stations, who works where, whose firm is whose.

Comes before listings: what lies at a place is seen by it and by those above it, and rooms after
this one ask here whom that means. Must not know listings, introductions or anything after them.
"""

# At import, so that nobody ever acts without the places that they see.
from tenon.network.queries import sight as _sight  # noqa: F401
