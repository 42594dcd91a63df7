"""The built-in encoder: a table of word vectors in int8, summed over the words of a text.

What it is for: vectors within microseconds, from a memory-mapped file, with neither torch nor
sentence-transformers in the process.
What it must not know: how the table was made, indexes, other kinds of models.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from matching.errors import EncoderUnusable
from matching.script import simplify

DESCRIPTION_FILE = "model.json"
TOKENIZER_FILE = "tokenizer.json"
VECTORS_FILE = "vectors.npy"
SCALES_FILE = "scales.npy"
FORMAT = "tenon-static-1"

CHARACTERS_AT_ONCE = 16_384
"""Longer texts are cut and their sums added: it bounds the tokenizer's memory, and as a text is
the sum of its words, nothing changes but a word that lies across a cut."""

TOKENS_AT_ONCE = 4_096
"""Rows widened to float32 at a time: 4 MB at 256 dimensions, which stays in the cache."""

WORDS_KEPT = 200_000
"""So many words' rows are remembered: English repeats itself, and cutting a word costs more than
looking it up."""

LONGEST_KEPT = 40
"""Longer words are not remembered; they do not come back."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# The two kinds of run that the tokenizer works on, each by itself; see its pre-tokenizer.
_WORD = re.compile("[a-z0-9]+")
_IDEOGRAPHS = re.compile("[〇㐀-䶿一-鿿𠀀-\U000323af]+")

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class StaticTable:
    """The contents of a model folder, checked against each other.

    Attributes:
        name: of the model.
        digest: sha256 over tokenizer, vectors and scales, in hexadecimal.
        tokenizer: text to row numbers.
        vectors: int8 (rows, dimensions), memory-mapped.
        scales: float32 (rows,): what a row is multiplied by.
    """

    name: str
    digest: str
    tokenizer: Tokenizer
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]


def is_static_folder(folder: Path) -> bool:
    """Whether ``folder`` claims to hold a model of this kind."""
    return (folder / DESCRIPTION_FILE).is_file()


def weights_digest(folder: Path) -> str:
    """Sha256 in hexadecimal over the files that decide a vector, in a fixed order."""
    digest = hashlib.sha256()
    for name in (TOKENIZER_FILE, VECTORS_FILE, SCALES_FILE):
        with (folder / name).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def read_table(folder: Path) -> StaticTable:
    """Read a model folder.

    Raises:
        EncoderUnusable: a file is missing, truncated, of another format or altered.
    """
    try:
        description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
        digest = weights_digest(folder)
        _check_description(folder, description, digest)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        vectors = np.load(folder / VECTORS_FILE, mmap_mode="r")
        scales = np.load(folder / SCALES_FILE).astype(np.float32)
    except EncoderUnusable:
        raise
    # tokenizers raises plain Exception for a file it cannot parse.
    except Exception as error:
        raise EncoderUnusable(f"cannot read the model in {folder}: {error}") from error
    if vectors.dtype != np.int8 or vectors.shape[:1] != scales.shape or vectors.ndim != 2:
        raise EncoderUnusable(f"the files in {folder} do not belong together")
    return StaticTable(str(description["name"]), digest, tokenizer, vectors, scales)


def _check_description(folder: Path, description: dict[str, Any], digest: str) -> None:
    if description.get("format") != FORMAT:
        found = description.get("format")
        raise EncoderUnusable(f"{folder} is of format {found}, {FORMAT} is read here")
    if description.get("weights_sha256") != digest:
        raise EncoderUnusable(f"the weights in {folder} are damaged: their checksum differs")


class StaticEncoder:
    """Encodes by looking words up and adding their vectors.

    Queries and documents are encoded alike. Safe to use from several threads.

    Args:
        folder: a model folder as `matching.training` writes it.

    Raises:
        EncoderUnusable: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._table = read_table(folder)
        self._words: dict[str, list[int]] = {}

    @property
    def id(self) -> str:
        """Name and first twelve digits of the weights' sha256."""
        return f"{self._table.name}-{self._table.digest[:12]}"

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return int(self._table.vectors.shape[1])

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode n texts: float32 (n, dimensions), unit rows, zeros where no word is known."""
        return self._encode(texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Encode n texts: float32 (n, dimensions), unit rows, zeros where no word is known."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        sums = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        parts: list[str] = []
        owners: list[int] = []
        for place, text in enumerate(texts):
            clean = _clean(text)
            for start in range(0, len(clean), CHARACTERS_AT_ONCE):
                parts.append(clean[start : start + CHARACTERS_AT_ONCE])
                owners.append(place)
        for place, ids in zip(owners, self._ids(parts), strict=True):
            sums[place] += self._sum(ids)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        np.divide(sums, lengths, out=sums, where=lengths > 0)
        return sums

    def _ids(self, parts: list[str]) -> list[list[int]]:
        """Return each part's rows, in no particular order: words remembered, the rest cut."""
        known = self._words
        found: list[list[int]] = []
        ideographic: list[str] = []
        places: list[int] = []
        for place, part in enumerate(parts):
            text = _normal(part)
            rows: list[int] = []
            for word in _WORD.findall(text):
                rows += known.get(word) or self._rows_of(word)
            found.append(rows)
            if not text.isascii() and (runs := _IDEOGRAPHS.findall(text)):
                ideographic.append(" ".join(runs))
                places.append(place)
        for place, ids in zip(places, self._cut(ideographic), strict=True):
            found[place] += ids
        return found

    def _rows_of(self, word: str) -> list[int]:
        """Cut a word of Latin letters and digits, and remember its rows."""
        rows = self._cut([word])[0]
        if len(word) <= LONGEST_KEPT and len(self._words) < WORDS_KEPT:
            self._words[word] = rows
        return rows

    def _cut(self, texts: list[str]) -> list[list[int]]:
        """Return the rows of each text by the tokenizer itself."""
        tokenizer = self._table.tokenizer
        if len(texts) < 2:
            # No thread pool for the one query of a web request.
            return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _sum(self, ids: list[int]) -> Vectors:
        """Return the sum of the vectors of these rows, float32 (dimensions,)."""
        total = np.zeros(self.dimensions, dtype=np.float32)
        for start in range(0, len(ids), TOKENS_AT_ONCE):
            rows = np.array(ids[start : start + TOKENS_AT_ONCE], dtype=np.int64)
            total += self._table.scales[rows] @ self._table.vectors[rows].astype(np.float32)
        return total


def _clean(text: str) -> str:
    """Simplified characters, and nothing that cannot be written as UTF-8."""
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    return simplify(text)


def _normal(text: str) -> str:
    """Lower case without accents, as the tokenizer's normaliser makes it."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if not unicodedata.combining(c)).lower()
