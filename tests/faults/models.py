"""Small real models on disk: the shipped one cut to fewer dimensions, still in two languages."""

from __future__ import annotations

import re
from pathlib import Path

from matching.encoder import SHIPPED_MODEL
from matching.encoders.static import read_table
from matching.training.folder import write_model


def cut_model(folder: Path, dimensions: int, *, sign: int = 1) -> Path:
    """Save the shipped model with its first ``dimensions``; a sign of -1 turns one language round.

    A model that has Chinese words on the other side of the origin fails the self-check.
    """
    shipped = read_table(SHIPPED_MODEL)
    table = shipped.wide()[:, :dimensions].copy()
    if sign < 0:
        words = shipped.tokenizer.get_vocab().items()
        rows = [row for word, row in words if re.search("[一-鿿]", word)]
        table[rows] *= sign
    write_model(folder, name=folder.name, tokenizer=shipped.tokenizer, table=table, chinese=0)
    return folder
