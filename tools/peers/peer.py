"""What a peer must be able to do to be compared, and what is cut and weighed alike for all.

What it is for: the small protocol between the runner and the systems.
What it must not know: which systems there are, test sets, figures.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import rjieba

from matching.dense import FloatArray
from matching.documents import Language
from matching.text import chinese_runs, normalise

LEXICAL: Final = "lexical"
DENSE: Final = "dense"
HYBRID: Final = "hybrid"
MATCH: Final = "match"
"""A whole match of the site without reasons; only Tenon has it."""

FUSED: Final = 60
"""Results of each side that a reciprocal rank fusion takes, where the peer does not say."""


@dataclass(frozen=True, slots=True)
class Text:
    """One document or query.

    Attributes:
        text: as it is.
        language: of the text.
    """

    text: str
    language: Language


class Peer(Protocol):
    """One system. ``build`` and ``open`` run in processes of their own.

    Attributes:
        packages: what must be installed, by distribution; the first names the version.
        modules: the same by what is imported.
        modes: which of lexical, dense, hybrid and match it has.
        configuration: in a few words, for the report.
    """

    packages: Sequence[str]
    modules: Sequence[str]
    modes: Sequence[str]
    configuration: str

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Index the texts, of vectors (n, d), so that another process can open the folder."""
        ...

    def open(self, folder: Path, dimensions: int) -> None:
        """Make ready to answer from what ``build`` left."""
        ...

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """Return the places of the k best texts, best first."""
        ...

    def processes(self) -> list[int]:
        """Return the ids of processes beyond the caller's own that hold the index."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


def missing_of(peer: Peer) -> list[str]:
    """Return the packages of a peer that are not installed."""
    return [
        package
        for package, module in zip(peer.packages, peer.modules, strict=True)
        if importlib.util.find_spec(module) is None
    ]


def version_of(peer: Peer) -> str:
    """Return the installed version of the peer's first package; its name where there is none."""
    name = peer.packages[0]
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:  # runs from the checkout, not installed
        return name


def segmented(text: str) -> str:
    """Put blanks between the words of Chinese runs, for systems that only know blanks.

    The same words as Tenon's own: simplified, long words with the shorter ones inside. All else
    is left to the peer, its own lower-casing and stemming included.
    """
    if text.isascii():
        return text
    cut = normalise(text)
    for run in sorted(set(chinese_runs(text)), key=len, reverse=True):
        cut = cut.replace(run, f" {' '.join(rjieba.cut_for_search(run))} ")
    return cut


def zeros_filled(vectors: FloatArray) -> FloatArray:
    """Give texts without a known word an arbitrary unit vector; some peers refuse zeros."""
    filled = vectors.copy()
    filled[~np.any(filled, axis=1), 0] = 1.0
    return filled
