"""Public sources that the library can read as they are published: one file a source.

A connector yields an organisation's record before the first listing that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.connectors import csl_achievements, csl_needs, nasa_software, sbir_awards, sbir_topics
from ingest.connectors.source import Connector
from ingest.format import guess_kind
from ingest.limits import Limits
from ingest.records import Kind
from ingest.tables import Row, Table, open_table

__all__ = ["CONNECTORS", "Connector", "Sniffed", "by_name", "sniff"]

CONNECTORS: tuple[Connector, ...] = (
    sbir_topics.CONNECTOR,
    sbir_awards.CONNECTOR,
    csl_achievements.CONNECTOR,
    csl_needs.CONNECTOR,
    nasa_software.CONNECTOR,
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is.

    Attributes:
        connector: the public source it is of; None for a file in the import format.
        kind: what it holds; None where neither a source nor the format fits.
        form: ``csv``, ``xlsx`` or ``jsonl``.
        encoding: of its text; None for a workbook.
        table: the file, opened.
    """

    connector: Connector | None
    kind: Kind | None
    form: Literal["csv", "xlsx", "jsonl"]
    encoding: str | None
    table: Table


def by_name(name: str) -> Connector:
    """Return the connector of a source.

    Raises:
        KeyError: no source has this name.
    """
    return {connector.name: connector for connector in CONNECTORS}[name]


def sniff(path: Path, limits: Limits | None = None) -> Sniffed:
    """Tell what a file is by its column names (in JSON Lines: the first row's keys).

    Raises:
        FileError: the file cannot be read at all.
    """
    table = open_table(path, limits)
    names = frozenset(table.header or next(table.read(), Row(0, {})).cells)
    connector = next((c for c in CONNECTORS if c.columns <= names), None)
    kind = connector.kind if connector else guess_kind(sorted(names))
    return Sniffed(connector, kind, table.form, table.encoding, table)
