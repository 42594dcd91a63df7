"""Writing the model: the int8 folder that ships, and the plain one for other programs.

What it is for: from a float table and a tokenizer to files, and from the shipped files to a
folder that ``SentenceTransformer(path)`` reads.
What it must not know: where the table came from.
"""

from __future__ import annotations

import json
import lzma
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer

from matching.encoders.static import (
    ADDED_FILE,
    ADDED_ROWS_FILE,
    DESCRIPTION_FILE,
    FORMAT,
    SCALES_FILE,
    TOKENIZER_FILE,
    TURNS_FILE,
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
        1/254 of the row's largest number, of ``table``. A row too small to have steps is zero.
    """
    largest = np.abs(table).max(axis=1)
    has_steps = largest > 127 * np.finfo(np.float32).tiny
    scales = np.where(has_steps, largest / 127.0, 1.0).astype(np.float32)
    return np.rint(table / scales[:, None]).astype(np.int8), scales


@dataclass(frozen=True)
class Refinement:
    """What a second stage lays over a base that stays as it is.

    Attributes:
        weights: float32 (rows,): what each base row's scale is multiplied by.
        turns: float32 (2, dimensions, dimensions): the Chinese and the English matrix.
        owners: int64 (m,), ascending: the tokens whose rows are added or rewritten; every token
            beyond the base is among them.
        added: float32 (m, dimensions): their rows.
    """

    weights: Vectors
    turns: Vectors
    owners: NDArray[np.int64]
    added: Vectors


def write_model(
    folder: Path, *, name: str, tokenizer: Tokenizer, table: Vectors, chinese: int
) -> str:
    """Write a model folder for `matching.encoders.static`, with nothing laid over its base.

    Args:
        folder: made where missing; files of the same names are replaced.
        name: the model's name, the first part of the encoder's id.
        tokenizer: token numbers are row numbers.
        table: (rows, dimensions); a word's weight is the length of its row.
        chinese: number of the last Chinese row; rows 1 to there are Chinese.

    Returns:
        The sha256 of the weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, dimensions = table.shape
    vectors, scales = quantise(table)
    np.save(folder / VECTORS_FILE, vectors)
    nothing = Refinement(
        weights=np.ones(rows, dtype=np.float32),
        turns=np.stack([np.eye(dimensions, dtype=np.float32)] * 2),
        owners=np.zeros(0, dtype=np.int64),
        added=np.zeros((0, dimensions), dtype=np.float32),
    )
    _write_tokenizer(folder, tokenizer)
    return _write_over(folder, name, scales, nothing, chinese)


def write_refined(folder: Path, *, base: Path, tokenizer: Tokenizer, over: Refinement) -> str:
    """Write a base with a second stage laid over it; the base's vectors are copied unchanged.

    Args:
        folder: made where missing; may be ``base`` itself.
        base: a folder that `write_model` wrote.
        tokenizer: the base's with further tokens at its end.
        over: what to lay over.

    Returns:
        The sha256 of the weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    description = json.loads((base / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    scales = np.load(base / SCALES_FILE)
    if folder.resolve() != base.resolve():
        shutil.copyfile(base / VECTORS_FILE, folder / VECTORS_FILE)
    _write_tokenizer(folder, tokenizer)
    return _write_over(folder, description["name"], scales, over, int(description["chinese"]))


def _write_tokenizer(folder: Path, tokenizer: Tokenizer) -> None:
    """Write it packed: a sixth of the size, and unpacked in some 30 ms."""
    text = tokenizer.to_str(pretty=False).encode("utf-8")
    packed = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
    (folder / TOKENIZER_FILE).write_bytes(packed)


def _write_over(
    folder: Path, name: str, base_scales: Vectors, over: Refinement, chinese: int
) -> str:
    added, added_scales = quantise(over.added)
    tokens = max(base_scales.size, int(over.owners.max(initial=-1)) + 1)
    scales = np.ones(tokens, dtype=np.float32)
    scales[: base_scales.size] = base_scales * over.weights
    scales[over.owners] = added_scales
    np.save(folder / SCALES_FILE, scales)
    np.save(folder / TURNS_FILE, over.turns.astype(np.float32))
    np.save(folder / ADDED_FILE, added)
    np.save(folder / ADDED_ROWS_FILE, over.owners.astype(np.int32))
    digest = weights_digest(folder, chinese)
    description = {
        "format": FORMAT,
        "name": name,
        "dimensions": int(added.shape[1]),
        "rows": int(base_scales.size),
        "chinese": chinese,
        "tokens": tokens,
        "added": int(over.owners.size),
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
    wide = torch.from_numpy(table.wide())
    embedding = StaticEmbedding(table.tokenizer, embedding_weights=wide)
    SentenceTransformer(modules=[embedding, Normalize()], device="cpu").save(str(out))
