"""The bench's own figures: percentiles, and an open loop that counts from the due time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.bench.load import Latency, Question, mixed_loop, one_client, open_loop


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.05)
        stranger = self.path == "/who" and self.headers["Cookie"] != "session=abc"
        self.send_response(404 if stranger or self.path == "/missing" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Where a small server listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_percentiles_are_those_of_the_answers() -> None:
    found = Latency.of([each / 1000 for each in range(1, 102)], failed=3)
    assert (found.number, found.p50, found.p95, found.worst, found.failed) == (101, 51, 96, 101, 3)


def test_nothing_answered_is_told_as_such() -> None:
    assert Latency.of([], failed=2) == Latency(0, 0, 0, 0, 2)


def test_one_client_asks_in_turn_and_counts_failures(port: int) -> None:
    found = one_client(port, [Question("/"), Question("/missing")], 6)
    assert (found.number, found.failed) == (3, 3)


def test_open_loop_asks_at_its_rate_whatever_the_answers_take(port: int) -> None:
    kinds = {"slow": [Question("/slow")], "quick": [Question("/")]}
    found = open_loop(port, kinds, rate=40, seconds=0.5)
    assert {name: latency.number for name, latency in found.items()} == {"slow": 20, "quick": 20}
    assert found["slow"].p50 >= 50


def test_a_mix_shares_one_rate_and_has_as_many_beside_it(port: int) -> None:
    mix = {"slow": [Question("/slow")], "quick": [Question("/")], "gone": [Question("/missing")]}
    found = mixed_loop(port, mix, ("plain", [Question("/")]), rate=40, seconds=0.75)
    asked = {name: latency.number + latency.failed for name, latency in found.items()}
    assert asked == {"slow": 10, "quick": 10, "gone": 10, "plain": 30}
    assert found["gone"].failed == 10
    assert found["slow"].p50 >= 50


def test_a_question_brings_its_cookie_along(port: int) -> None:
    asked = Question("/who", cookie="session=abc")
    assert one_client(port, [asked], 1).failed == 0
    assert one_client(port, [Question("/who")], 1).failed == 1
