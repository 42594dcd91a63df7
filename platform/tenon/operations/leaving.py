"""The end of a process of the site while a thread may still be at work in compiled code.

It knows nothing of what the threads do: whoever calls it has closed what had to be closed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading


def leave() -> None:
    """End the process with status 0 if threads are still alive; otherwise return.

    Before Python 3.14 a thread that comes back from the model or the index (C++ and Rust) while
    the interpreter takes itself down is ended in a way that those do not bear, and the process
    aborts instead of ending well: CPython's issue 87135. What such a thread has in hand is as safe
    as when the machine loses its power: it is written whole or not at all.
    """
    if threading.active_count() == 1:
        return
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
