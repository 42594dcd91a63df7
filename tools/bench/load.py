"""Asking pages: one client after another's answer, and an open loop that does not wait.

In the open loop a question is due at its time whether or not earlier ones were answered, and its
latency counts from then: a server that falls behind shows it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from urllib.parse import urlencode

from tools.bench.site import HOST

ASKERS = 32


@dataclass(frozen=True, slots=True)
class Question:
    """One request: a path, and a form's fields for a POST."""

    path: str
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds of one kind of page.

    Attributes:
        number: answers.
        p50, p95, worst: of those.
        failed: answers that were not 200, or none at all.
    """

    number: int
    p50: float
    p95: float
    worst: float
    failed: int

    @classmethod
    def of(cls, seconds: Sequence[float], failed: int) -> Latency:
        """Summarise."""
        if not seconds:
            return cls(0, 0, 0, 0, failed)
        ordered = sorted(1000 * each for each in seconds)
        return cls(
            len(ordered),
            _quantile(ordered, 0.50),
            _quantile(ordered, 0.95),
            ordered[-1],
            failed,
        )


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


class Asker:
    """One client with one connection, opened anew when it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = HTTPConnection(HOST, port, timeout=30)

    def ask(self, question: Question) -> bool:
        """Ask and read the whole answer; whether it was a good one."""
        try:
            if question.form:
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                self._connection.request("POST", question.path, urlencode(question.form), headers)
            else:
                self._connection.request("GET", question.path)
            answer = self._connection.getresponse()
            answer.read()
        except OSError:
            self._connection.close()
            self._connection = HTTPConnection(HOST, self._port, timeout=30)
            return False
        return answer.status == 200

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def one_client(port: int, questions: Sequence[Question], number: int) -> Latency:
    """Ask ``number`` questions one after the other, going round."""
    asker = Asker(port)
    took: list[float] = []
    failed = 0
    for question in islice(cycle(questions), number):
        start = time.perf_counter()
        if asker.ask(question):
            took.append(time.perf_counter() - start)
        else:
            failed += 1
    asker.close()
    return Latency.of(took, failed)


def open_loop(
    port: int, kinds: Mapping[str, Sequence[Question]], *, rate: float, seconds: float
) -> dict[str, Latency]:
    """Ask ``rate`` questions a second of every kind for so long, due or not answered yet."""
    local = threading.local()
    lock = threading.Lock()
    took: dict[str, list[float]] = {name: [] for name in kinds}
    failed = dict.fromkeys(kinds, 0)
    askers: list[Asker] = []

    def ask(name: str, question: Question, due: float) -> None:
        if not hasattr(local, "asker"):
            local.asker = Asker(port)
            with lock:
                askers.append(local.asker)
        good = local.asker.ask(question)
        late = time.perf_counter() - due
        with lock:
            if good:
                took[name].append(late)
            else:
                failed[name] += 1

    rounds = {name: cycle(questions) for name, questions in kinds.items()}
    start = time.perf_counter() + 0.1
    with ThreadPoolExecutor(ASKERS) as pool:
        for turn in range(round(rate * seconds)):
            for place, (name, questions) in enumerate(rounds.items()):
                due = start + (turn + place / len(rounds)) / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                pool.submit(ask, name, next(questions), due)
    for asker in askers:
        asker.close()
    return {name: Latency.of(took[name], failed[name]) for name in kinds}
