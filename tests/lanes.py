"""Lanes of the suite that need a program of the machine: PostgreSQL, Redis, a browser.

A lane that cannot run skips and the end of the run says so; one that TENON_REQUIRE_LANES names
fails instead. Tests say which lane they are in by a marker of the lane's name, and fixtures call
``not_run`` where the program is missing.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn

import pytest

LANES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "postgres": ("PostgreSQL", "not installed; install it or set TENON_TEST_POSTGRES"),
        "redis": ("Redis", "redis-server is not installed"),
        "browser": ("browser", "Chromium is not installed; install it or set TENON_TEST_CHROMIUM"),
        "milvus": ("Milvus", "pymilvus and milvus-lite (group milvus) are not installed"),
        "realdata": ("real data", "the data folder beside the checkout is missing"),
    }
)
NOT_RUN = "NOT RUN"


def required() -> frozenset[str]:
    """Return the lanes that must run here; raises UsageError for one that does not exist."""
    named = frozenset(filter(None, os.environ.get("TENON_REQUIRE_LANES", "").split(",")))
    if named - LANES.keys():
        raise pytest.UsageError(f"TENON_REQUIRE_LANES names {sorted(named - LANES.keys())}")
    return named


def not_run(lane: str) -> NoReturn:
    """Skip the test because its lane cannot run here, or fail it where the lane is required."""
    name, reason = LANES[lane]
    if lane in required():
        pytest.fail(f"{name}: {reason}, and TENON_REQUIRE_LANES asks for it", pytrace=False)
    pytest.skip(f"{NOT_RUN} {lane}: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a misspelt lane before anything runs."""
    required()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of every lane whether it ran."""
    ran: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for outcome, reports in terminalreporter.stats.items():
        if outcome not in {"passed", "failed", "error", "skipped", "xfailed"}:
            continue
        for report in reports:
            counter = missed if outcome == "skipped" and NOT_RUN in str(report.longrepr) else ran
            counter.update(LANES.keys() & set(getattr(report, "keywords", ())))
    if not ran and not missed:
        return
    terminalreporter.section("lanes")
    for lane, (name, reason) in LANES.items():
        if missed[lane]:
            terminalreporter.line(f"{name}: {NOT_RUN} ({missed[lane]} tests; {reason})")
        elif ran[lane]:
            terminalreporter.line(f"{name}: {ran[lane]} tests ran")
        else:
            terminalreporter.line(f"{name}: no test was chosen")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a whole run in which a required lane had no test at all."""
    if not hasattr(session.config, "workerinput") and required() and exitstatus == 0:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        passed = reporter.stats.get("passed", []) if reporter is not None else []
        ran = {name for report in passed for name in LANES.keys() & set(report.keywords)}
        if required() - ran:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            print(f"\nlanes that did not run: {', '.join(sorted(required() - ran))}")
