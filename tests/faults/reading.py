"""A reader in a process of its own: asks over and over, and tells what it should never see.

Every generation of ``test_readers`` says one number everywhere, so that a mix of two shows.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from pathlib import Path

import numpy as np

from matching import store
from matching.engine import MatchEngine
from matching.errors import IndexNeedsRebuild
from matching.snapshot import SnapshotKeeper
from tests.faults.moments import FIRST, SECOND

END = "END"


def mix_of(folder: Path) -> str:
    """Look at one snapshot; return what does not belong together, or nothing."""
    snapshot = SnapshotKeeper(folder, None).get()
    encoder = FIRST if snapshot.generation.meta.encoder == FIRST.id else SECOND
    rows = snapshot.live_rows()
    documents = [snapshot.document(int(row)) for row in rows]
    texts = {document.text for document in documents}
    if len(texts) != 1 or len(rows) != 12:
        return f"{len(rows)} documents say {texts}"
    made = encoder.encode_documents([document.full_text for document in documents])
    return "" if np.allclose(made, snapshot.vectors(rows), atol=1e-6) else "vectors of other texts"


def main(folder: Path) -> None:
    """Ask until told to end; print one JSON object."""
    engines = [MatchEngine(encoder, folder) for encoder in (FIRST, SECOND)]
    wrong: list[str] = []
    seen: set[str] = set()
    answered: set[MatchEngine] = set()
    turns = 0
    print("ready", flush=True)
    until = time.monotonic() + 120
    while not (folder / END).exists() and time.monotonic() < until:
        turns += 1
        try:
            wrong += [mix] if (mix := mix_of(folder)) else []
            seen.add(str(store.pointer_stamp(folder)))
        except Exception:  # noqa: BLE001  # told, and found wanting by the test
            wrong.append(traceback.format_exc())
        for engine in engines:
            try:
                found = [key for key, _ in engine.find("激光", 50)]
            except IndexNeedsRebuild as error:
                # Whichever engine has once answered must go on answering, whole.
                if error.code != "encoder" or engine in answered:
                    wrong.append(traceback.format_exc())
                continue
            except Exception:  # noqa: BLE001  # the same
                wrong.append(traceback.format_exc())
                continue
            answered.add(engine)
            if sorted(found) != list(range(12)):
                wrong.append(f"found {found}")
    print(json.dumps({"wrong": wrong[:5], "turns": turns, "seen": len(seen)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
