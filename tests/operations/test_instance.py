"""One running instance a folder, whatever became of the one before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tenon.operations.instance import AlreadyRunning, hold_instance

HOLD = """
import sys, time
from pathlib import Path
from tenon.operations.instance import hold_instance
with hold_instance(Path(sys.argv[1]), "http://127.0.0.1:8000"):
    print("held", flush=True)
    time.sleep(60)
"""


def _holding(var: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_instance_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    with _holding(tmp_path) as process:
        with pytest.raises(AlreadyRunning) as told, hold_instance(tmp_path, "elsewhere"):
            pass
        process.kill()
    assert str(told.value) == f"process {process.pid}, http://127.0.0.1:8000"


def test_folder_is_free_again_when_its_holder_was_killed(tmp_path: Path) -> None:
    with _holding(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
    with hold_instance(tmp_path, "http://127.0.0.1:9000"):
        text = (tmp_path / "run.lock").read_text()
    assert text == f"process {os.getpid()}, http://127.0.0.1:9000"


def test_other_folder_is_free(tmp_path: Path) -> None:
    with hold_instance(tmp_path / "a", ""), hold_instance(tmp_path / "b", ""):
        assert (tmp_path / "b" / "run.lock").exists()
