"""What a later room adds to an actor: the places of the service network that they see.

A register of one: the network adds itself at import. Must not know it.
"""

from __future__ import annotations

from collections.abc import Callable

from tenon.accounts.models import User

Stations = Callable[[User], frozenset[int]]

_STATIONS: list[Stations] = []


def register_stations(stations: Stations) -> None:
    """Say which places somebody sees."""
    _STATIONS[:] = [stations]


def stations_of(user: User) -> frozenset[int]:
    """Return the keys of the places that somebody sees; none where there is no network."""
    return frozenset().union(*(stations(user) for stations in _STATIONS))
