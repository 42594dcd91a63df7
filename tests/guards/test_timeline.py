"""What rooms tell in a deal's timeline is of a kind that the page has words for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tenon.deals.labels import ITEM_KINDS
from tests.guards.checkout import ROOT, modules


def _kinds() -> Iterator[tuple[str, str]]:
    """Yield place and kind of every entry that a source makes."""
    for path in modules():
        text = (ROOT / path).read_text(encoding="utf-8")
        if "tenon.deals.timeline import" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Item":
                named = [each.value for each in node.keywords if each.arg == "kind"]
                (told,) = named or node.args[1:2]
                yield f"{path}:{node.lineno}", ast.unparse(told)


def test_every_kind_of_entry_has_its_words() -> None:
    found = [(place, ast.literal_eval(kind)) for place, kind in _kinds() if kind[0] in "'\""]
    assert {kind for _place, kind in found} >= {"meeting", "message", "commission", "equity"}
    assert [place for place, kind in found if kind not in ITEM_KINDS] == []
