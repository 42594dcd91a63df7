"""Gather every package and front-end file into wheelhouse/, for machines without a network.

Copied together with the checkout, it makes ``make run`` work offline on the same kind of machine
(same processor, same Python version).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.setup import FRONT_END, LOCKS, ROOT, TORCH, VENDOR, WHEELHOUSE, install_front_end


def main() -> None:
    """Fill wheelhouse/ by way of a draft folder, so that a broken-off run leaves no half of it."""
    draft = ROOT / "wheelhouse.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    wheel = [sys.executable, "-m", "pip", "wheel", "--wheel-dir", str(draft), "--quiet"]
    subprocess.run([*wheel, TORCH], check=True, cwd=ROOT)
    for lock in LOCKS["test"]:
        # Without dependencies: the lock names them all, and torch must stay the one above.
        subprocess.run([*wheel, "--no-deps", "-r", str(ROOT / lock)], check=True, cwd=ROOT)
    if not VENDOR.is_dir():
        install_front_end("run")
    (draft / "vendor").mkdir()
    for name in FRONT_END.values():
        shutil.copyfile(VENDOR / name, draft / "vendor" / name)
    shutil.rmtree(WHEELHOUSE, ignore_errors=True)
    draft.rename(WHEELHOUSE)
    size = sum(file.stat().st_size for file in WHEELHOUSE.rglob("*")) // 1024**2
    print(f"wheelhouse/: {len(list(WHEELHOUSE.glob('*.whl')))} wheels, {size} MB")


if __name__ == "__main__":
    main()
