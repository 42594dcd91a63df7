"""The log read back: what a case's moves, taken in order, say of how it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class Move(Protocol):
    """What a move has that matters here."""

    @property
    def kind(self) -> str:
        """What happened."""

    @property
    def state(self) -> str:
        """How the case stood after it."""

    @property
    def from_station_id(self) -> int | None:
        """Where it was before."""

    @property
    def to_station_id(self) -> int:
        """Where it was after it."""

    @property
    def from_broker_id(self) -> int | None:
        """Who looked after it before."""

    @property
    def to_broker_id(self) -> int | None:
        """Who looked after it from then on."""

    @property
    def due_on(self) -> date:
        """Until when it was to be answered from then on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands."""

    state: str
    station_id: int
    broker_id: int | None
    due_on: date
    risen: int


class BrokenLog(ValueError):
    """A move does not begin where the one before it ended."""


def replay(moves: Iterable[Move]) -> Standing | None:
    """Return how a case stands by its moves in order; None without any.

    Raises BrokenLog where one does not follow from the one before it.
    """
    stands: Standing | None = None
    for each in moves:
        station = None if stands is None else stands.station_id
        broker = None if stands is None else stands.broker_id
        if (each.from_station_id, each.from_broker_id) != (station, broker):
            raise BrokenLog(f"{each.kind} begins elsewhere than the case was")
        if stands is None and each.kind != "received":
            raise BrokenLog(f"a case begins by being received, not by {each.kind}")
        risen = 0 if stands is None or each.kind == "reopened" else stands.risen
        stands = Standing(
            each.state,
            each.to_station_id,
            each.to_broker_id,
            each.due_on,
            risen + (each.kind == "escalated"),
        )
    return stands
