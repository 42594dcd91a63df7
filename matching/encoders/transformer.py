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

TOKENS_READ = 512
"""Of each text, unless asked otherwise. Some models read 8,192 or 32,768, which on a processor
without a graphics card takes minutes a text; listings have a few hundred tokens."""

TEXTS_AT_ONCE = 32

_SAMPLE = 64
_QUERY_PROMPTS = ("query",)
_DOCUMENT_PROMPTS = ("document", "passage", "corpus")


class SentenceTransformerEncoder:
    """Wraps one model; queries and documents get the prompts that the model defines for them.

    The prompts are those of the model's own config_sentence_transformers.json (bge and Qwen3
    have one for queries, e5 for both). Where it has none, none are used, and a line is logged.

    Args:
        name_or_path: as ``SentenceTransformer`` takes it.
        tokens: so many of each text are read, or fewer where the model can read no more.
        batch: texts that go through the model at once.

    Raises:
        EncoderUnusable: it cannot be loaded, or gives no vectors.
        ValueError: ``tokens`` or ``batch`` is below one.
    """

    def __init__(
        self, name_or_path: str, *, tokens: int = TOKENS_READ, batch: int = TEXTS_AT_ONCE
    ) -> None:
        if tokens < 1 or batch < 1:
            raise ValueError(f"tokens ({tokens}) and batch ({batch}) must be at least one")
        self._batch = batch
        try:
            self._model = SentenceTransformer(name_or_path)
            self._limit_tokens(tokens)
            self._dimensions = int(self._raw(["probe"], query=True).shape[1])
        # Loading fails in as many ways as there are files in a model and hops to a server.
        except Exception as error:
            raise EncoderUnusable(
                f"cannot load the model {name_or_path}: {error}; name a folder that "
                f"sentence-transformers can load, or a model that this machine has or can fetch"
            ) from error
        self._id = f"{Path(name_or_path).name}-{self._digest()[:12]}"
        self._say_prompts(name_or_path)

    def _limit_tokens(self, tokens: int) -> None:
        own = self._model.max_seq_length
        # A table of word vectors has no limit, and none can be set.
        if own is not None and tokens < own < float("inf"):
            self._model.max_seq_length = tokens

    def _digest(self) -> str:
        """Hash what decides a vector: weights, prompts, tokens read."""
        digest = hashlib.sha256(_weights_digest(self._model).encode("ascii"))
        for kind in (_QUERY_PROMPTS, _DOCUMENT_PROMPTS):
            digest.update(f"\0{self._prompt(kind)}".encode())
        digest.update(f"\0{self._model.max_seq_length}".encode("ascii"))
        return digest.hexdigest()

    def _prompt(self, names: Sequence[str]) -> str:
        prompts = self._model.prompts
        return next((prompt for name in names if (prompt := prompts.get(name))), "")

    def _say_prompts(self, name: str) -> None:
        query, document = self._prompt(_QUERY_PROMPTS), self._prompt(_DOCUMENT_PROMPTS)
        if query or document:
            log.info("%s: prompts %r for queries, %r for documents", name, query, document)
        else:
            log.info(
                "%s defines no prompts; if its card asks for some, as those of e5 do, put them "
                "under 'prompts' in its config_sentence_transformers.json",
                name,
            )

    @property
    def id(self) -> str:
        """Name and a hash over samples of every weight, the prompts and the tokens read."""
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
        vectors = self._raw(clean, query=query)
        empty = np.asarray([not text.strip() for text in clean])
        vectors[empty] = 0.0
        return _unit_rows(vectors, expected=int(empty.sum()))

    def _raw(self, texts: list[str], *, query: bool) -> Vectors:
        """What the model itself gives, (n, dimensions)."""
        encode = self._model.encode_query if query else self._model.encode_document
        # Named here, since sentence-transformers gives a model that calls its prompt "passage"
        # an empty one called "document" besides, and takes that.
        prompt = self._prompt(_QUERY_PROMPTS if query else _DOCUMENT_PROMPTS)
        raw = encode(
            texts,
            prompt=prompt or None,
            batch_size=self._batch,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.array(raw, dtype=np.float32)


def _clean(text: str) -> str:
    head = text[:CHARACTERS_READ]
    return simplify(head.encode("utf-8", "replace").decode("utf-8"))


def _unit_rows(vectors: Vectors, expected: int) -> Vectors:
    """Scale rows to unit length; one that is not finite becomes zeros and so matches nothing.

    Args:
        vectors: (n, dimensions).
        expected: so many rows are zeros because their texts are empty; more are worth a line.
    """
    broken = ~np.isfinite(vectors).all(axis=1)
    if broken.any():
        log.warning("the model gave %d vectors with NaN or infinity; zeroed", int(broken.sum()))
        vectors[broken] = 0.0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    blank = int((lengths == 0).sum()) - int(broken.sum()) - expected
    if blank:
        log.warning("the model gave %d vectors of zeros; their texts match nothing", blank)
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
