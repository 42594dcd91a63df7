"""Credit that can be proven: who collected, wrote up, introduced, hosted, closed.

A ledger that is only ever added to. Knows no listing, introduction, meeting or deal: those rooms
say which act happened on which thing, and how the thing is titled for whom (``things``).
"""
