"""The built wheel holds everything that is not Python, and runs from a foreign folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.guards.checkout import ROOT, project_files

pytestmark = pytest.mark.xdist_group("wheel")

SERVE = """
import json
import tenon
from tenon import paths, settings
from tenon.app import create_app
app = create_app(settings.load())
client = app.test_client()
print(json.dumps({
    "package": tenon.__file__,
    "templates": str(paths.templates()),
    "answers": {path: client.get(path).status_code for path in ("/healthz", "/terms", "/search")},
    "zh": "跳到正文" in client.get("/terms", headers={"Accept-Language": "zh-CN"}).text,
    "static": client.get("/static/tenon.css").status_code,
}))
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel alone, in a folder of its own, far from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--disable-pip-version-check", "--root-user-action=ignore", "--target", str(folder),
         str(wheel)],
        check=True,
    )  # fmt: skip
    return folder


def _run(installed: Path, var: Path, *arguments: str) -> str:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "TENON_VAR": str(var)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd="/",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _in_wheel(path: Path) -> str | None:
    """Return where a file of the checkout belongs in the wheel; None if it does not."""
    first, *rest = path.parts
    if first == "platform":
        return "/".join(rest)
    if first in {"matching", "ingest"}:
        return path.as_posix()
    if first in {"templates", "migrations"}:
        return f"tenon/{path.as_posix()}"
    return None


def test_wheel_holds_every_file_that_belongs_in_it(wheel: Path) -> None:
    wanted = {name for path in project_files() if (name := _in_wheel(path)) is not None}
    held = set(zipfile.ZipFile(wheel).namelist())
    assert wanted - held == set()
    for part in (
        "tenon/templates/layout/base.html",
        "tenon/migrations/env.py",
        "tenon/taxonomy/terms/ipc.csv",
        "tenon/translations/web/zh_Hans/LC_MESSAGES/messages.po",
        "tenon/translations/web/zh_Hans/LC_MESSAGES/messages.mo",
        "tenon/demo/set/a_needs.jsonl",
        "tenon/web/static/tenon.css",
        "tenon/py.typed",
        "matching/ranking_weights.json",
    ):
        assert part in held


def test_wheel_holds_the_model(wheel: Path) -> None:
    held = [
        name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("matching/models/")
    ]
    assert {Path(name).suffix for name in held} >= {".json", ".md"}
    assert any("LICENSE" in name for name in held)


def test_wheel_holds_nothing_that_was_made_here(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert [
        name for name in held if "__pycache__" in name or name.startswith(("tests", "var"))
    ] == []


def test_installed_wheel_migrates_and_answers_from_a_foreign_folder(
    installed: Path, tmp_path: Path
) -> None:
    version = _run(installed, tmp_path, "-m", "tenon", "--version")
    assert version.startswith("tenon, version ")
    assert _run(installed, tmp_path, "-m", "tenon", "migrate").startswith("migrated to ")
    said = json.loads(_run(installed, tmp_path, "-c", SERVE).splitlines()[-1])
    assert Path(said["package"]).is_relative_to(installed)
    assert Path(said["templates"]) == installed / "tenon" / "templates"
    assert said["answers"] == {"/healthz": 200, "/terms": 200, "/search": 200}
    assert (said["static"], said["zh"]) == (200, True)
