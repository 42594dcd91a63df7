"""Tax on technology income as information, by the rows of the rule table."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tenon.rules.models import RuleRow
from tenon.sharing.statements import EXEMPT, statement_of
from tenon.sharing.tax import tax_information
from tests.factories.listings import NOW
from tests.factories.sharing import make_income, make_sharing

TODAY = NOW.date()


def test_eight_million_in_a_year(session: Session) -> None:
    """Domain rules 9: the first 5 million exempt, 3 million at half of 25 %: 375,000."""
    sharing = make_sharing(session)
    make_income(session, sharing.deal, 800_000_000)
    found = tax_information(session, sharing.deal, on=TODAY)
    assert found is not None
    assert (found.tax.exempt, found.tax.reduced) == (500_000_000, 300_000_000)
    assert found.tax.tax == 37_500_000
    assert not any(each.verified for each in found.rules)  # and the page says so


def test_only_what_came_in_this_year_counts(session: Session) -> None:
    sharing = make_sharing(session)
    make_income(session, sharing.deal, 700_000_000, on=date(TODAY.year - 1, 12, 31))
    make_income(session, sharing.deal, 600_000_000, key="2")
    found = tax_information(session, sharing.deal, on=TODAY)
    assert found is not None
    assert found.tax.tax == 12_500_000


def test_consulting_has_no_relief_and_nothing_received_says_nothing(session: Session) -> None:
    licence = make_sharing(session)
    assert tax_information(session, licence.deal, on=TODAY) is None
    service = make_sharing(session, form="consulting")
    make_income(session, service.deal, 800_000_000)
    assert tax_information(session, service.deal, on=TODAY) is None


def test_a_tax_free_amount_is_named_only_where_a_rule_names_it(session: Session) -> None:
    user = make_sharing(session).people["first"].id
    assert statement_of(session, user, TODAY.year).exempt is None
    session.add(
        RuleRow(
            code=EXEMPT,
            jurisdiction="CN",
            effective_from=date(2020, 1, 1),
            kind="money",
            value={"value": {"minor": 1_000_000, "currency": "CNY"}},
            applies="binding",
            source_zh="测试依据",
            source_en="a test's source",
            created_at=NOW,
        )
    )
    session.flush()
    found = statement_of(session, user, TODAY.year).exempt
    assert found is not None
    assert (found.money.minor, found.source("zh")) == (1_000_000, "测试依据")
    assert statement_of(session, user, 2019).exempt is None
