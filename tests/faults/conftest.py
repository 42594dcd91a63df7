"""A site on models of its own, and the models."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.encoders.static import SCALES_FILE
from tenon.db import Database
from tenon.matches import encoders, indexing
from tenon.matches.sites import remember_site
from tenon.settings import Settings
from tests.faults.models import cut_model
from tests.postgres import fast_folder


@pytest.fixture(scope="module")
def quick_path() -> Iterator[Path]:
    """A folder in memory where there is one, since faults are tried many times over."""
    with tempfile.TemporaryDirectory(dir=fast_folder(), prefix="tenon-faults-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models ``first`` (64 dimensions), ``second``, ``unfit`` and ``broken``."""
    folder = tmp_path_factory.mktemp("models")
    cut_model(folder / "first", 64)
    cut_model(folder / "second", 48)
    cut_model(folder / "unfit", 48, sign=-1)
    scales = cut_model(folder / "broken", 48) / SCALES_FILE
    scales.write_bytes(scales.read_bytes()[:-100])
    return folder


@pytest.fixture(scope="session", autouse=True)
def shipped() -> None:
    """Load the shipped model once for all tests of the process."""
    encoders.load(encoders.SHIPPED)


@pytest.fixture
def site(settings: Settings, database: Database) -> Iterator[Settings]:
    """Settings whose database handlers can find; the index's writer is closed at the end."""
    remember_site(settings)
    yield settings
    indexing.release(settings)
