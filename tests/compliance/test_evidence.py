"""The evidence pack: whole, provable without the site, the same bytes for the same deal."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance import evidence
from tenon.compliance.evidence import Pack
from tenon.compliance.services import objecting, publishing
from tenon.deals.models import Deal
from tenon.deals.services import add_file
from tenon.errors import Forbidden, NotFound
from tenon.history import HistoryEntry
from tests.compliance.cast import Cast, published
from tests.compliance.test_objections import SAID
from tests.factories.listings import NOW

PDF = b"%PDF-1.4 signed"


@pytest.fixture
def deal(session: Session, cast: Cast, tmp_path: Path) -> Deal:
    """A deal that was published, objected to, answered, and has files of both sides."""
    found = published(session, cast)
    publicity = publishing.running(session, found)
    assert publicity is not None
    publishing.note_opening(session, publicity, now=NOW)
    made = objecting.object_to(session, publicity, **SAID, by=cast.actor("nobody"), now=NOW)
    by = cast.actor("seller_administrator")
    objecting.decide(session, made, decision="rejected", grounds="无关联。", by=by, now=NOW)
    for role, name, private in (
        ("seller_editor", "合同 签署稿.pdf", False),
        ("buyer_editor", "buyer-only.pdf", True),
    ):
        add_file(
            session,
            found,
            kind="signed_contract",
            name=name,
            content=PDF + role.encode(),
            folder=tmp_path / "files",
            private=private,
            by=cast.actor(role),
            now=NOW,
        )
    return found


def pack_of(session: Session, cast: Cast, deal: Deal, folder: Path, language: str = "zh") -> Pack:
    """The pack as the seller's administrator gets it."""
    by = cast.actor("seller_administrator")
    return evidence.build(session, deal, language=language, folder=folder / "files", by=by)


def opened(pack: Pack) -> dict[str, bytes]:
    """File name -> content."""
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_hash_and_the_chain_hold(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    pack = pack_of(session, cast, deal, tmp_path)
    parts = opened(pack)
    assert evidence.check(pack.content) == []
    listed = {}
    for line in parts[evidence.MANIFEST].decode().splitlines():
        digest, name = line.split("  ", 1)
        listed[name] = digest
    assert set(listed) == set(parts) - {evidence.MANIFEST}
    assert all(hashlib.sha256(parts[name]).hexdigest() == listed[name] for name in listed)
    previous = "0" * 64
    for entry in json.loads(parts["history.json"]):
        body = {key: value for key, value in entry.items() if key != "hash"}
        text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == entry["hash"]
        assert entry["previous"] == previous
        previous = entry["hash"]
    assert previous != "0" * 64


def test_sha256sum_agrees(session: Session, cast: Cast, deal: Deal, tmp_path: Path) -> None:
    pack = pack_of(session, cast, deal, tmp_path)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        archive.extractall(folder)
    program = shutil.which("sha256sum")
    assert program is not None
    done = subprocess.run(  # our own file, a fixed program
        [program, "--strict", "-c", evidence.MANIFEST], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_is_told_agrees_with_history(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    parts = opened(pack_of(session, cast, deal, tmp_path))
    history = {each["kind"]: each["facts"] for each in json.loads(parts["history.json"])}
    (publicity,) = json.loads(parts["publicity.json"])
    assert publishing.hash_of(publicity["body"]) == publicity["sha256"]
    assert history["publicity_started"]["sha256"] == publicity["sha256"]
    assert publicity["opened"] == [{"day": "2026-11-22", "times": 1}]
    (objection,) = publicity["objections"]
    assert hashlib.sha256(objection["text"].encode()).hexdigest() == history["objection"]["sha256"]
    assert history["agree"]["sha256"] == json.loads(parts["terms.json"])["sha256"]
    assert [each["relation"] for each in json.loads(parts["declarations.json"])] == ["none"] * 2
    assert json.loads(parts["approvals.json"])[0]["by_accepting_the_terms"] is True


def test_the_buyers_own_and_contacts_stay_out(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    parts = opened(pack_of(session, cast, deal, tmp_path))
    whole = b"".join(content for name, content in parts.items() if name.endswith(".json")).decode()
    assert SAID["contact"] not in whole
    assert "buyer-only" not in whole
    files = [name for name in parts if name.startswith("files/")]
    assert files == ["files/001-合同_签署稿.pdf"]
    assert parts[files[0]] == PDF + b"seller_editor"


def test_the_same_deal_gives_the_same_bytes(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    first, second = (pack_of(session, cast, deal, tmp_path) for _ in range(2))
    assert first.content == second.content
    english = pack_of(session, cast, deal, tmp_path, "en")
    assert opened(english)["summary.pdf"] != opened(first)["summary.pdf"]
    assert opened(english)["summary.pdf"].startswith(b"%PDF")


def test_taking_it_is_an_entry_with_its_hash(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    pack = pack_of(session, cast, deal, tmp_path)
    later = NOW + timedelta(hours=1)
    evidence.issue(session, deal, pack, by=cast.actor("seller_administrator"), now=later)
    facts = session.scalars(
        sa.select(HistoryEntry.facts).filter_by(chain_id=deal.public_id, kind="evidence_pack")
    ).all()
    assert facts == [{"sha256": hashlib.sha256(pack.content).hexdigest()}]


def test_a_changed_byte_or_entry_shows(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    parts = opened(pack_of(session, cast, deal, tmp_path))
    history = json.loads(parts["history.json"])
    history[1]["facts"]["number"] = 7
    changed = parts | {"history.json": json.dumps(history).encode(), "extra.txt": b"x"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in changed.items():
            archive.writestr(name, content)
    assert evidence.check(out.getvalue()) == ["extra.txt", "history.json", "history.json #2"]


def test_a_file_that_is_gone_is_named(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path
) -> None:
    parts = opened(pack_of(session, cast, deal, tmp_path / "elsewhere"))
    assert [each["present"] for each in json.loads(parts["files.json"])] == [False]


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("seller_editor", Forbidden),
        ("buyer_administrator", Forbidden),
        ("broker", Forbidden),
        ("operator", Forbidden),
        ("other_broker", NotFound),
        ("contributor", NotFound),
        ("visitor", NotFound),
    ],
)
def test_only_the_sellers_administrators_take_it(
    session: Session, cast: Cast, deal: Deal, tmp_path: Path, role: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        evidence.build(session, deal, language="zh", folder=tmp_path, by=cast.actor(role))
