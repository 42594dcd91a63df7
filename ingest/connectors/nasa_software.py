"""NASA's software catalogue: programs that its centres release, as achievements.

What a release type allows decides the deal form: open source is an open licence, everything else
is a licence on application and without exclusivity.
"""

from __future__ import annotations

from ingest.connectors.source import Connector, key_of, text_in, title_from, web_address
from ingest.records import AchievementRecord, OrganisationRecord
from ingest.tables import Row

_SOURCE = "nasa_software"
_CENTRES = {
    "AFRC": "NASA Armstrong Flight Research Center",
    "ARC": "NASA Ames Research Center",
    "DFRC": "NASA Dryden Flight Research Center",
    "GRC": "NASA Glenn Research Center",
    "GSFC": "NASA Goddard Space Flight Center",
    "HQ": "NASA Headquarters",
    "JPL": "NASA Jet Propulsion Laboratory",
    "JSC": "NASA Johnson Space Center",
    "KSC": "NASA Kennedy Space Center",
    "LARC": "NASA Langley Research Center",
    "MSFC": "NASA Marshall Space Flight Center",
    "SSC": "NASA Stennis Space Center",
}


def _of_row(row: Row) -> tuple[OrganisationRecord | None, AchievementRecord]:
    text = text_in(row, "project_overview")
    centre = text_in(row, "agency")
    organisation = (
        OrganisationRecord(
            _SOURCE,
            key_of(centre),
            row.line,
            "institute",
            name_en=_CENTRES.get(centre.upper(), f"NASA {centre}"),
            country="US",
        )
        if centre
        else None
    )
    release = text_in(row, "release_type")
    words = (text_in(row, "ref_id"), text_in(row, "category"), release)
    achievement = AchievementRecord(
        source=_SOURCE,
        external_id=text_in(row, "id"),
        line=row.line,
        language="en",
        title=title_from(text_in(row, "project_name"), text),
        summary=text,
        organisation=organisation.external_id if organisation else None,
        deal_forms=("licence_open" if release == "Open Source" else "licence_nonexclusive",),
        keywords=tuple(dict.fromkeys(word for word in words if word)),
        url=web_address(text_in(row, "github_repo")) or web_address(text_in(row, "download_link")),
    )
    return organisation, achievement


CONNECTOR = Connector(
    "nasa_software",
    "achievements",
    _SOURCE,
    frozenset({"id", "ref_id", "agency", "project_name", "project_overview", "release_type"}),
    _of_row,
)
