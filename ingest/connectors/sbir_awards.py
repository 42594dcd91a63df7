"""Awards of the US SBIR programme: what small firms developed, as achievements.

The firm is known by name alone; spellings that differ in case or punctuation are one firm.
"""

from __future__ import annotations

from ingest.connectors.source import (
    Connector,
    key_of,
    names_in,
    text_in,
    title_from,
    web_address,
)
from ingest.records import AchievementRecord, OrganisationRecord
from ingest.tables import Row

_SOURCE = "sbir_awards"


def _of_row(row: Row) -> tuple[OrganisationRecord | None, AchievementRecord]:
    text = text_in(row, "text")
    firm = text_in(row, "firm")
    organisation = (
        OrganisationRecord(
            _SOURCE, key_of(firm), row.line, "enterprise", name_en=firm, country="US"
        )
        if key_of(firm)
        else None
    )
    words = (
        *names_in(str(row.cells["agency"])),
        *(text_in(row, name) for name in ("program", "phase", "year")),
    )
    achievement = AchievementRecord(
        source=_SOURCE,
        external_id=text_in(row, "id"),
        line=row.line,
        language="en",
        title=title_from(text_in(row, "title"), text),
        summary=text,
        organisation=organisation.external_id if organisation else None,
        keywords=tuple(dict.fromkeys(word for word in words if word)),
        url=web_address(text_in(row, "link")),
    )
    return organisation, achievement


CONNECTOR = Connector(
    "sbir_awards",
    "achievements",
    _SOURCE,
    frozenset({"id", "title", "text", "firm", "agency", "link"}),
    _of_row,
)
