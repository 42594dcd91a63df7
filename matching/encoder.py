"""Text to vectors: the protocol, the loader and the check that refuses a one-language model.

What it is for: giving everyone else one small interface, whatever model stands behind it.
What it must not know: indexes, ranking, listings, where settings come from beyond one variable
of the environment.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from matching.errors import EncoderUnusable

log = logging.getLogger("matching")

Vectors = NDArray[np.float32]

ENVIRONMENT_VARIABLE = "TENON_ENCODER"
SHIPPED_MODEL = Path(__file__).parent / "models" / "tenon-static"

REQUIRED_MARGIN = 0.15
"""Least lead of a paraphrase over an unrelated text, as a cosine, on every probe.

Bilingual models lead by 0.3 and more; one that knows English alone gives Chinese texts vectors
that depend on little but their length, and leads by about nothing.
"""


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors whose inner product says how close they are in meaning."""

    @property
    def id(self) -> str:
        """Stable identity: name and hash of the weights. Vectors of two ids never mix."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode what is asked.

        Args:
            texts: n texts, in any language the model knows; empty ones allowed.

        Returns:
            float32 (n, dimensions), rows of unit length; a text without a known word gives zeros.
        """
        ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Encode what may be found; shapes as for `encode_queries`."""
        ...


class UnsuitableEncoder(EncoderUnusable):
    """The model does not place Chinese and English of one meaning together.

    Args:
        name: the model as it was asked for.
        margin: least lead of a paraphrase over an unrelated text that it reached, as a cosine.
        required: lead that is asked for.
    """

    def __init__(self, name: str, margin: float, required: float) -> None:
        super().__init__(
            f"{name} does not match Chinese with English: its least lead of a translation over "
            f"an unrelated text is {margin:.3f}, at least {required:.2f} is needed; name a "
            f"bilingual or multilingual model in {ENVIRONMENT_VARIABLE}, or unset it"
        )
        self.name = name
        self.margin = margin
        self.required = required


@dataclass(frozen=True)
class Probe:
    """A Chinese text, an English text of the same meaning, and an English one of another."""

    chinese: str
    same: str
    other: str


PROBES = (
    Probe(
        "激光切割钢板的设备",
        "equipment for cutting steel plates by laser",
        "traditional herbal medicine for chronic cough",
    ),
    Probe(
        "治疗糖尿病的新药物",
        "a new drug for treating diabetes",
        "satellite navigation receiver for ships",
    ),
    Probe(
        "提高水稻产量的种植方法",
        "planting methods that increase the yield of rice",
        "encryption of wireless network traffic",
    ),
    Probe(
        "锂电池的安全与寿命",
        "safety and lifetime of lithium batteries",
        "teaching history in secondary schools",
    ),
)


def self_check(encoder: Encoder) -> float:
    """Measure how far translations lead over unrelated texts.

    Args:
        encoder: any encoder.

    Returns:
        The least lead over all probes, as a difference of cosines, between -2 and 2.
    """
    chinese = encoder.encode_queries([probe.chinese for probe in PROBES])
    same = encoder.encode_documents([probe.same for probe in PROBES])
    other = encoder.encode_documents([probe.other for probe in PROBES])
    leads = np.einsum("nd,nd->n", chinese, same - other)
    return float(leads.min())


def finite(vectors: Vectors) -> Vectors:
    """Return vectors in which a row with NaN or infinity is zeros, so that it matches nothing.

    One such row in an index, or one such query, would spoil the answers about all others.
    """
    broken = np.asarray(~np.isfinite(vectors).all(axis=1))
    if not broken.any():
        return vectors
    log.warning("the encoder gave %d vectors with NaN or infinity; zeroed", int(broken.sum()))
    return np.where(broken[:, None], np.float32(0), vectors)


def load_encoder(name_or_path: str | Path | None = None) -> Encoder:
    """Load an encoder and make sure that it knows both languages.

    Args:
        name_or_path: a folder of the built-in static kind, or the name or folder of any
            sentence-transformers model; None for the one named by TENON_ENCODER, and where
            that is unset or empty, for the model shipped with the library.

    Raises:
        EncoderUnusable: the model is missing, damaged or cannot be loaded.
        UnsuitableEncoder: it loads, but fails the Chinese-English self-check.
    """
    wanted = str(name_or_path or os.environ.get(ENVIRONMENT_VARIABLE, "").strip() or SHIPPED_MODEL)
    encoder = _open(wanted)
    margin = self_check(encoder)
    # Written so that a margin of NaN is refused as well.
    if not margin >= REQUIRED_MARGIN:
        raise UnsuitableEncoder(wanted, margin, REQUIRED_MARGIN)
    return encoder


def _open(wanted: str) -> Encoder:
    # Imported here: the one pulls in tokenizers, the other torch, and callers that only name the
    # protocol need neither.
    from matching.encoders.static import StaticEncoder, is_static_folder  # noqa: PLC0415

    if is_static_folder(Path(wanted)):
        return StaticEncoder(Path(wanted))
    from matching.encoders.transformer import SentenceTransformerEncoder  # noqa: PLC0415

    return SentenceTransformerEncoder(wanted)
