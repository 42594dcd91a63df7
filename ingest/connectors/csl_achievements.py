"""Papers of the CSL corpus (Chinese scientific literature): abstracts as achievements.

The corpus names no authors and no institutions, so all stand under one organisation of its name.
"""

from __future__ import annotations

from ingest.cells import scrub
from ingest.connectors.source import Connector, text_in, title_from
from ingest.records import AchievementRecord, OrganisationRecord
from ingest.tables import Row

_SOURCE = "csl"


def _of_row(row: Row) -> tuple[OrganisationRecord, AchievementRecord]:
    text = text_in(row, "abstract")
    organisation = OrganisationRecord(
        _SOURCE,
        "csl",
        row.line,
        "service",
        name_zh="中文科学文献数据集（CSL）",
        name_en="Chinese Scientific Literature dataset (CSL)",
        country="CN",
    )
    listed = row.cells.get("keywords")
    words = listed if isinstance(listed, list) else []
    keywords = [scrub(str(word)) for word in words]
    keywords += [text_in(row, "discipline"), text_in(row, "category")]
    achievement = AchievementRecord(
        source=_SOURCE,
        external_id=text_in(row, "id"),
        line=row.line,
        language="zh",
        title=title_from(text_in(row, "title"), text),
        summary=text,
        organisation=organisation.external_id,
        keywords=tuple(dict.fromkeys(word for word in keywords if word)),
    )
    return organisation, achievement


CONNECTOR = Connector(
    "csl_achievements",
    "achievements",
    _SOURCE,
    frozenset({"id", "title", "abstract", "keywords", "discipline", "category"}),
    _of_row,
)
