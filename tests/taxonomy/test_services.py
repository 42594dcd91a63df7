"""The loader against real databases."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.taxonomy import catalogue
from tenon.taxonomy.models import TaxonomyTerm
from tenon.taxonomy.services import LoadReport, load

ALL = sum(len(catalogue.terms(scheme)) for scheme in catalogue.SCHEMES)


def test_load_fills_an_empty_table_with_every_term(session: Session, now: datetime) -> None:
    session.execute(sa.delete(TaxonomyTerm))
    report = load(session, now=now)
    assert report == LoadReport(at=now, inserted=ALL, updated=0, retired=0, unchanged=0)
    stored = session.execute(
        sa.select(TaxonomyTerm.scheme, sa.func.count()).group_by(TaxonomyTerm.scheme)
    )
    assert {scheme: count for scheme, count in stored} == {  # noqa: C416  rows are no pairs to mypy
        scheme: len(catalogue.terms(scheme)) for scheme in catalogue.SCHEMES
    }


def test_load_twice_changes_nothing(session: Session, now: datetime) -> None:
    load(session, now=now)
    report = load(session, now=now)
    assert report == LoadReport(at=now, inserted=0, updated=0, retired=0, unchanged=ALL)


def test_load_stores_what_the_file_says(session: Session, now: datetime) -> None:
    load(session, now=now)
    row = session.get_one(TaxonomyTerm, ("region", "420111"))
    assert (row.parent_code, row.label_zh, row.label_en, row.note_zh, row.retired) == (
        "420100",
        "洪山区",
        "Hongshan District",
        None,
        False,
    )


def test_load_mends_a_row_that_differs(session: Session, now: datetime) -> None:
    load(session, now=now)
    row = session.get_one(TaxonomyTerm, ("ipc", "G02"))
    row.label_en = "Opticks"
    session.flush()
    report = load(session, now=now)
    assert (report.updated, row.label_en) == (1, "Optics")


def test_load_retires_what_the_files_no_longer_carry_once(session: Session, now: datetime) -> None:
    load(session, now=now)
    gone = TaxonomyTerm(
        scheme="ipc", code="Z99", parent_code=None, position=999, label_zh="旧", label_en="Old"
    )
    session.add(gone)
    session.flush()
    assert load(session, now=now).retired == 1
    assert gone.retired is True
    assert load(session, now=now).retired == 0


def test_load_brings_back_a_term_that_was_retired(session: Session, now: datetime) -> None:
    load(session, now=now)
    row = session.get_one(TaxonomyTerm, ("trl", "9"))
    row.retired = True
    session.flush()
    report = load(session, now=now)
    assert (report.updated, row.retired) == (1, False)


def test_load_leaves_the_commit_to_its_caller(session: Session, now: datetime) -> None:
    session.execute(sa.delete(TaxonomyTerm).where(TaxonomyTerm.scheme == "trl"))
    session.commit()
    assert load(session, now=now).inserted == 9
    session.rollback()
    assert load(session, now=now).inserted == 9


def test_the_table_refuses_a_term_without_its_parent(session: Session) -> None:
    session.add(
        TaxonomyTerm(
            scheme="ipc", code="Z01", parent_code="Z", position=1, label_zh="甲", label_en="A"
        )
    )
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()
