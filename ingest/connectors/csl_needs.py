"""Needs written in shop-floor Chinese for the CSL papers, each with its English twin."""

from __future__ import annotations

from ingest.connectors.source import Connector, text_in, title_from
from ingest.records import NeedRecord, OrganisationRecord
from ingest.tables import Row

_SOURCE = "csl_needs"


def _of_row(row: Row) -> tuple[OrganisationRecord, NeedRecord]:
    text = text_in(row, "need_zh")
    organisation = OrganisationRecord(
        _SOURCE,
        "csl_needs",
        row.line,
        "service",
        name_zh="企业需求样例集",
        name_en="Collection of sample needs",
        country="CN",
    )
    need = NeedRecord(
        source=_SOURCE,
        external_id=text_in(row, "id"),
        line=row.line,
        language="zh",
        title=title_from(text_in(row, "title_zh"), text),
        background=text,
        organisation=organisation.external_id,
        title_translated=text_in(row, "title_en"),
        background_translated=text_in(row, "need_en"),
    )
    return organisation, need


CONNECTOR = Connector(
    "csl_needs",
    "needs",
    _SOURCE,
    frozenset({"id", "title_zh", "need_zh", "title_en", "need_en"}),
    _of_row,
)
