"""``tenon translations check``: what it prints and its exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tenon.web import catalogues
from tenon.web.catalogues import Finding, Report
from tenon.web.commands import translations


def check(monkeypatch: pytest.MonkeyPatch, report: Report, *options: str) -> tuple[int, str]:
    monkeypatch.setattr(catalogues, "check", lambda: report)
    result = CliRunner().invoke(translations, ["check", *options])
    return result.exit_code, result.output


def test_check_is_content_when_all_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, Report(7)) == (0, "7 messages: all translated\n")


def test_check_names_findings_and_exits_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(7, [Finding("missing", "Save", ("web/forms.py:3",))])
    code, output = check(monkeypatch, report)
    assert code == 3
    assert output == "missing: 'Save'\n    web/forms.py:3\n7 messages: 1 missing\n"


def test_check_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(7, [Finding("fuzzy", "Save", ("web",))])
    code, output = check(monkeypatch, report, "--json")
    assert code == 3
    assert json.loads(output) == {
        "said": 7,
        "findings": [{"kind": "fuzzy", "message": "Save", "places": ["web"]}],
    }
