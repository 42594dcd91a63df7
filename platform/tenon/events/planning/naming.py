"""Names of tables as people type them: ``A1-A20, B1`` there and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST = 20
MOST = 500
_RANGE = re.compile(r"(?P<head>.*?)(?P<first>\d+)\s*[-–—~～至]\s*(?P<again>.*?)(?P<last>\d+)")
_COUNTED = re.compile(r"(?P<head>.*?)(?P<number>\d+)")


def read_names(text: str) -> list[str]:
    """Return the names in a list such as ``A1-A20, B1 B2``, each once, in the order given.

    A range goes up, keeps leading zeros (``01-12``) and has one head; anything else is a name of
    its own. Raises ValueError with ``too_long`` for a name of more than 20 characters and with
    ``too_many`` for more than 500 names.
    """
    found: dict[str, None] = {}
    for part in re.split(r"[,，;；、\n]+", text):
        for name in _names(part.strip()):
            if len(name) > LONGEST:
                raise ValueError("too_long")
            found[name] = None
            if len(found) > MOST:
                raise ValueError("too_many")
    return list(found)


def _names(part: str) -> Sequence[str]:
    if not part:
        return ()
    match = _RANGE.fullmatch(part)
    if match is None or match["again"] not in ("", match["head"]):
        return (part,)
    if len(match["first"]) > 6 or len(match["last"]) > 6:
        raise ValueError("too_long")
    first, last = int(match["first"]), int(match["last"])
    if last < first:
        return (part,)
    if last - first >= MOST:
        raise ValueError("too_many")
    width = len(match["first"]) if match["first"].startswith("0") else 0
    return [f"{match['head']}{number:0{width}d}" for number in range(first, last + 1)]


def write_names(names: Iterable[str]) -> str:
    """Return names as people would type them: runs of numbers become ranges."""
    runs: list[list[str]] = []
    for name in names:
        if runs and _follows(runs[-1][-1], name):
            runs[-1].append(name)
        else:
            runs.append([name])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(run)  # A1, A2
        for run in runs
    )


def _follows(before: str, after: str) -> bool:
    first, second = _COUNTED.fullmatch(before), _COUNTED.fullmatch(after)
    return (
        first is not None
        and second is not None
        and first["head"] == second["head"]
        and len(first["number"]) <= len(second["number"])
        and (len(first["number"]) == len(second["number"]) or not first["number"].startswith("0"))
        and int(second["number"]) == int(first["number"]) + 1
        and not (second["number"].startswith("0") and len(second["number"]) != len(first["number"]))
    )
