"""The file of a long run: JSON Lines or CSV, and where an interrupted run stopped.

A need is in the file wholly or not at all: what a kill cut off is cut away before the run goes
on. Must not know the database.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tenon.matches.all_needs.running import NeedMatches

COLUMNS: Final = ("need", "position", "result", "band")


def as_text(block: Iterable[NeedMatches], suffix: str) -> str:
    """Return the lines of a block: one a need in JSON Lines, one a match in CSV.

    In CSV a need that nothing fits has one line with empty fields.
    """
    if suffix == ".csv":
        return _as_csv(block)
    return "".join(
        json.dumps(
            {
                "need": one.need,
                "matches": [{"result": each.result, "band": each.band} for each in one.found],
            }
        )
        + "\n"
        for one in block
    )


def _as_csv(block: Iterable[NeedMatches]) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for one in block:
        for place, each in enumerate(one.found, start=1):
            writer.writerow((one.need, place, each.result, each.band))
        if not one.found:
            writer.writerow((one.need, "", "", ""))
    return lines.getvalue()


def begin(path: Path) -> None:
    """Make the file, empty but for a CSV's head."""
    head = ",".join(COLUMNS) + "\n" if path.suffix == ".csv" else ""
    path.write_text(head, encoding="utf-8")


def take_up(path: Path) -> set[str]:
    """Cut away what an interruption left unfinished and return the needs that are done.

    Raises:
        ValueError: the file is not of such a run.
    """
    whole = path.read_bytes()
    whole = whole[: whole.rfind(b"\n") + 1]
    lines = whole.decode("utf-8").splitlines(keepends=True)
    needs = _csv_needs(lines) if path.suffix == ".csv" else _json_needs(lines)
    if path.suffix == ".csv" and needs:
        # the last need's lines may not be all there
        last = needs[-1]
        kept = needs.index(last)
        lines, needs = lines[: kept + 1], needs[:kept]
    with path.open("r+b") as file:
        file.truncate(sum(len(line.encode("utf-8")) for line in lines))
    return set(needs)


def _csv_needs(lines: list[str]) -> list[str]:
    """Return the need of each line after the head."""
    if not lines or lines[0].strip() != ",".join(COLUMNS):
        raise ValueError("its head is another")
    return [line.split(",", 1)[0] for line in lines[1:]]


def _json_needs(lines: list[str]) -> list[str]:
    try:
        return [str(json.loads(line)["need"]) for line in lines]
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("its lines are others") from error
