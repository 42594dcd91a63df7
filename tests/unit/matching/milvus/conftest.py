"""Milvus' embedded form, one file for all tests of this folder, an index name for each."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.milvus import Place
from tests.lanes import not_run

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def milvus_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The embedded server's file."""
    if any(importlib.util.find_spec(name) is None for name in ("pymilvus", "milvus_lite")):
        not_run("milvus")
    yield tmp_path_factory.mktemp("milvus") / "index.db"
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_all()


@pytest.fixture
def place(milvus_file: Path) -> Place:
    """An index that does not exist yet; its vector index is exact."""
    return Place(str(milvus_file), name=f"index{next(_numbers)}", dense_index="FLAT")
