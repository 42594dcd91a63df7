"""Moving over: Milvus kept up with index files, whatever happens to them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from matching.documents import Document, Where
from matching.milvus import MilvusKeeper, MilvusWriter, Place
from matching.milvus.following import Follower, copy_over
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.unit.matching.milvus.drawing import listing
from tests.unit.matching.small_encoder import WordEncoder

ENCODER = WordEncoder()


def files(folder: Path) -> list[Document]:
    snapshot = SnapshotKeeper(folder, ENCODER.id).get()
    return sorted((snapshot.document(int(row)) for row in snapshot.live_rows()), key=repr)


def milvus(place: Place) -> list[Document]:
    view = MilvusKeeper(place, ENCODER.id, look_seconds=0).get()
    vector = ENCODER.encode_queries(["激光"])
    ((rows, _),) = view.nearest(vector, 500, Where())
    return sorted(view.documents(rows.tolist()).values(), key=repr)


@pytest.mark.milvus
@pytest.mark.parametrize("seed", range(3))
def test_a_follower_brings_over_whatever_changes(place: Place, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with IndexWriter(ENCODER, tmp_path) as writer:
        writer.add([one for key in range(8) for one in listing(key, chance)])
        writer.commit()
        keeper = SnapshotKeeper(tmp_path, ENCODER.id)
        copy_over(ENCODER, keeper, place)
        assert milvus(place) == files(tmp_path)
        with MilvusWriter(ENCODER, place, create_missing=False) as other:
            follower = Follower(keeper, other)
            assert follower.catch_up() == 0
            for turn in range(6):
                writer.add([one for key in {chance.randint(0, 12)} for one in listing(key, chance)])
                writer.remove([chance.randint(0, 12)])
                writer.commit()
                if turn == 3:
                    writer.fold()
                assert follower.catch_up() <= 2
                assert milvus(place) == files(tmp_path)
            kept = files(tmp_path)[:4]
            writer.replace_all(sorted(kept, key=lambda one: one.key))
            follower.catch_up()
            assert follower.catch_up() == 0
            assert {one.key for one in milvus(place)} == {one.key for one in kept}


def test_a_name_and_password_in_the_address_become_the_token() -> None:
    assert Place.of("http://root:p%40ss@milvus:19530") == Place(
        "http://milvus:19530", token="root:p@ss"
    )
    assert Place.of("http://milvus:19530").token == ""
    assert "p@ss" not in repr(Place.of("http://root:p%40ss@milvus:19530"))
