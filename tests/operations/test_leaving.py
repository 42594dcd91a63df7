"""A process that is told to stop while a thread is inside the model ends well."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The interpreter's own end is made to last, as many modules make it, until the thread comes back.
SCRIPT = """
import threading, time
import torch
from tenon.operations.leaving import leave

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(3)

began = threading.Event()

def multiply():
    while True:
        began.set()
        torch.zeros(700, 700) @ torch.zeros(700, 700)

slow = Slow()
{thread}
print("stopping")
leave()
print("an ordinary end")
del slow.__class__.__del__
"""
BUSY = "threading.Thread(target=multiply, daemon=True).start(); began.wait()"


@pytest.mark.parametrize(
    ("thread", "words"), [(BUSY, "stopping\n"), ("", "stopping\nan ordinary end\n")]
)
def test_status_is_0_whether_or_not_a_thread_is_at_work(thread: str, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(thread=thread)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, words), ended.stderr
