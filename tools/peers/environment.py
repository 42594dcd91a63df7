"""Make the peers' own virtual environment, var/peers/venv: the site's packages and theirs.

Theirs bring some gigabytes and their own wishes about versions, so the site's environment is left
alone. Uses the standard library alone; safe to repeat.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "peers" / "venv"
PYTHON = PLACE / "bin" / "python"


def main() -> None:
    """Install what is missing; return at once where nothing is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    group: list[str] = project["dependency-groups"]["peers"]
    torch = next(one for one in project["project"]["dependencies"] if one.startswith("torch"))
    lock = ROOT / "requirements.lock"
    mark = PLACE / "peers.stamp"
    wanted = hashlib.sha256(repr(group).encode() + lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return
    print(f"making {PLACE.relative_to(ROOT)}: some minutes and 3 GB", file=sys.stderr, flush=True)
    venv.EnvBuilder(with_pip=True).create(PLACE)
    # Torch first and by itself, as in tools/setup.py; then the locked packages as they stand.
    for arguments in ([torch], ["--no-deps", "--use-pep517", "-r", str(lock)], group):
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, *arguments], check=True)
    mark.write_text(wanted)


if __name__ == "__main__":
    main()
