"""Where the index is in Milvus, and what its collections look like.

What it is for: one place that knows pymilvus' names for fields and indexes. An index is three
collections: documents (vector, words, facets), their texts (in parts, since a field takes 65,535
bytes), and words (in how many documents each stands, and one row of what the index says of
itself). An alias of the index's name points at the documents of the current build.
What it must not know: what is written and asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from matching.errors import IndexMissing, IndexNeedsRebuild, MatchingError
from matching.milvus.weights import Lengths

SCHEMA: Final = 1
META_ROW: Final = -1
MOST_VERSIONS: Final = 8
"""Documents of one listing: its row numbers are eight times its key and what follows."""

MOST_PARTS: Final = 1024
PART: Final = 16_000
"""Characters; 64,000 bytes at most."""

DENSE_INDEX: Final = "AUTOINDEX"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


class MilvusUnavailable(MatchingError):
    """The package pymilvus is missing, or the server refuses or cannot be reached."""


@dataclass(frozen=True, slots=True)
class Place:
    """An index in Milvus.

    Attributes:
        uri: of the server (``http://host:19530``) or a file for the embedded form.
        name: of the alias, and the beginning of the collections' names.
        token: to sign in with (``user:password``); empty for none.
        dense_index: Milvus' name for the kind of vector index; ``FLAT`` is exact.

    Raises:
        ValueError: a name that Milvus does not take.
    """

    uri: str
    name: str = "tenon"
    token: str = field(default="", repr=False)
    dense_index: str = DENSE_INDEX

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"no name for a collection: {self.name!r}")

    @classmethod
    def of(cls, uri: str) -> Place:
        """Return the place that a setting names; a name and password before @ become the token."""
        scheme, found, rest = uri.partition("://")
        user, at, host = rest.rpartition("@")
        return cls(f"{scheme}://{host}", token=unquote(user)) if found and at else cls(uri)


@dataclass(frozen=True, slots=True)
class Meta:
    """What a build says of itself.

    Attributes:
        schema: ``SCHEMA`` at the time of the build.
        encoder: id of the encoder that made the vectors.
        dimensions: length of a vector.
        lengths: by which its words were weighed.
        revision: raised by every commit.
        touched: documents written or removed since the build.
        dirty: a commit began and has not ended.
        documents: by language code.
        listings: how many.
    """

    schema: int
    encoder: str
    dimensions: int
    lengths: Lengths
    revision: int = 0
    touched: int = 0
    dirty: bool = False
    documents: Mapping[str, int] = field(default_factory=dict)
    listings: int = 0

    def to_note(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_note(cls, note: str) -> Meta:
        """Read it back; raises ValueError or TypeError where it is none."""
        raw = json.loads(note)
        return cls(**{**raw, "lengths": Lengths(**raw["lengths"])})


@dataclass(frozen=True, slots=True)
class Build:
    """The collections of one build: documents, texts, words."""

    documents: str

    @property
    def texts(self) -> str:
        """Name of the collection of texts."""
        return f"{self.documents}_texts"

    @property
    def words(self) -> str:
        """Name of the collection of words."""
        return f"{self.documents}_words"

    @property
    def all(self) -> tuple[str, str, str]:
        """All names."""
        return self.documents, self.texts, self.words


def connect(place: Place) -> Any:
    """Return a client of pymilvus.

    Raises:
        MilvusUnavailable: not installed, or nobody answers.
    """
    try:
        from pymilvus import MilvusClient, MilvusException  # noqa: PLC0415 - optional
    except ImportError as error:
        raise MilvusUnavailable(f"the package pymilvus is not installed: {error}") from error
    try:
        return _Client(MilvusClient(place.uri, token=place.token), MilvusException)
    except (MilvusException, OSError) as error:
        raise MilvusUnavailable(f"no Milvus at {place.uri}: {error}") from error


class _Client:
    """A client whose calls raise an error of this library where the server refuses or is gone."""

    def __init__(self, client: Any, failure: type[Exception]) -> None:
        self._client = client
        self._failure = failure

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def telling(*arguments: Any, **named: Any) -> Any:
            try:
                return call(*arguments, **named)
            except self._failure as error:
                raise MilvusUnavailable(f"{name}: {error}") from error

        return telling


def create(client: Any, build: Build, dimensions: int, dense_index: str) -> None:
    """Make the collections of a build, empty and loaded."""
    from pymilvus import DataType  # noqa: PLC0415 - optional

    numbers = ("key", "version", "organisation", "published", "expires", "draw", "grams")
    small = ("side", "language", "readiness", "place")
    documents = _schema(client)
    for name in numbers:
        documents.add_field(name, DataType.INT64)
    for name in small:
        documents.add_field(name, DataType.INT8)
    documents.add_field("tokens", DataType.ARRAY, element_type=DataType.INT64, max_capacity=1024)
    documents.add_field("vector", DataType.FLOAT_VECTOR, dim=dimensions)
    documents.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type=dense_index, metric_type="IP")
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    _create(client, build.documents, documents, indexes)
    texts, words = _schema(client), _schema(client)
    texts.add_field("part", DataType.VARCHAR, max_length=65_535)
    for language in ("zh", "en"):
        words.add_field(language, DataType.INT64)
    words.add_field("note", DataType.VARCHAR, max_length=65_535)
    for name, schema in ((build.texts, texts), (build.words, words)):
        # Milvus takes no collection without a vector.
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
        indexes = client.prepare_index_params()
        indexes.add_index("vector", index_type="FLAT", metric_type="IP")
        _create(client, name, schema, indexes)


def _schema(client: Any) -> Any:
    from pymilvus import DataType  # noqa: PLC0415 - optional

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.INT64, is_primary=True)
    return schema


def _create(client: Any, name: str, schema: Any, indexes: Any) -> None:
    # Strong: what is committed is found by everybody at once, for some latency of the server.
    client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Strong")
    client.load_collection(name)


def builds_of(client: Any, name: str) -> list[Build]:
    """Return all builds that there are of an index, oldest first, finished or not."""
    pattern = re.compile(rf"{re.escape(name)}_g\d{{6,}}")
    found = sorted(one for one in client.list_collections() if pattern.fullmatch(one))
    return [Build(one) for one in found]


def current_build(client: Any, place: Place) -> Build:
    """Return the build that the alias points at.

    Raises:
        IndexMissing: there is none.
    """
    if place.name not in client.list_aliases()["aliases"]:
        raise IndexMissing(Path(place.name))
    return Build(str(client.describe_alias(place.name)["collection_name"]))


def read_meta(client: Any, build: Build, encoder: str | None, name: str) -> Meta:
    """Read and check what a build says of itself.

    Raises:
        IndexNeedsRebuild: of another schema or encoder, or not ours at all.
    """
    rows = rows_by_id(client, build.words, [META_ROW], ["note"])
    try:
        meta = Meta.from_note(rows[META_ROW]["note"])
    except (KeyError, ValueError, TypeError) as error:
        raise IndexNeedsRebuild("foreign", f"{build.words}: {error!r}", Path(name)) from error
    if meta.schema != SCHEMA:
        raise IndexNeedsRebuild("schema", f"has {meta.schema}, wants {SCHEMA}", Path(name))
    if encoder is not None and meta.encoder != encoder:
        raise IndexNeedsRebuild("encoder", f"has {meta.encoder}, wants {encoder}", Path(name))
    return meta


def rows_by_id(
    client: Any, collection: str, ids: Sequence[int], fields: Sequence[str]
) -> dict[int, Mapping[str, Any]]:
    """Return the rows of these ids that there are, some thousand at a time."""
    found: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(ids), 4_000):
        part = list(ids[start : start + 4_000])
        for row in client.query(collection, ids=part, output_fields=["id", *fields]):
            found[int(row["id"])] = row
    return found
