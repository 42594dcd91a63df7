"""Write the lock files: every package's version with markers, without any address.

Torch is left out (set-up installs it first, by itself), and so are the GPU libraries that its
metadata on some platforms asks for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = re.compile(r"^(torch|triton|nvidia-|cuda-|tenon\b)", re.IGNORECASE)
HEAD = "# Written by `make lock`; do not edit. Torch comes first and by itself: tools/setup.py.\n"


def resolve(*groups: str, held: Sequence[str] = ()) -> list[str]:
    """Return pinned requirement lines for the project and the given dependency groups.

    ``held`` are lines of an earlier answer, whose versions stay.
    """
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--universal", "--quiet",
        "--python-version", "3.11", "--no-header", "--no-annotate", "--no-emit-index-url",
        "--no-emit-find-links",
    ]  # fmt: skip
    for group in groups:
        command += ["--group", group]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(held))
        file.flush()
        command += ["--constraint", file.name]
        done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
    return [line for line in done.stdout.splitlines() if line and not LEFT_OUT.match(line)]


def main() -> None:
    """Write the three lock files: what runs, what tests need besides, what Milvus' tests need."""
    runs = resolve("install")
    tests = [line for line in resolve("install", "dev") if line not in set(runs)]
    known = {*runs, *tests}
    milvus = [line for line in resolve("milvus", held=[*runs, *tests]) if line not in known]
    for name, lines in (("", runs), ("-dev", tests), ("-milvus", milvus)):
        text = HEAD + "\n".join(lines) + "\n"
        (ROOT / f"requirements{name}.lock").write_text(text, encoding="utf-8")
    print(f"{len(runs)} packages to run, {len(tests)} more to test, {len(milvus)} for Milvus")


if __name__ == "__main__":
    main()
