"""Topics of the US SBIR and STTR programmes: what agencies sought, as needs.

Close dates lie in the past; they are kept as deadlines and the sink decides what that means.
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
from ingest.records import NeedRecord, OrganisationRecord
from ingest.tables import Row
from ingest.values import english_date_of

_SOURCE = "sbir_topics"


def _of_row(row: Row) -> tuple[OrganisationRecord | None, NeedRecord]:
    text = text_in(row, "text")
    agencies = names_in(str(row.cells["agency"]))
    # The list runs from department to office: the last is who wrote the topic.
    organisation = (
        OrganisationRecord(
            _SOURCE, key_of(agencies[-1]), row.line, "government", name_en=agencies[-1],
            country="US",
        )
        if agencies
        else None
    )  # fmt: skip
    need = NeedRecord(
        source=_SOURCE,
        external_id=text_in(row, "id"),
        line=row.line,
        language="en",
        title=title_from(text_in(row, "title"), text),
        background=text,
        organisation=organisation.external_id if organisation else None,
        deadline=english_date_of(text_in(row, "close")),
        keywords=tuple(
            dict.fromkeys(
                word
                for word in (*text_in(row, "program").split(","), *text_in(row, "phase").split(","))
                if word
            )
        ),
        url=web_address(text_in(row, "url")),
    )
    return organisation, need


CONNECTOR = Connector(
    "sbir_topics",
    "needs",
    _SOURCE,
    frozenset({"id", "title", "text", "agency", "close", "url"}),
    _of_row,
)
