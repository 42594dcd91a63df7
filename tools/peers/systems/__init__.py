"""The systems that are compared, by name. Each is imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from tools.peers.peer import Peer

SYSTEMS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "tenon": ("tools.peers.systems.tenon", "Tenon"),
        "postgres": ("tools.peers.systems.postgres", "Postgres"),
        "txtai": ("tools.peers.systems.txtai", "Txtai"),
        "chromadb": ("tools.peers.systems.chroma", "Chroma"),
        "lancedb": ("tools.peers.systems.lance", "Lance"),
        "milvus-lite": ("tools.peers.systems.milvus", "MilvusLite"),
    }
)


def system(name: str) -> Peer:
    """Return a system by name; importing it needs none of its packages."""
    module, kind = SYSTEMS[name]
    return cast("Peer", getattr(importlib.import_module(module), kind)())
