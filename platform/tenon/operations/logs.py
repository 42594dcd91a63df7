"""What a process of the site says of its work: one line each, on the error stream.

For the commands that stay: ``tenon run`` and ``tenon dispatcher``. Web servers bring a log of
their own. Must not know what is logged.
"""

from __future__ import annotations

import logging


def show_log() -> None:
    """Let the site's own lines show from INFO on, everybody else's from WARNING on."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("tenon", "matching"):
        logging.getLogger(name).setLevel(logging.INFO)
