"""What ``tenon run`` refuses, and that a disk which fills up does no damage."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tenon import schema
from tenon.cli import tenon
from tenon.db import Database
from tenon.operations import serve
from tenon.operations.database import bring_up_to_date
from tenon.operations.instance import hold_instance


def _run(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tenon", "run", *arguments],
        env={"PATH": os.environ["PATH"], "TENON_VAR": str(var)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_run_on_a_used_port_names_another(tmp_path: Path, used_port: int) -> None:
    refused = _run(tmp_path, "--port", str(used_port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Error: Cannot listen on 127.0.0.1:{used_port} (Address already in use). Choose another "
        f"port: tenon run --port {used_port + 1}, or make run PORT={used_port + 1}\n"
    )
    assert not (tmp_path / "tenon.db").exists()


def test_run_twice_on_one_folder_names_the_one_that_runs(tmp_path: Path) -> None:
    with hold_instance(tmp_path, "http://127.0.0.1:8000"):
        refused = _run(tmp_path, "--port", "8001")
    assert refused.returncode == 1
    assert refused.stderr == (
        f"Error: Tenon runs already on {tmp_path} (process {os.getpid()}, http://127.0.0.1:8000). "
        "Stop it first, or set TENON_VAR to another folder.\n"
    )


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_run_refuses_a_port_that_is_none(port: str) -> None:
    refused = CliRunner().invoke(tenon, ["run", "--port", port])
    assert refused.exit_code == 2


def test_run_on_a_disk_with_little_room_says_so_and_begins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENON_VAR", str(tmp_path))
    monkeypatch.setattr(serve, "NEEDED_BYTES", 2**60)
    refused = CliRunner().invoke(tenon, ["run"])
    assert refused.exit_code == 1
    assert f"The disk of {tmp_path} has " in refused.output
    assert "Make room and start again" in refused.output
    assert not (tmp_path / "tenon.db").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB; only root can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("only root can mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_disk_that_fills_up_in_the_middle_does_no_damage(small_disk: Path) -> None:
    with Database(f"sqlite:///{small_disk / 'tenon.db'}") as database:
        with pytest.raises(Exception, match=r"disk is full|No space") as stopped:
            bring_up_to_date(database)
        assert serve.disk_is_full(stopped.value)
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    with Database(f"sqlite:///{small_disk / 'tenon.db'}") as database:
        bring_up_to_date(database)
        assert schema.differences(database) == []


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (ValueError("IoError: No space left on device (os error 28)"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (RuntimeError("anything"), False),
    ],
)
def test_disk_is_full_looks_behind_the_error(error: Exception, full: bool) -> None:
    wrapped = RuntimeError("building failed")
    wrapped.__cause__ = error
    assert serve.disk_is_full(wrapped) is full


def test_settings_that_contradict_become_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tenon", "status"],
        env={"PATH": os.environ["PATH"], "TENON_VAR": str(tmp_path), "TENON_MAIL": "smtp"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "tenon: TENON_MAIL=smtp needs TENON_SMTP_URL\n"
