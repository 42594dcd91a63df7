"""The files of the project: what git tracks or would track, or all but what set-up made."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {".venv", "var", "node_modules", ".vendor", "dist", "build", "wheelhouse", "__pycache__"}
SOURCES = ("platform/tenon", "matching", "ingest", "tools", "tests")


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file of the project, as paths relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
        return tuple(sorted(Path(name) for name in names if name and (ROOT / name).is_file()))
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return tuple(
        sorted(
            path
            for path in found
            if not MADE & set(path.parts)
            and not any(part.endswith("_cache") or part == ".git" for part in path.parts)
        )
    )


def modules() -> list[Path]:
    """Return the project's own Python files."""
    return [path for path in project_files() if path.suffix == ".py" and _is_source(path)]


def _is_source(path: Path) -> bool:
    return path.as_posix().startswith(tuple(f"{folder}/" for folder in SOURCES))


def text_of(path: Path) -> str | None:
    """Return a file's text, or None where it is none."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
