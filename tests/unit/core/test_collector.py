"""A serving process leaves alone what it made before its first page."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tenon.collector import leave_alone_what_stays


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_was_made_before_is_walked_no_more() -> None:
    kept = [[number] for number in range(1_000)]
    leave_alone_what_stays()
    walked = {id(each) for each in gc.get_objects()}
    assert not walked & {id(each) for each in kept}


def test_what_is_made_later_is_still_collected() -> None:
    leave_alone_what_stays()
    ring: list[object] = []
    ring.append(ring)
    del ring
    assert gc.collect() >= 1
