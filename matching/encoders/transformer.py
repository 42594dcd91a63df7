"""Any sentence-transformers model behind the encoder protocol.

What it is for: using bge-m3, multilingual-e5, Qwen3-Embedding and their like by name or path.
What it must not know: the built-in model, indexes. It is imported only when such a model is
asked for, since it brings torch into the process.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from matching.errors import EncoderUnusable
from matching.script import simplify

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]

CHARACTERS_READ = 100_000
"""Every such model cuts its input after some thousand tokens; what lies far beyond would only
be tokenised and thrown away."""

_SAMPLE = 64


class SentenceTransformerEncoder:
    """Wraps one model; queries and documents get the prompts that the model defines for them.

    Args:
        name_or_path: as ``SentenceTransformer`` takes it.

    Raises:
        EncoderUnusable: it cannot be loaded.
    """

    def __init__(self, name_or_path: str) -> None:
        try:
            self._model = SentenceTransformer(name_or_path)
        # Loading fails in as many ways as there are files in a model and hops to a server.
        except Exception as error:
            raise EncoderUnusable(f"cannot load the model {name_or_path}: {error}") from error
        self._id = f"{Path(name_or_path).name}-{_weights_digest(self._model)[:12]}"
        self._dimensions = int(self._encode(["probe"], query=True).shape[1])

    @property
    def id(self) -> str:
        """Name and a hash over samples of every weight."""
        return self._id

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode n texts with the model's query prompt: float32 (n, dimensions), unit rows."""
        return self._encode(texts, query=True)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Encode n texts with the model's document prompt: float32 (n, dimensions), unit rows."""
        return self._encode(texts, query=False)

    def _encode(self, texts: Sequence[str], *, query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        clean = [_clean(text) for text in texts]
        encode = self._model.encode_query if query else self._model.encode_document
        raw = encode(clean, convert_to_numpy=True, show_progress_bar=False)
        vectors = np.array(raw, dtype=np.float32)
        vectors[[not text.strip() for text in clean]] = 0.0
        return _unit_rows(vectors)


def _clean(text: str) -> str:
    head = text[:CHARACTERS_READ]
    return simplify(head.encode("utf-8", "replace").decode("utf-8"))


def _unit_rows(vectors: Vectors) -> Vectors:
    """Scale rows to unit length; a row that is not finite becomes zeros and so matches nothing."""
    broken = ~np.isfinite(vectors).all(axis=1)
    if broken.any():
        log.warning("the model gave %d vectors with NaN or infinity; zeroed", int(broken.sum()))
        vectors[broken] = 0.0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))


def _weights_digest(model: SentenceTransformer) -> str:
    """Hash the names, shapes and both ends of all weights: enough to tell two models apart."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().flatten().float().cpu().numpy()
        ends = np.concatenate([flat[:_SAMPLE], flat[-_SAMPLE:]])
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(ends.tobytes())
    return digest.hexdigest()
