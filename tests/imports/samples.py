"""Files and terms that the tests of imports share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.run import Report
from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.listings.importing.files import open_file, take_file
from tenon.listings.importing.intake import Intake

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OPERATOR = Intake(by=SYSTEM, now=NOW, publish=True)

ORGANISATIONS: Sequence[Mapping[str, Any]] = (
    {"external_id": "O1", "kind": "高校", "name_zh": "示例大学", "region": "武汉市"},
    {"external_id": "O2", "kind": "enterprise", "name_en": "Example Works", "country": "US"},
)
PEOPLE: Sequence[Mapping[str, Any]] = (
    {"external_id": "P1", "name_zh": "云舒", "organisation": "O1", "fields": ["hitech:1"]},
    {"external_id": "P2", "name_en": "Wei Lan", "languages": ["zh", "en"]},
)
ACHIEVEMENT: Mapping[str, Any] = {
    "external_id": "A1", "language": "zh", "organisation": "O1", "title": "光纤测温装置",
    "summary": "在200℃以上连续测温。", "advantages": "寿命五年。", "readiness": 6,
    "fields": ["hitech:1", "ipc:G01"], "industries": ["40"], "deal_forms": ["转让"],
    "price_min": "300000", "price_max": "500000", "region": "420111",
    "contributors": ["P1", "P2"],
    "ip": [{"number": "zl 2020 1", "kind": "invention", "status": "granted"}],
    "detail_nda": "配方", "title_translated": "Fibre thermometer",
    "summary_translated": "Measures above 200 °C.",
}  # fmt: skip
NEED: Mapping[str, Any] = {
    "external_id": "N1", "language": "en", "organisation": "O2", "title": "Pump that lasts",
    "background": "Seals fail after a month.", "requirements": ["temperature ≥ 200 ℃", "?quiet"],
    "deadline": "2027-06-30", "budget_max": 1000, "currency": "USD", "readiness_sought": 5,
    "anonymous": True,
}  # fmt: skip


def written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as JSON Lines."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def take(
    database: Database,
    path: Path,
    *,
    intake: Intake = OPERATOR,
    source: str = "test",
    skip_bad_rows: bool = False,
) -> Report:
    """Import a file and commit."""
    reading = open_file(path, source=source)
    with database.writing() as session:
        return take_file(
            session, reading, intake=intake, dry_run=False, skip_bad_rows=skip_bad_rows
        )


def check(database: Database, path: Path, *, intake: Intake = OPERATOR) -> Report:
    """Check a file without writing."""
    with database.reading() as session:
        return take_file(session, open_file(path, source="test"), intake=intake, dry_run=True)


def take_parties(database: Database, folder: Path) -> None:
    """Import the organisations and the people."""
    take(database, written(folder / "o.jsonl", ORGANISATIONS))
    take(database, written(folder / "p.jsonl", PEOPLE))
