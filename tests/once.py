"""Work that nearly every test would do again in the same process, done once instead.

Each test has a database and often a whole site of its own. What depends on neither is kept: SQL
statements compiled for a kind of database, templates, and builders of addresses. Half of the
suite's processor time went into these. Must not know any room; nothing here changes what is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing.rules import Rule

import tenon.db

STATEMENTS = 5000
"""Kept for each kind of database; an engine of its own would keep 500."""


class _CompiledTemplates(BytecodeCache):
    """Templates compiled once a process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _sharing_statements(make: Callable[[str], Engine]) -> Callable[[str], Engine]:
    """Let engines of one kind share a dialect and with it the statements compiled for it.

    The first dialect that a server has told its version is the one that all later engines have:
    before that it does not know what it speaks to.
    """
    shared: dict[str, tuple[Any, Any]] = {}

    def made(url: str) -> Engine:
        engine: Any = make(url)
        kept = shared.get(engine.dialect.name)
        if kept is None or getattr(kept[0], "server_version_info", None) is None:
            engine._compiled_cache = LRUCache(STATEMENTS)  # no public name
            shared[engine.dialect.name] = (engine.dialect, engine._compiled_cache)
        else:
            engine.dialect, engine._compiled_cache = kept
            engine.pool._dialect = kept[0]
        found: Engine = engine
        return found

    return made


def _sharing_builders(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Let rules that say the same, in sites of different tests, share how addresses are built."""
    kept: dict[tuple[object, ...], Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:  # werkzeug's
        host = (rule.subdomain, rule.host)
        said = (rule.rule, *host, repr(rule.defaults), rule.is_leaf, append_unknown)
        if said not in kept:
            kept[said] = compile_builder(rule, append_unknown)
        return kept[said]

    return compiled


def begin() -> None:
    """Do it once from now on, in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _CompiledTemplates()}
    tenon.db.make_engine = _sharing_statements(tenon.db.make_engine)  # type: ignore[assignment]  # of one shape
    builder = "_compile_builder"
    setattr(Rule, builder, _sharing_builders(getattr(Rule, builder)))
