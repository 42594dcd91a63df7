"""``tenon import``: exit codes, words, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from tenon.db import Database
from tenon.listings.importing.commands import import_file
from tenon.listings.models import Listing
from tests.factories.accounts import make_organisation
from tests.imports.samples import NEED, ORGANISATIONS, written


@pytest.fixture
def command(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    """Run the command on this test's database."""
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("TENON_DATABASE_URL", url)
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "var"))

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(import_file, [str(each) for each in arguments])

    return run


def call(command: object, *arguments: object) -> Result:
    assert callable(command)
    result: Result = command(*arguments)
    return result


def test_import_says_what_it_did_and_does_it_once(command: object, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", ORGANISATIONS)
    first = call(command, path)
    assert first.exit_code == 0
    assert first.output.splitlines() == [
        "o.jsonl: imported (organisations from manual, utf-8)",
        "  organisations  2 read, 2 new, 0 changed, 0 as before, 0 refused",
    ]
    again = json.loads(call(command, "--json", path).output)
    assert again["counts"]["organisations"]["unchanged"] == 2
    assert again["written"] is True


def test_errors_exit_with_3_and_are_worded(command: object, tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_bytes("编号,语言,标题,背景,备注\nN1,中文,,漏,x\n".encode("gb18030"))
    result = call(command, path)
    assert result.exit_code == 3
    assert result.output.splitlines() == [
        "n.csv: checked, nothing written (needs from manual, gb18030)",
        "  needs          1 read, 0 new, 0 changed, 0 as before, 1 refused",
        "  columns passed over: 备注",
        "  line 2, title: This must be filled in.",
    ]


def test_file_that_cannot_be_read_exits_with_1(command: object, tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("编号,标题,背景\n", encoding="utf-8")
    result = call(command, path)
    assert result.exit_code == 1
    assert result.output == "Error: n.csv, line 1: These columns are missing: language.\n"


def test_dry_run_writes_nothing(command: object, database: Database, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", ORGANISATIONS)
    result = call(command, "--dry-run", path)
    assert result.exit_code == 0
    assert result.output.startswith("o.jsonl: checked, nothing written")
    assert "2 new" in call(command, path).output


def test_options_for_owner_drafts_and_bad_rows(
    command: object, database: Database, tmp_path: Path
) -> None:
    with database.writing() as session:
        owner = make_organisation(session).public_id
    row = {key: value for key, value in NEED.items() if key != "organisation"}
    path = written(tmp_path / "n.jsonl", [row, dict(row) | {"external_id": "N2", "title": ""}])
    result = call(
        command, "--organisation", owner, "--draft", "--skip-bad-rows", "--source", "x-1", path
    )
    assert result.exit_code == 0
    with database.reading() as session:
        listing = session.scalars(sa.select(Listing)).one()
        assert (listing.state, listing.source, listing.organisation.public_id) == (
            "draft", "x-1", owner,
        )  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("--source", "Not A Source"), ("--organisation", "nobody"), ("--kind", "cakes")],
)
def test_wrong_usage_exits_with_2(
    command: object, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    path = written(tmp_path / "o.jsonl", ORGANISATIONS)
    assert call(command, *arguments, path).exit_code == 2


def test_connector_that_does_not_fit_is_refused(command: object, tmp_path: Path) -> None:
    path = written(tmp_path / "o.jsonl", ORGANISATIONS)
    result = call(command, "--connector", "csl_needs", path)
    assert result.exit_code == 1
    assert result.output.endswith("o.jsonl is not a file of csl_needs\n")
