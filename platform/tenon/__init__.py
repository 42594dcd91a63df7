"""Tenon 榫卯, the site: listings, matches and everything that follows from them.

Rooms are packages named after domains; ``app`` puts them together. The libraries ``matching``
and ``ingest`` stand beside this package and know nothing of it.
"""

import os

__version__ = "0.1.0"

# Before anything loads numpy: a page multiplies small matrices, for which OpenBLAS would wake a
# thread a core and wait for it. Measured with a million documents on two cores: 52 ms of
# processor time a match instead of 31. Whoever sets the variable is obeyed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
