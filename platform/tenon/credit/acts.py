"""The acts that earn credit and the kinds of thing that they are done to, as data.

Knows no table. The order is that of the ledger's totals and filters: the way from a need to a
deal. What counts as which act is said where the act happens, and in docs/operations.md.
"""

from __future__ import annotations

ACTS = ("collected", "written", "introduced", "hosted", "closed")
THINGS = ("listing", "introduction", "meeting", "deal")
CLAIMS = ("mine", "shared", "nobody")
"""What a person who disputes an entry says: it was me; we did it together; nobody did."""
