"""The evidence pack as a ZIP: the same deal gives the same bytes; a manifest names every hash.

The pack holds the history up to itself; that it was taken, with its hash, is the next entry.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.evidence.content import gather, packed_files
from tenon.compliance.recording import record
from tenon.deals import permissions as deals
from tenon.deals.models import Deal, DealFile
from tenon.deals.terms.wording import amount, day
from tenon.documents import keeping, render_pdf

MANIFEST = "MANIFEST.sha256"
README = "README.txt"
SUMMARY = "summary.pdf"
TEMPLATE = "evidence.html"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # what a ZIP can say; a true moment would differ each time
_UNIX = 3
_HERE = Path(__file__).parent
_UNSAFE = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as it is given out.

    Attributes:
        name: of the file.
        content: the ZIP.
        sha256: of the ZIP, in hex.
    """

    name: str
    content: bytes
    sha256: str


def issue(session: Session, deal: Deal, pack: Pack, *, by: Actor, now: datetime) -> None:
    """Enter in the deal's history that a pack was taken; raises NotFound, Forbidden."""
    permissions.require_decide(by, deal)
    record(session, deal, "evidence_pack", {"sha256": pack.sha256}, by=by, now=now)


def build(session: Session, deal: Deal, *, language: str, folder: Path, by: Actor) -> Pack:
    """Return the pack, its summary in ``language``; for the seller's administrators.

    ``folder`` is where files lie under their hash; one that is gone is named in ``files.json``.
    Raises NotFound, Forbidden, and Unavailable where this machine cannot make PDF.
    """
    deals.require_read(by, deal)
    permissions.require_decide(by, deal)
    told = gather(session, deal)
    files, contents = _files(packed_files(session, deal), folder)
    told["files.json"] = files
    parts = {name: _json(value) for name, value in told.items()}
    parts |= contents
    parts[SUMMARY] = render_pdf(TEMPLATE, _shown(told, language), language)
    parts[README] = _how_to_check().encode()
    parts[MANIFEST] = _manifest(parts)
    content = _zip(parts)
    digest = hashlib.sha256(content).hexdigest()
    return Pack(f"evidence-{deal.public_id}.zip", content, digest)


def check(content: bytes) -> list[str]:
    """Return what does not hold in a pack: files that differ, lack or are too many; chain breaks.

    Needs nothing but the pack; empty where all holds.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    listed = {}
    for line in parts[MANIFEST].decode().splitlines():
        digest, _space, name = line.partition("  ")
        listed[name] = digest
    hashes = {name: hashlib.sha256(each).hexdigest() for name, each in parts.items()}
    names = sorted((set(listed) | set(parts)) - {MANIFEST})
    wrong = [name for name in names if hashes.get(name) != listed.get(name)]
    return wrong + _chain_breaks(json.loads(parts["history.json"]))


def _chain_breaks(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    previous, found = "0" * 64, []
    for entry in entries:
        body = {key: value for key, value in entry.items() if key != "hash"}
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        right = hashlib.sha256(text.encode()).hexdigest() == entry["hash"]
        if not right or entry["previous"] != previous:
            found.append(f"history.json #{entry['sequence']}")
        previous = entry["hash"]
    return found


def _files(rows: Iterable[DealFile], folder: Path) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    told, contents = [], {}
    for number, each in enumerate(rows, start=1):
        content = keeping.read(folder, each.sha256)
        name = f"files/{number:03d}-{_UNSAFE.sub('_', each.name)}"
        told.append(
            {
                "name": name,
                "kind": each.kind,
                "sha256": each.sha256,
                "uploaded_at": each.uploaded_at.isoformat(),
                "present": content is not None,
            }
        )
        if content is not None:
            contents[name] = content
    return told, contents


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2)
    return (text + "\n").encode()


def _manifest(parts: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(parts[name]).hexdigest()}  {name}" for name in sorted(parts)]
    return ("\n".join(lines) + "\n").encode()


def _zip(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(parts):
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, parts[name], compresslevel=6)
    return out.getvalue()


def _how_to_check() -> str:
    read = tomllib.loads((_HERE / "how_to_check.toml").read_text(encoding="utf-8"))
    return str(read["text"]).lstrip("\n")


def _shown(told: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return what the summary's template shows: the pack's JSON, and amounts in words."""

    def money(minor: int | None, currency: str) -> str:
        return "" if minor is None else amount(minor, currency, language)

    def moment(text: str | None) -> datetime | None:
        return None if text is None else datetime.fromisoformat(text)

    def day_words(text: str | None) -> str:
        return "" if text is None else day(date.fromisoformat(text), language)

    shown = {name.removesuffix(".json"): value for name, value in told.items()}
    return shown | {"language": language, "money": money, "moment_of": moment, "day_of": day_words}
