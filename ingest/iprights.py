"""Reads the column of patents and other rights. Knows that one column's two ways of writing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ingest import values, vocabulary
from ingest.format.column import Column
from ingest.records import IpRecord
from ingest.values import FaultError
from ingest.vocabulary import Vocabulary

_PARTS = ("number", "kind", "status", "filed", "granted", "owner")


def ip_of(column: Column, raw: object, _terms: Vocabulary) -> tuple[IpRecord, ...]:
    """Rights as JSON objects, or as ``number|kind|status|filed|granted|owner`` joined by ``;``."""
    if isinstance(raw, list):
        entries: list[object] = list(raw)
    elif isinstance(raw, str):
        entries = [part for part in re.split(r"[;；\n]", raw) if part.strip()]
    else:
        raise FaultError("not_a_list", raw)
    if len(entries) > values.MOST_VALUES:
        raise FaultError("too_many_values", raw, limit=values.MOST_VALUES, count=len(entries))
    return tuple(_one(entry, column.limit) for entry in entries)


def _one(entry: object, limit: int) -> IpRecord:
    parts = _parts(entry)
    number = values.text_of(parts.get("number") or "", 60)
    kind = _code("ip_kind", parts.get("kind"), "other", entry)
    if not number and kind not in {"trade_secret", "know_how", "other"}:
        raise FaultError("not_an_ip_right", entry)
    filed, granted = _day(parts.get("filed")), _day(parts.get("granted"))
    if filed and granted and granted < filed:
        raise FaultError("range_reversed", entry, low="filed", high="granted")
    # Unstated means what the dates prove and no more.
    unstated = "granted" if granted else "pending" if filed else "none"
    status = _code("ip_status", parts.get("status"), unstated, entry)
    return IpRecord(
        number, kind, status, filed, granted, values.text_of(parts.get("owner") or "", limit)
    )


def _parts(entry: object) -> Mapping[str, object]:
    if isinstance(entry, dict):
        return entry
    if not isinstance(entry, str):
        raise FaultError("not_an_ip_right", entry)
    pieces = [piece.strip() for piece in re.split(r"[|｜]", entry)]
    if len(pieces) > len(_PARTS):
        raise FaultError("not_an_ip_right", entry)
    return dict(zip(_PARTS, pieces, strict=False))


def _code(scheme: str, raw: object, default: str, entry: object) -> str:
    if raw is None or raw == "":
        return default
    text = values.text_of(raw, 60)
    code = vocabulary.fixed_code(scheme, text)
    if code is None:
        raise FaultError("unknown_code", entry, scheme=scheme)
    return code


def _day(raw: object) -> date | None:
    return None if raw is None or raw == "" else values.date_of(raw)
