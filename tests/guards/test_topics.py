"""What is emitted is handled, and what is handled is emitted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tenon.app import load_tasks
from tenon.operations.periodic import periodic_topics
from tenon.outbox import topics
from tenon.outbox.handlers import followers
from tests.guards.checkout import ROOT, modules

# Hand on a topic that their caller names.
PASSING_ON = {
    "platform/tenon/operations/periodic.py",
    "platform/tenon/outbox/services.py",
    "platform/tenon/outbox/working.py",
    "platform/tenon/states.py",
}


def _module(path: Path) -> object:
    name = ".".join(path.with_suffix("").parts[1:]).removesuffix(".__init__")
    return import_module(name)


def _emitted() -> tuple[set[str], list[str]]:
    """Return the topics that code emits, and places where a topic cannot be told."""
    found: set[str] = set()
    untold: list[str] = []
    for path in modules():
        if not path.as_posix().startswith("platform/") or path.as_posix() in PASSING_ON:
            continue
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        for node in (*_calls(tree, "emit"), *_calls(tree, "emit_again")):
            told = _told(path, tree, node, 1)
            found |= told
            if not told:
                untold.append(f"{path}:{node.lineno} {ast.unparse(node)}")
    return found, untold


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
            yield node


def _told(path: Path, tree: ast.Module, call: ast.Call, place: int) -> set[str]:
    """Return what the argument at ``place`` may be: a constant, or a parameter's constants."""
    argument = call.args[place] if len(call.args) > place else None
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if not isinstance(argument, ast.Name):
        return set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and call in ast.walk(function):
            names = [one.arg for one in function.args.args]
            if argument.id in names:
                outer = _calls(tree, function.name)
                told = [_told(path, tree, one, names.index(argument.id)) for one in outer]
                return set().union(*told)
    value = getattr(_module(path), argument.id, None)
    return {value} if isinstance(value, str) else set()


def _machines() -> set[str]:
    """Return the kinds of all state machines: each emits ``<kind>.moved``."""
    kinds = set()
    for path in modules():
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.as_posix().startswith("platform/tenon/") and "StateMachine(" in text:
            for call in _calls(ast.parse(text), "StateMachine"):
                first = call.args[0] if call.args else None
                assert isinstance(first, ast.Constant), f"{path}: say the kind in so many letters"
                kinds.add(str(first.value))
    return kinds


def test_every_topic_emitted_has_a_handler_and_the_reverse() -> None:
    load_tasks()
    emitted, untold = _emitted()
    assert untold == []
    emitted |= {f"{kind}.moved" for kind in _machines()}
    emitted |= {topic for topic, _ in periodic_topics()}
    handled = {topic for topic in topics() if not topic.startswith("test.")}
    emitted |= {own for topic in handled for own in followers(topic)}
    assert emitted - handled == set(), "emitted, and nobody handles it"
    assert handled - emitted == set(), "handled, and nobody emits it"
