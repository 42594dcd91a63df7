"""The site answering from Milvus, where TENON_INDEX names one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from matching.documents import Document
from matching.milvus import Place
from matching.milvus.following import copy_over
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tenon.matches.engine import encoder_of, engine_of
from tenon.settings import SettingsError, load
from tests.lanes import not_run

TEXTS = ("激光切割不锈钢板的设备", "水稻钻心虫的生物防治方法", "锂电池隔膜的陶瓷涂层")


@pytest.fixture
def milvus_file(tmp_path: Path) -> Iterator[Path]:
    """A file for Milvus' embedded form."""
    if any(importlib.util.find_spec(name) is None for name in ("pymilvus", "milvus_lite")):
        not_run("milvus")
    yield tmp_path / "milvus.db"
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_all()


@pytest.mark.milvus
def test_the_setting_chooses_who_answers(tmp_path: Path, milvus_file: Path) -> None:
    settings = load({"TENON_VAR": str(tmp_path / "var"), "TENON_ENVIRONMENT": "test"})
    encoder = encoder_of(settings)
    documents = [Document(key, "achievement", "zh", "", text) for key, text in enumerate(TEXTS, 1)]
    IndexWriter.rebuild(encoder, settings.index_folder, documents)
    copy_over(encoder, SnapshotKeeper(settings.index_folder, encoder.id), Place(str(milvus_file)))
    remote = replace(settings, index=str(milvus_file))
    asked = Document(0, "need", "zh", "", "不锈钢激光切割")
    files, milvus = engine_of(settings), engine_of(remote)
    assert milvus is not files
    assert engine_of(remote) is milvus
    assert milvus.state().generation == "tenon_g000001"
    mine, its = files.match(asked), milvus.match(asked)
    assert [one.key for one in its] == [one.key for one in mine] == [1]
    assert its[0].score == pytest.approx(mine[0].score, abs=1e-3)
    assert its[0].reasons == mine[0].reasons


def test_a_place_that_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TENON_INDEX"):
        load({"TENON_VAR": str(tmp_path), "TENON_INDEX": "milvus.internal"})
