"""Set-up refuses with a remedy, does nothing twice, and mends what was broken off."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import venv
from collections import namedtuple
from functools import partial
from pathlib import Path

import pytest

from tools import setup

Version = namedtuple("Version", "major minor micro")  # as sys.version_info is


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which set-up may be tried, with nothing to install and so no room needed."""
    (tmp_path / "tools").mkdir()
    for name in (*setup.LOCKS["test"], "pyproject.toml", "package-lock.json", "tools/setup.py"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(setup, "VENDOR", tmp_path / ".vendor")
    monkeypatch.setattr(setup, "WHEELHOUSE", tmp_path / "wheelhouse")
    monkeypatch.setattr(setup, "NEEDED_BYTES", 0)
    return tmp_path


@pytest.fixture
def installed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set-up would install, noted instead; environments without pip, which is slow to make."""
    done: list[str] = []
    builder = partial(venv.EnvBuilder, symlinks=True)
    monkeypatch.setattr(venv, "EnvBuilder", lambda **_: builder(clear=True, with_pip=False))
    monkeypatch.setattr(setup, "works", Path.exists)
    monkeypatch.setattr(setup, "install_packages", done.append)
    monkeypatch.setattr(setup, "install_front_end", lambda _purpose: None)
    return done


def test_old_python_is_refused_with_another_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 10, 4))
    with pytest.raises(setup.SetupError, match=r"make run PYTHON=python3\.12"):
        setup.check_python()


def test_python_without_venv_is_refused_with_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(setup.SetupError, match="apt-get install python3-venv"):
        setup.check_python()


def test_set_up_happens_once_and_again_when_a_lock_changes(
    checkout: Path, installed: list[str]
) -> None:
    setup.set_up("run")
    setup.set_up("run")
    assert installed == ["run"]
    (checkout / "requirements.lock").write_text("another version")
    setup.set_up("run")
    assert installed == ["run", "run"]


def test_set_up_for_tests_is_asked_for_by_itself(checkout: Path, installed: list[str]) -> None:
    setup.set_up("run")
    setup.set_up("test")
    setup.set_up("test")
    assert installed == ["run", "test"]


def test_set_up_broken_off_goes_on_the_next_time(
    checkout: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(_purpose: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "install_packages", broken_off)
    with pytest.raises(KeyboardInterrupt):
        setup.set_up("run")
    monkeypatch.setattr(setup, "install_packages", installed.append)
    setup.set_up("run")
    assert installed == ["run"]


def test_environment_whose_python_is_gone_is_made_anew(
    checkout: Path, installed: list[str]
) -> None:
    setup.set_up("run")
    setup.PYTHON.unlink()
    setup.PYTHON.symlink_to("/nowhere/python")
    setup.set_up("run")
    assert setup.PYTHON.exists()
    assert installed == ["run", "run"]


def test_disk_with_little_room_is_refused_before_anything_is_made(
    checkout: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "NEEDED_BYTES", 2**60)
    with pytest.raises(setup.SetupError, match=r"the disk has \d+ MB left"):
        setup.set_up("run")
    assert not setup.VENV.exists()


def test_second_set_up_of_one_folder_waits_for_the_first(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = []

    def second() -> None:
        with setup.one_at_a_time():
            order.append("second")

    with setup.one_at_a_time():
        thread = threading.Thread(target=second)
        thread.start()
        said = ""
        while "another one is at work in this folder" not in said:
            said += capsys.readouterr().out
            time.sleep(0.01)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_front_end_that_npm_cannot_fetch_does_not_stop_set_up(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "npm", lambda: ["false"])
    setup.install_front_end("run")
    assert "pages work without" in capsys.readouterr().out
    assert not setup.VENDOR.exists()


def test_front_end_comes_from_the_wheelhouse_where_there_is_one(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = setup.WHEELHOUSE / "vendor"
    bundled.mkdir(parents=True)
    for name in setup.FRONT_END.values():
        (bundled / name).write_text(name)
    monkeypatch.setattr(setup, "npm", lambda: pytest.fail("asked npm"))
    setup.install_front_end("run")
    assert sorted(path.name for path in setup.VENDOR.iterdir()) == sorted(setup.FRONT_END.values())


def test_failing_step_is_one_line_and_says_to_repeat(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_purpose: str) -> None:
        raise subprocess.CalledProcessError(1, ["pip", "install", "x"])

    monkeypatch.setattr(setup, "set_up", fail)
    monkeypatch.setattr(sys, "argv", ["setup.py", "--for", "run"])
    with pytest.raises(SystemExit, match=r"pip install x \.\.\. failed .* run the same command"):
        setup.main()


def test_interrupt_is_one_line_and_says_how_to_go_on(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_purpose: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(setup, "set_up", interrupt)
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    with pytest.raises(SystemExit, match="interrupted; the same command goes on from here"):
        setup.main()
