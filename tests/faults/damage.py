"""Damage each file of an index in each way, and tell what readers and the next writer make of it.

Run as a program it is a nursery, as in ``moments``: a file that no longer fits may end a process,
which must show here as a finding and not end the tests.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from matching import store
from matching.documents import Document
from matching.engine import MatchEngine
from matching.errors import IndexMissing, IndexNeedsRebuild
from matching.writer import IndexWriter
from tests.faults.moments import FIRST, _child, document, prepare

ASKED = Document(0, "need", "zh", "求激光切割", "激光切割机")
KEYS = list(range(1, 8))


def emptied(content: bytes) -> bytes:
    """Nothing is left."""
    return content[:0]


def cut(content: bytes) -> bytes:
    """The end is missing."""
    return content[: -max(1, len(content) // 3)]


def grown(content: bytes) -> bytes:
    """Something stands behind the end."""
    return content + b"\x00" * 64


def overwritten(content: bytes) -> bytes:
    """As long as before, and full of something else."""
    return (b"\xff\x00\x7fxyz{" * (len(content) // 7 + 1))[: len(content)]


def scratched(content: bytes) -> bytes:
    """Some bytes in the middle are others."""
    middle = len(content) // 2
    return (
        content[:middle]
        + bytes(byte ^ 0x5A for byte in content[middle:][:16])
        + content[middle + 16 :]
    )


WAYS: tuple[Callable[[bytes], bytes] | None, ...] = (
    emptied,
    cut,
    grown,
    overwritten,
    scratched,
    None,  # removed
)


def read(folder: Path) -> str:
    """Ask an engine all it can be asked; return ``right``, ``other`` answers, or the refusal."""
    engine = MatchEngine(FIRST, folder)
    try:
        found = sorted(key for key, _ in engine.find("激光"))
        matched = sorted(match.key for match in engine.match(ASKED, 20))
        searched = sorted(match.key for match in engine.search("激光", 20, reasons=True))
    except IndexNeedsRebuild as error:
        return f"refused: {error.code}"
    except IndexMissing:
        return "refused: missing"
    right = found == searched == KEYS and set(matched) <= set(KEYS)
    return "right" if right else f"other {found} {matched} {searched}"


def repair(folder: Path) -> str:
    """Write as the site's dispatcher does, which builds anew what cannot be used."""
    try:
        with IndexWriter(FIRST, folder, create=False) as opened:
            opened.add([document(key) for key in KEYS])
            opened.commit()
    except (IndexMissing, IndexNeedsRebuild):
        IndexWriter.rebuild(FIRST, folder, [document(key) for key in KEYS])
    return read(folder)


def both(folder: Path, say: Callable[[str], None]) -> None:
    """Read, then repair."""
    say(read(folder))
    say(repair(folder))


def main(base: Path, ways: int) -> None:
    """Damage each file in so many ways, in turn; print one JSON object for each."""
    template, folder = base / "template", base / "index"
    _child(lambda _: prepare(template))
    generation = store.current_generation(template)
    files = [template / store.POINTER, *sorted(generation.rglob("*"))]
    turn = 0
    for path in files:
        if path.is_dir() or path.name.endswith(".lock"):
            continue
        turn += ways
        for way in (*WAYS, *WAYS)[turn % len(WAYS) :][:ways]:
            name = path.relative_to(template)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(template, folder)
            content = path.read_bytes()
            if way is None:
                (folder / name).unlink()
            else:
                if way(content) == content:
                    continue
                (folder / name).write_bytes(way(content))
            seen, status = _child(lambda say: both(folder, say))
            told = {
                "file": path.name
                if path.parent == generation
                else path.relative_to(template).as_posix(),
                "way": "removed" if way is None else way.__name__,
                "reader": seen[0] if seen else f"ended by {status}",
                "repaired": seen[1] if len(seen) > 1 else f"ended by {status}",
            }
            print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
