"""The built-in encoder: tables of word vectors in int8, summed over the words of a text.

What it is for: vectors within microseconds, from a memory-mapped file, with neither torch nor
sentence-transformers in the process.
What it must not know: how the table was made, indexes, other kinds of models.
"""

from __future__ import annotations

import hashlib
import json
import lzma
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
TOKENIZER_FILE = "tokenizer.json.xz"
VECTORS_FILE = "vectors.npy"
SCALES_FILE = "scales.npy"
TURNS_FILE = "turns.npy"
ADDED_FILE = "added.npy"
ADDED_ROWS_FILE = "added_rows.npy"
FORMAT = "tenon-static-2"

WEIGHT_FILES = (
    TOKENIZER_FILE,
    VECTORS_FILE,
    SCALES_FILE,
    TURNS_FILE,
    ADDED_FILE,
    ADDED_ROWS_FILE,
)
"""Everything that decides a vector, in the order in which it is hashed."""

CHINESE, ENGLISH, ADDED = 0, 1, 2
"""Where a token's row stands: in the base and of one language, or among the added rows."""

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

    A token's vector is its scale times its row: one of the base, turned by its language's
    matrix, or, where there is one for it, an added row, which is used as it stands.

    Attributes:
        name: of the model.
        digest: sha256 over the weights, in hexadecimal.
        tokenizer: text to token numbers.
        vectors: the base, int8 (rows, dimensions), memory-mapped; row i is that of token i.
        scales: float32 (tokens,): what a token's row is multiplied by; tokens >= rows.
        turns: float32 (2, dimensions, dimensions): the Chinese and the English matrix.
        added: int8 (m, dimensions), memory-mapped.
        kinds: uint8 (tokens,): CHINESE, ENGLISH or ADDED.
        places: int32 (tokens,): a token's row, in the base or in ``added``.
    """

    name: str
    digest: str
    tokenizer: Tokenizer
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]
    turns: NDArray[np.float32]
    added: NDArray[np.int8]
    kinds: NDArray[np.uint8]
    places: NDArray[np.int32]

    def wide(self) -> Vectors:
        """Every token's vector as it enters a text's sum: float32 (tokens, dimensions)."""
        out = np.empty((self.scales.size, self.vectors.shape[1]), dtype=np.float32)
        for kind in (CHINESE, ENGLISH, ADDED):
            tokens = np.flatnonzero(self.kinds == kind)
            source = self.added if kind == ADDED else self.vectors
            rows = np.asarray(source[self.places[tokens]], dtype=np.float32)
            turned = rows if kind == ADDED else rows @ self.turns[kind]
            out[tokens] = turned * self.scales[tokens, None]
        return out


def is_static_folder(folder: Path) -> bool:
    """Whether ``folder`` claims to hold a model of this kind."""
    return (folder / DESCRIPTION_FILE).is_file()


def weights_digest(folder: Path, chinese: int) -> str:
    """Sha256 in hexadecimal over what decides a vector.

    Args:
        folder: of the model.
        chinese: number of the last Chinese row of the base.
    """
    digest = hashlib.sha256(str(chinese).encode("ascii"))
    for name in WEIGHT_FILES:
        packed = name.endswith(".xz")  # hashed as it reads, however well it was packed
        with lzma.open(folder / name) if packed else (folder / name).open("rb") as file:
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
        _check_format(folder, description)
        chinese = int(description["chinese"])
        digest = weights_digest(folder, chinese)
        if description.get("weights_sha256") != digest:
            raise EncoderUnusable(f"the weights in {folder} are damaged: their checksum differs")
        tokenizer = Tokenizer.from_buffer(lzma.decompress((folder / TOKENIZER_FILE).read_bytes()))
        return _assembled(folder, str(description["name"]), digest, tokenizer, chinese)
    except EncoderUnusable:
        raise
    # tokenizers raises plain Exception for a file it cannot parse.
    except Exception as error:
        raise EncoderUnusable(f"cannot read the model in {folder}: {error}") from error


def _check_format(folder: Path, description: dict[str, Any]) -> None:
    if description.get("format") != FORMAT:
        found = description.get("format")
        raise EncoderUnusable(f"{folder} is of format {found}, {FORMAT} is read here")


def _assembled(
    folder: Path, name: str, digest: str, tokenizer: Tokenizer, chinese: int
) -> StaticTable:
    """Read the arrays; EncoderUnusable where they do not belong together."""
    vectors = np.load(folder / VECTORS_FILE, mmap_mode="r")
    added = np.load(folder / ADDED_FILE, mmap_mode="r")
    scales = np.load(folder / SCALES_FILE).astype(np.float32)
    turns = np.load(folder / TURNS_FILE).astype(np.float32)
    owners = np.load(folder / ADDED_ROWS_FILE).astype(np.int64)
    rows, dimensions = vectors.shape
    kinds = np.full(scales.size, ENGLISH, dtype=np.uint8)
    kinds[1 : chinese + 1] = CHINESE
    places = np.arange(scales.size, dtype=np.int32)
    kinds[owners] = ADDED
    places[owners] = np.arange(owners.size)
    fits = (
        vectors.dtype == added.dtype == np.int8
        and added.shape == (owners.size, dimensions)
        and turns.shape == (2, dimensions, dimensions)
        and bool((kinds[rows:] == ADDED).all())
        and tokenizer.get_vocab_size() == scales.size >= rows
    )
    if not fits:
        raise EncoderUnusable(f"the files in {folder} do not belong together")
    return StaticTable(name, digest, tokenizer, vectors, scales, turns, added, kinds, places)


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
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the model was read from: another process opens the same one by it."""
        return self._folder

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
        sums = np.zeros((3, len(texts), self.dimensions), dtype=np.float32)
        parts: list[str] = []
        owners: list[int] = []
        for place, text in enumerate(texts):
            clean = _clean(text)
            for start in range(0, len(clean), CHARACTERS_AT_ONCE):
                parts.append(clean[start : start + CHARACTERS_AT_ONCE])
                owners.append(place)
        for place, ids in zip(owners, self._ids(parts), strict=True):
            self._add(ids, sums[:, place])
        turns = self._table.turns
        # The turns come after the sums, once a text: a sum of turned rows is the turned sum.
        whole = sums[CHINESE] @ turns[CHINESE] + sums[ENGLISH] @ turns[ENGLISH] + sums[ADDED]
        lengths = np.linalg.norm(whole, axis=1, keepdims=True)
        np.divide(whole, lengths, out=whole, where=lengths > 0)
        return np.asarray(whole)

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

    def _add(self, ids: list[int], sums: Vectors) -> None:
        """Add the rows of these tokens to ``sums`` (3, dimensions), by where they stand."""
        table = self._table
        for start in range(0, len(ids), TOKENS_AT_ONCE):
            tokens = np.array(ids[start : start + TOKENS_AT_ONCE], dtype=np.int64)
            kinds = table.kinds[tokens]
            for kind in (CHINESE, ENGLISH, ADDED):
                own = tokens[kinds == kind]
                if own.size:
                    source = table.added if kind == ADDED else table.vectors
                    rows = source[table.places[own]].astype(np.float32)
                    sums[kind] += table.scales[own] @ rows


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
