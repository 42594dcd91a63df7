"""``tenon audit`` from the outside."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from tenon import history
from tenon.cli import tenon
from tenon.history import HistoryEntry
from tests.factories.accounts import actor_for, make_user


@pytest.fixture
def written(
    session: Session,
    now: datetime,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Session:
    monkeypatch.setenv("TENON_DATABASE_URL", database_url)
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "var"))
    person = actor_for(make_user(session))
    for kind in ("created", "edited"):
        history.record(session, chain=("listing", "a"), kind=kind, by=person, now=now)
    session.commit()
    return session


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(tenon, ["audit", *map(str, arguments)])


def test_verify_of_an_honest_history(written: Session, tmp_path: Path) -> None:
    chains = written.scalar(
        sa.select(
            sa.func.count(
                sa.distinct(HistoryEntry.chain_kind + sa.literal("/") + HistoryEntry.chain_id)
            )
        )
    )
    assert chains
    exported = _run("export", tmp_path / "heads.json")
    assert exported.output == f"{chains} chains written to {tmp_path / 'heads.json'}\n"
    checked = _run("verify", tmp_path / "heads.json")
    assert (checked.exit_code, checked.output) == (0, "history holds\n")


def test_verify_finds_what_was_cut_and_says_so_to_programs(
    written: Session, tmp_path: Path
) -> None:
    _run("export", tmp_path / "heads.json")
    written.execute(sa.delete(HistoryEntry).where(HistoryEntry.sequence == 2))
    written.commit()
    assert _run("verify").exit_code == 0
    checked = _run("verify", tmp_path / "heads.json", "--json")
    assert checked.exit_code == 3
    assert json.loads(checked.output) == [
        {"chain": "listing/a", "sequence": 2, "what": "cut", "detail": ""}
    ]
    assert _run("verify", tmp_path / "heads.json").output == (
        "listing/a entry 2: cut (this entry was the first of those taken off the end)\n1 breaks\n"
    )


def test_verify_elsewhere_needs_the_public_key_alone(
    written: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run("export", tmp_path / "heads.json")
    (tmp_path / "public.pem").write_text(_run("key").output)
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "elsewhere"))
    checked = _run("verify", tmp_path / "heads.json", "--key", tmp_path / "public.pem")
    assert checked.exit_code == 0
    refused = _run("verify", tmp_path / "heads.json")
    assert refused.exit_code == 1
    assert "signature does not fit this key" in refused.output


def test_export_without_a_file_goes_to_var_by_the_day(written: Session, tmp_path: Path) -> None:
    assert _run("export").exit_code == 0
    (file,) = (tmp_path / "var" / "heads").iterdir()
    assert _run("verify", file).exit_code == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"at": 1, "heads": 2, "signature": "x"}'])
def test_verify_refuses_a_file_that_is_no_export(
    written: Session, tmp_path: Path, text: str
) -> None:
    (tmp_path / "file").write_text(text)
    refused = _run("verify", tmp_path / "file")
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: {tmp_path / 'file'}: ")
    assert refused.exception.__class__ is SystemExit
