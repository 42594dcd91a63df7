"""Rows and filters of the table of terms."""

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import NotFound
from tenon.taxonomy import queries
from tenon.taxonomy.models import TaxonomyTerm
from tenon.taxonomy.services import load


@pytest.fixture(autouse=True)
def _loaded(session: Session, now: datetime) -> None:
    load(session, now=now)


def test_term_gives_the_row(session: Session) -> None:
    assert queries.term(session, "ipc", "G02").label_zh == "光学"


def test_term_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound) as caught:
        queries.term(session, "ipc", "Z99")
    assert caught.value.facts == {"scheme": "ipc", "code": "Z99"}


def test_rows_come_in_the_files_order_without_the_retired_ones(session: Session) -> None:
    queries.term(session, "trl", "4").retired = True
    session.flush()
    assert [row.code for row in queries.rows(session, "trl")] == list("12356789")
    assert [row.code for row in queries.rows(session, "trl", retired=True)] == list("123456789")


def test_within_filters_by_a_term_and_everything_below_it(session: Session) -> None:
    def count(code: str) -> int:
        condition = queries.within(TaxonomyTerm.code, "region", code)
        wanted = (
            sa.select(sa.func.count())
            .select_from(TaxonomyTerm)
            .where(TaxonomyTerm.scheme == "region", condition)
        )
        return session.scalar(wanted) or 0

    assert (count("420111"), count("420100"), count("420000")) == (1, 14, 117)


def test_within_an_unknown_code_is_refused() -> None:
    with pytest.raises(NotFound):
        queries.within(TaxonomyTerm.code, "region", "999999")
