"""Kill a process at every moment of a piece of index work: before each thing it does to the disk.

Run as a program it is a nursery: it loads the libraries once, starts no thread, and forks a child
for each moment. The child takes a fresh copy of an index, works, and kills itself with SIGKILL
before its n-th act; another child then opens what is left and tells what it finds.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from matching import lexical, recoding, store
from matching.documents import Document, Facets, Where
from matching.errors import MatchingError
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tests.unit.matching.small_encoder import WordEncoder

FIRST, SECOND = WordEncoder(), WordEncoder(16, "others")
ACTS = (
    (os, ("fsync", "write", "pwrite", "ftruncate", "replace", "rename", "link", "unlink", "mkdir")),
    (shutil, ("rmtree",)),
    (faiss, ("write_index",)),
    (np, ("save",)),
    (lexical.LexicalWriter, ("commit", "close")),
)


def document(key: int, text: str = "激光切割") -> Document:
    """A document whose key is also its organisation."""
    return Document(key, "achievement", "zh", f"第{key}号", text, Facets(organisation=key))


def prepare(folder: Path) -> None:
    """An index with a build, and a journal over it."""
    IndexWriter.rebuild(FIRST, folder, [document(key) for key in range(6)])
    with IndexWriter(FIRST, folder) as opened:
        opened.add([document(6), document(7)])
        opened.remove([0])
        opened.commit()


def commit(folder: Path, say: Callable[[str], None]) -> None:
    """Replace one, add one, remove one."""
    opened = IndexWriter(FIRST, folder)
    say("begun")
    opened.add([document(1, "水稻种植"), document(8)])
    opened.remove([2])
    opened.commit()
    say("done")


def fold(folder: Path, say: Callable[[str], None]) -> None:
    """Fold the journal in, and go on writing."""
    opened = IndexWriter(FIRST, folder)
    say("begun")
    opened.fold()
    opened.add([document(1, "水稻种植"), document(8)])
    opened.remove([2])
    opened.commit()
    say("done")


def rebuild(folder: Path, say: Callable[[str], None]) -> None:
    """Build anew."""
    say("begun")
    wanted = [document(key) for key in (3, 4, 5, 6, 7, 8)]
    IndexWriter.rebuild(FIRST, folder, [document(1, "水稻种植"), *wanted])
    say("done")


def encode(folder: Path, say: Callable[[str], None]) -> None:
    """Move to another encoder, after a change."""
    opened = IndexWriter(FIRST, folder)
    opened.add([document(1, "水稻种植"), document(8)])
    opened.remove([2])
    opened.commit()
    say("begun")
    work = recoding.Recoding(folder, FIRST.id, SECOND)
    while not work.step(0).complete:
        pass
    opened.move_to(SECOND, work.vectors_of)
    say("done")


SCENARIOS = {work.__name__: work for work in (commit, fold, rebuild, encode)}
OLD = dict.fromkeys(range(1, 8), "激光切割")
NEW = {1: "水稻种植"} | dict.fromkeys(range(3, 9), "激光切割")


def look(folder: Path) -> dict[str, Any]:
    """Tell what a reader, the next writer, and a reader after that find."""
    current = store.read_meta(store.current_generation(folder)).encoder
    encoder = FIRST if current == FIRST.id else SECOND
    before = _texts(folder, encoder.id)
    with IndexWriter(encoder, folder) as opened:
        opened.add([document(99, "光纤")])
    after = _texts(folder, encoder.id)
    snapshot = SnapshotKeeper(folder, encoder.id).get()
    rows = snapshot.live_rows()
    made = encoder.encode_documents([snapshot.document(int(row)).full_text for row in rows])
    return {
        "before": before,
        "after": after,
        "encoder": current,
        "vectors_agree": bool(np.allclose(made, snapshot.vectors(rows), atol=1e-6)),
        "worded": {word: _worded(folder, encoder.id, word) for word in ("激光", "水稻", "光纤")},
        "generations": len(list(folder.glob("g*"))),
        "left": sorted(path.name for path in folder.iterdir() if path.name.startswith(".")),
    }


def _texts(folder: Path, encoder: str) -> dict[str, str]:
    snapshot = SnapshotKeeper(folder, encoder).get()
    found = [snapshot.document(int(row)) for row in snapshot.live_rows()]
    return {str(each.key): each.text for each in found}


def _worded(folder: Path, encoder: str, word: str) -> list[int]:
    from matching.asking import LexicalQuery

    snapshot = SnapshotKeeper(folder, encoder).get()
    hits = snapshot.generation.lexical.search(LexicalQuery.of(word), "zh", 50, Where())
    rows = snapshot.rows_of_serials(hits.serials)
    return sorted(int(key) for key in snapshot.column("key", rows[rows >= 0]))


def _arm(moment: int) -> None:
    """Let every act on the disk count, and the ``moment``-th be the last that is not done."""
    left = [moment]

    def counting(act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*given, **named)

        return counted

    for owner, names in ACTS:
        for name in names:
            setattr(owner, name, counting(getattr(owner, name)))


def _child(work: Callable[[Callable[[str], None]], None]) -> tuple[list[str], int]:
    """Run in a forked child; return the lines it said, and its wait status."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1
        try:
            write = os.write

            def say(line: str) -> None:
                write(writing, f"{line}\n".encode())

            work(say)
            status = 0
        except MatchingError as error:
            os.write(writing, f"refused {error}\n".encode())
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        said = lines.read().splitlines()
    return said, os.waitpid(pid, 0)[1]


def main(name: str, base: Path, spread: int) -> None:
    """Try the moments of a scenario, every ``spread``-th; print one JSON object for each."""
    template, folder = base / "template", base / "index"
    _child(lambda _: prepare(template))
    moment, killed = 1, True
    while killed:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)

        def work(say: Callable[[str], None], moment: int = moment) -> None:
            _arm(moment)
            SCENARIOS[name](folder, say)

        said, status = _child(work)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        found, seen = _child(lambda say: say(json.dumps(look(folder))))
        print(
            json.dumps(
                {
                    "moment": moment,
                    "said": said,
                    "killed": killed,
                    "status": status,
                    "found": found,
                    "seen": seen,
                }
            ),
            flush=True,
        )
        moment += spread


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
