"""``tenon taxonomy`` from a terminal."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from tenon.db import Database
from tenon.taxonomy.commands import taxonomy
from tenon.taxonomy.models import TaxonomyTerm


@pytest.fixture
def runner(database_url: str, tmp_path: Path) -> CliRunner:
    return CliRunner(env={"TENON_DATABASE_URL": database_url, "TENON_VAR": str(tmp_path / "var")})


def test_load_commits_and_reports(runner: CliRunner, database: Database) -> None:
    with database.writing() as session:
        session.execute(sa.delete(TaxonomyTerm).where(TaxonomyTerm.scheme == "trl"))
    result = runner.invoke(taxonomy, ["load", "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["inserted"], report["retired"]) == (9, 0)
    with database.reading() as session:
        assert session.get_one(TaxonomyTerm, ("trl", "9")).label_en == "Proven in use"


def test_load_in_words(runner: CliRunner) -> None:
    runner.invoke(taxonomy, ["load"])
    result = runner.invoke(taxonomy, ["load"])
    assert result.stdout.startswith("0 inserted, 0 updated, 0 retired, ")


def test_list_indents_children() -> None:
    result = CliRunner().invoke(taxonomy, ["list", "ipc", "--language", "en"])
    lines = result.stdout.splitlines()
    assert lines[:2] == [
        "A  Human necessities",
        "  A01  Agriculture, forestry, animal husbandry and fishing",
    ]
    assert len(lines) == 140


def test_search_names_the_scheme() -> None:
    result = CliRunner().invoke(taxonomy, ["search", "光学"])
    assert result.stdout.splitlines()[0] == "ipc:G02  光学"


def test_search_without_a_find_exits_1() -> None:
    assert CliRunner().invoke(taxonomy, ["search", "qqqq"]).exit_code == 1


def test_resolve_prints_the_one_term() -> None:
    result = CliRunner().invoke(taxonomy, ["resolve", "region", "Wuhan", "--json"])
    assert (result.exit_code, [each["code"] for each in json.loads(result.stdout)]) == (
        0,
        ["420100"],
    )


def test_resolve_of_an_ambiguous_name_shows_them_and_exits_1() -> None:
    result = CliRunner().invoke(taxonomy, ["resolve", "region", "Suzhou", "--language", "en"])
    assert result.exit_code == 1
    assert result.stderr == "2 terms have that name: Suzhou\n"


def test_unknown_scheme_is_wrong_usage() -> None:
    assert CliRunner().invoke(taxonomy, ["list", "colour"]).exit_code == 2
