"""Writing the model: the int8 folder that ships, and the plain one for other programs.

What it is for: from a float table and a tokenizer to files, and from the shipped files to a
folder that ``SentenceTransformer(path)`` reads.
What it must not know: where the table came from.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from matching.encoders.static import (
    DESCRIPTION_FILE,
    FORMAT,
    SCALES_FILE,
    TOKENIZER_FILE,
    VECTORS_FILE,
    read_table,
    weights_digest,
)

Vectors = NDArray[np.float32]


def quantise(table: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round every row to 255 steps of its own size.

    Args:
        table: (rows, dimensions).

    Returns:
        int8 (rows, dimensions) and float32 (rows,): their product is within half a step,
        1/254 of the row's largest number, of ``table``.
    """
    largest = np.abs(table).max(axis=1)
    scales = np.where(largest > 0, largest / 127.0, 1.0).astype(np.float32)
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def write_model(folder: Path, *, name: str, tokenizer: Tokenizer, table: Vectors) -> str:
    """Write a model folder for `matching.encoders.static`.

    Args:
        folder: made where missing; files of the same names are replaced.
        name: the model's name, the first part of the encoder's id.
        tokenizer: token numbers are row numbers.
        table: (rows, dimensions); a word's weight is the length of its row.

    Returns:
        The sha256 of the weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vectors, scales = quantise(table)
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    np.save(folder / VECTORS_FILE, vectors)
    np.save(folder / SCALES_FILE, scales)
    digest = weights_digest(folder)
    description = {
        "format": FORMAT,
        "name": name,
        "dimensions": int(table.shape[1]),
        "rows": int(table.shape[0]),
        "weights_sha256": digest,
    }
    text = json.dumps(description, indent=2) + "\n"
    (folder / DESCRIPTION_FILE).write_text(text, encoding="utf-8")
    return digest


def export_plain(model: Path, out: Path) -> None:
    """Expand a model folder to a sentence-transformers folder in float32.

    Args:
        model: folder as `write_model` left it.
        out: made where missing.

    Raises:
        EncoderUnusable: ``model`` cannot be read.

    The plain folder gives the same vectors but for two things that sentence-transformers has no
    place for: traditional characters are not made simplified, and no text is cut in parts.
    """
    table = read_table(model)
    wide = np.asarray(table.vectors, dtype=np.float32) * table.scales[:, None]
    embedding = StaticEmbedding(table.tokenizer, embedding_weights=torch.from_numpy(wide))
    SentenceTransformer(modules=[embedding, Normalize()], device="cpu").save(str(out))
