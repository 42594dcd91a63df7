"""The five public sources: small files of their shape, and the real ones where they lie."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.connectors import CONNECTORS, by_name, sniff
from ingest.errors import Rejected
from ingest.records import AchievementRecord, NeedRecord, OrganisationRecord, Record
from ingest.vocabulary import fixed_codes
from tests.unit.ingest.files import jsonl, written

LISTINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "listings"
FILES = {
    "sbir_topics": ("sbir_topics.jsonl.gz", 2_776),
    "sbir_awards": ("sbir_awards.jsonl.gz", 8_100),
    "csl_achievements": ("csl_achievements.jsonl.gz", 2_000),
    "csl_needs": ("csl_needs.jsonl", 72),
    "nasa_software": ("nasa_software.csv", 424),
}
real = pytest.mark.skipif(
    not LISTINGS.is_dir(), reason="the public files are not beside the checkout (../shared)"
)

TOPIC = {
    "id": "T1", "title": "", "text": "Seek a pump. It must not leak.",
    "agency": "['Department of Energy', 'ARPA-E']", "program": "SBIR,STTR", "phase": "Phase I",
    "open": "January 10, 2017", "close": "March 30, 2017", "url": "1",
}  # fmt: skip
AWARD = {
    "id": "A1", "title": "Pump", "text": "It doesn\x92t leak", "firm": "Acme Example, LLC",
    "agency": "[None]", "phase": "Phase II", "program": "SBIR", "year": "2018",
    "link": "https://example.com/1",
}  # fmt: skip


def read(path: Path) -> list[Record | Rejected]:
    found = sniff(path)
    assert found.connector is not None
    return list(found.connector.read(found.table))


def test_topic_without_a_title_takes_its_first_sentence(tmp_path: Path) -> None:
    assert read(jsonl(tmp_path / "t.jsonl", [TOPIC])) == [
        OrganisationRecord(
            "sbir_topics", "arpa-e", 1, "government", name_en="ARPA-E", country="US"
        ),
        NeedRecord(
            "sbir_topics", "T1", 1, "en", "Seek a pump.", TOPIC["text"], "arpa-e",
            deadline=date(2017, 3, 30), keywords=("SBIR", "STTR", "Phase I"),
        ),
    ]  # fmt: skip


def test_firms_that_differ_in_case_alone_are_one(tmp_path: Path) -> None:
    other = AWARD | {"id": "A2", "firm": "ACME EXAMPLE LLC"}
    first, *listings = read(jsonl(tmp_path / "t.jsonl", [AWARD, other]))
    assert isinstance(first, OrganisationRecord)
    assert (first.kind, first.name_en) == ("enterprise", "Acme Example, LLC")
    assert [(x.organisation, x.summary) for x in listings if isinstance(x, AchievementRecord)] == [
        ("acme-example-llc", "It doesn’t leak")
    ] * 2


def test_paper_keeps_its_keywords_and_discipline(tmp_path: Path) -> None:
    row = {"id": "c", "title": "题", "abstract": "文<br>摘", "keywords": ["甲", "乙"],
           "discipline": "力学", "category": "工学"}  # fmt: skip
    _, paper = read(jsonl(tmp_path / "t.jsonl", [row]))
    assert isinstance(paper, AchievementRecord)
    assert (paper.source, paper.language, paper.summary) == ("csl", "zh", "文\n摘")
    assert paper.keywords == ("甲", "乙", "力学", "工学")


def test_need_carries_its_translation(tmp_path: Path) -> None:
    row = {"id": "n", "title_zh": "泵", "need_zh": "漏", "title_en": "Pump", "need_en": "Leaks"}
    _, need = read(jsonl(tmp_path / "t.jsonl", [row]))
    assert isinstance(need, NeedRecord)
    assert (need.title, need.background) == ("泵", "漏")
    assert (need.title_translated, need.background_translated) == ("Pump", "Leaks")


def test_software_release_decides_the_deal_form(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv",
        "id,ref_id,agency,project_name,project_overview,category,release_type,download_link,github_repo\n"
        "1,N-1,JPL,One,<p>First</p>,ops,Open Source,NA,https://example.com/one\n"
        "2,N-2,JPL,Two,Second,ops,U.S. Release Only,https://example.com/two,NA\n",
    )
    centre, one, two = read(path)
    assert isinstance(centre, OrganisationRecord)
    assert isinstance(one, AchievementRecord)
    assert isinstance(two, AchievementRecord)
    assert centre.name_en == "NASA Jet Propulsion Laboratory"
    assert (one.deal_forms, one.summary) == (("licence_open",), "First")
    assert (two.deal_forms, two.url) == (("licence_nonexclusive",), "https://example.com/two")


def test_row_of_a_source_without_its_columns_is_rejected(tmp_path: Path) -> None:
    short = {key: value for key, value in AWARD.items() if key not in {"firm", "text"}}
    rows = read(jsonl(tmp_path / "t.jsonl", [AWARD, short, AWARD]))
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert [(e.line, e.column, e.code) for row in rejected for e in row.errors] == [
        (2, "firm", "required"),
        (2, "text", "required"),
        (3, "external_id", "duplicate_in_file"),
    ]


def test_sniff_tells_a_file_in_the_import_format(tmp_path: Path) -> None:
    found = sniff(written(tmp_path / "t.csv", "编号,语言,标题,背景\n", "gb18030"))
    assert (found.connector, found.kind, found.form) == (None, "needs", "csv")
    other = sniff(written(tmp_path / "u.csv", "x,y\n"))
    assert (other.connector, other.kind) == (None, None)


def test_by_name_knows_all_and_no_other() -> None:
    assert [by_name(connector.name) for connector in CONNECTORS] == list(CONNECTORS)
    with pytest.raises(KeyError):
        by_name("nothing")


@real
@pytest.mark.realdata
@pytest.mark.parametrize("name", FILES)
def test_real_file_is_read_whole(name: str) -> None:
    file, count = FILES[name]
    found = sniff(LISTINGS / file)
    assert found.connector is by_name(name)
    rows = read(LISTINGS / file)
    assert [row for row in rows if isinstance(row, Rejected)] == []
    listings = [row for row in rows if isinstance(row, (AchievementRecord, NeedRecord))]
    organisations = {row.external_id for row in rows if isinstance(row, OrganisationRecord)}
    assert len(listings) == count
    assert len({listing.external_id for listing in listings}) == count
    assert {listing.organisation for listing in listings} == organisations
    for listing in listings:
        text = listing.summary if isinstance(listing, AchievementRecord) else listing.background
        assert 3 <= len(listing.title) <= 300
        assert len(text) >= 27
        assert set(listing.deal_forms) <= set(fixed_codes("deal_form"))


@real
@pytest.mark.realdata
def test_real_files_hold_13372_records() -> None:
    count = 0
    for file, _ in FILES.values():
        count += sum(isinstance(r, (AchievementRecord, NeedRecord)) for r in read(LISTINGS / file))
    assert count == 13_372
