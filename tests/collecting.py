"""Python's garbage collector while tests run: full collections between tests, of what is new.

A test process keeps millions of objects that stay (modules, statements compiled once). Left to
itself the collector walked them all again and again, and took two fifths of the suite's processor
time. Must not know any room; ``tests/conftest.py`` takes the hooks.
"""

from __future__ import annotations

import gc

from tenon.collector import leave_alone_what_stays

_YOUNG = 2000
_MIDDLE = 20
_NEVER = 1_000_000
_TESTS = 50
"""So many tests between two full collections; what they leave is some hundred megabytes at most."""

_ended = 0


def pytest_collection_finish() -> None:
    """Leave alone what was imported; let no full collection begin by itself from now on."""
    leave_alone_what_stays()
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


def pytest_runtest_logfinish() -> None:
    """After some tests collect what they left, and leave alone what stays."""
    global _ended  # noqa: PLW0603  # a process has one collector
    _ended += 1
    if _ended % _TESTS == 0:
        leave_alone_what_stays()
