"""Asking pages: one client after another's answer, and an open loop that does not wait.

In the open loop a question is due at its time whether or not earlier ones were answered, and its
latency counts from then: a server that falls behind shows it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from urllib.parse import urlencode

from tools.bench.site import HOST

ASKERS = 32


@dataclass(frozen=True, slots=True)
class Question:
    """One request: a path, a form's fields for a POST, and the cookie of who asks."""

    path: str
    form: tuple[tuple[str, str], ...] = ()
    cookie: str = ""


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
        headers = {"Cookie": question.cookie} if question.cookie else {}
        try:
            if question.form:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                self._connection.request("POST", question.path, urlencode(question.form), headers)
            else:
                self._connection.request("GET", question.path, headers=headers)
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
    rounds = {name: cycle(questions) for name, questions in kinds.items()}
    plan = (
        ((turn + place / len(rounds)) / rate, name, next(questions))
        for turn in range(round(rate * seconds))
        for place, (name, questions) in enumerate(rounds.items())
    )
    return as_due(port, plan)


def mixed_loop(
    port: int,
    mix: Mapping[str, Sequence[Question]],
    beside: tuple[str, Sequence[Question]],
    *,
    rate: float,
    seconds: float,
) -> dict[str, Latency]:
    """Ask ``rate`` questions a second of all kinds in turn, and as many of the one beside them."""
    return as_due(port, _mixed(mix, beside, rate, round(rate * seconds)))


def _mixed(
    mix: Mapping[str, Sequence[Question]],
    beside: tuple[str, Sequence[Question]],
    rate: float,
    turns: int,
) -> Iterator[tuple[float, str, Question]]:
    rounds = {name: cycle(questions) for name, questions in mix.items()}
    plain = cycle(beside[1])
    for turn, name in zip(range(turns), cycle(rounds), strict=False):
        yield turn / rate, name, next(rounds[name])
        yield (turn + 0.5) / rate, beside[0], next(plain)


def as_due(port: int, plan: Iterable[tuple[float, str, Question]]) -> dict[str, Latency]:
    """Ask each (seconds from the start, kind, question) at its time; Latency by kind."""
    local = threading.local()
    lock = threading.Lock()
    took: dict[str, list[float]] = {}
    failed: dict[str, int] = {}
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

    start = time.perf_counter() + 0.1
    with ThreadPoolExecutor(ASKERS) as pool:
        for offset, name, question in plan:
            took.setdefault(name, [])
            failed.setdefault(name, 0)
            time.sleep(max(0.0, start + offset - time.perf_counter()))
            pool.submit(ask, name, question, start + offset)
    for asker in askers:
        asker.close()
    return {name: Latency.of(took[name], failed[name]) for name in took}
