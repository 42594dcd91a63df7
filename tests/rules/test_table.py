"""What a rule says in a place on a day; rows that operators add, correct and end; loads."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.history.proof import verify
from tenon.rules import queries, services, values
from tenon.rules.catalogue import catalogue
from tenon.rules.models import RuleRow
from tenon.rules.queries import RuleFilter, find_rule, rule
from tenon.rules.services import Wording
from tests.conftest import NOW
from tests.factories.accounts import actor_for, grant_role, make_user

TODAY = date(2026, 11, 22)
HANGZHOU, HAIDIAN, WUHAN = "330100", "110108", "420100"


@pytest.fixture
def operator(session: Session) -> Actor:
    return actor_for(grant_role(session, make_user(session), "operator"))


def wording(**changes: object) -> Wording:
    values: dict[str, object] = {
        "effective_to": None,
        "value": 20,
        "applies": "binding",
        "source_zh": "示例市条例第三条",
        "source_en": "Regulations of an invented city, article 3",
        "verified": True,
    }
    return Wording(**(values | changes))  # type: ignore[arg-type]  # as the test says


def add(session: Session, by: Actor, **changes: object) -> RuleRow:
    said: dict[str, object] = {
        "code": "price_publicity_days",
        "jurisdiction": WUHAN,
        "effective_from": date(2026, 1, 1),
    }
    said |= {name: changes.pop(name) for name in list(changes) if name in said}
    return services.add_rule(session, wording=wording(**changes), by=by, now=NOW, **said)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize(
    ("place", "transfer", "own_use"),
    [("CN", "50", "5"), (HANGZHOU, "70", "10"), (HAIDIAN, "70", "5"), (WUHAN, "50", "5")],
)
def test_the_teams_floor_is_that_of_the_region_or_else_of_the_country(
    session: Session, place: str, transfer: str, own_use: str
) -> None:
    for code, expected in (("team_floor_transfer", transfer), ("team_floor_own_use", own_use)):
        found = rule(session, code, jurisdiction=place, on=TODAY)
        assert (found.value, found.unit, found.binding) == (Decimal(expected), "percent", True)


def test_publicity_lasts_fifteen_days_and_says_where_that_was_read(session: Session) -> None:
    zhejiang = rule(session, "price_publicity_days", jurisdiction=HANGZHOU, on=TODAY)
    country = rule(session, "price_publicity_days", jurisdiction=WUHAN, on=TODAY)
    assert (zhejiang.number, zhejiang.jurisdiction, zhejiang.verified) == (15, "330000", True)
    assert (country.number, country.jurisdiction, country.verified) == (15, "CN", False)
    assert "article 17" in zhejiang.source("en")
    assert "第十七条" in zhejiang.source("zh")


@pytest.mark.parametrize(
    ("filed", "years"),
    [(date(2021, 5, 31), 10), (date(2021, 6, 1), 15), (date(2010, 1, 1), 10)],
)
def test_a_designs_term_depends_on_the_day_of_filing(
    session: Session, filed: date, years: int
) -> None:
    assert rule(session, "patent_term_design", jurisdiction=None, on=filed).number == years


def test_no_rule_before_it_began_and_none_that_nobody_made(session: Session) -> None:
    with pytest.raises(NotFound, match="no_rule"):
        rule(session, "team_floor_transfer", jurisdiction="CN", on=date(2015, 9, 30))
    assert rule(session, "team_floor_transfer", jurisdiction="CN", on=date(2015, 10, 1)).binding
    assert find_rule(session, "main_contributors_share", jurisdiction="CN", on=TODAY) is None
    assert find_rule(session, "price_of_tea", jurisdiction="CN", on=TODAY) is None


def test_a_division_that_the_taxonomy_lacks_follows_its_city_or_province(session: Session) -> None:
    assert queries.places_above("330106") == ("330100", "330000", "CN")
    assert queries.places_above("US") == ("CN",)
    assert queries.places_above(None) == ("CN",)


def test_a_city_may_be_stricter_from_some_day_on(session: Session, operator: Actor) -> None:
    add(session, operator, effective_from=date(2026, 7, 1))
    before = rule(session, "price_publicity_days", jurisdiction=WUHAN, on=date(2026, 6, 30))
    after = rule(session, "price_publicity_days", jurisdiction=WUHAN, on=date(2026, 7, 1))
    assert (before.number, after.number) == (15, 20)
    every = queries.holding(session, jurisdiction=WUHAN, on=TODAY)
    assert every["price_publicity_days"].number == 20
    assert every["team_floor_transfer"].jurisdiction == "CN"


def test_two_rows_never_hold_on_one_day(session: Session, operator: Actor) -> None:
    first = add(session, operator, effective_to=date(2026, 6, 30))
    for since, until in (
        (date(2026, 6, 30), None),
        (date(2025, 1, 1), date(2026, 1, 1)),
        (date(2025, 1, 1), None),
        (date(2026, 2, 1), date(2026, 3, 1)),
    ):
        with pytest.raises(Invalid) as refused:
            add(session, operator, effective_from=since, effective_to=until)
        assert refused.value.fields == {"effective_from": "overlaps"}
    second = add(session, operator, effective_from=date(2026, 7, 1))
    with pytest.raises(Invalid) as refused:
        services.edit_rule(
            session, first, wording=wording(effective_to=date(2026, 7, 1)), by=operator, now=NOW
        )
    assert refused.value.fields == {"effective_to": "overlaps"}
    services.end_rule(session, second, on=date(2026, 7, 31), by=operator, now=NOW)
    add(session, operator, effective_from=date(2026, 8, 1), value=30)


@settings(deadline=None, max_examples=40)
@given(
    spans=st.lists(
        st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 30))), max_size=8
    ),
    day=st.integers(-5, 100),
)
def test_whatever_is_added_a_day_has_one_row_at_most(
    sqlite_template: object, spans: list[tuple[int, int | None]], day: int
) -> None:
    """Against the plain reading: a row is refused when it shares a day with one that is there."""
    begin = date(2030, 1, 1)
    kept: list[tuple[date, date]] = []
    with Database(f"sqlite:///{sqlite_template}") as database, database.writer() as session:
        by = actor_for(grant_role(session, make_user(session), "operator"))
        for start, length in spans:
            since = begin + timedelta(start)
            until = None if length is None else since + timedelta(length)
            free = all(since > last or (until or date.max) < first for first, last in kept)
            try:
                add(session, by, effective_from=since, effective_to=until)
            except Invalid:
                assert not free
            else:
                assert free
                kept.append((since, until or date.max))
        on = begin + timedelta(day)
        found = rule(session, "price_publicity_days", jurisdiction=WUHAN, on=on)
        own = any(first <= on <= last for first, last in kept)
        assert found.jurisdiction == (WUHAN if own else "CN")
        session.rollback()


def test_only_operators_write(session: Session) -> None:
    by = actor_for(make_user(session))
    with pytest.raises(Forbidden):
        add(session, by)
    row = session.scalars(sa.select(RuleRow).limit(1)).one()
    with pytest.raises(Forbidden):
        services.edit_rule(session, row, wording=wording(), by=by, now=NOW)
    with pytest.raises(Forbidden):
        services.end_rule(session, row, on=TODAY, by=by, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"code": "price_of_tea"}, "code", "unknown_code"),
        ({"jurisdiction": "Atlantis"}, "jurisdiction", "unknown_code"),
        ({"effective_from": None}, "effective_from", "required"),
        ({"effective_to": date(2025, 12, 31)}, "effective_to", "out_of_order"),
        ({"value": "twenty"}, "value", "not_a_number"),
        ({"source_zh": " "}, "source_zh", "required"),
        ({"source_en": "x" * 1001}, "source_en", "too_long"),
        ({"applies": "perhaps"}, "applies", "unknown_code"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    session: Session, operator: Actor, changes: dict[str, object], field: str, problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        add(session, operator, **changes)
    assert refused.value.fields == {field: problem}


def test_a_row_ends_on_or_after_its_first_day(session: Session, operator: Actor) -> None:
    row = add(session, operator)
    for on, problem in ((None, "required"), (date(2025, 12, 31), "out_of_order")):
        with pytest.raises(Invalid) as refused:
            services.end_rule(session, row, on=on, by=operator, now=NOW)
        assert refused.value.fields == {"on": problem}
    services.end_rule(session, row, on=date(2026, 1, 1), by=operator, now=NOW)
    after = rule(session, "price_publicity_days", jurisdiction=WUHAN, on=date(2026, 1, 2))
    assert after.jurisdiction == "CN"


def test_an_operators_edit_is_never_overwritten_by_a_load(
    session: Session, operator: Actor
) -> None:
    row = queries.rows(session, RuleFilter(code="licence_filing_months"))[0]
    services.edit_rule(session, row, wording=wording(value=2), by=operator, now=NOW)
    untouched = queries.rows(session, RuleFilter(code="use_right_min_years"))[0]
    untouched.value = {"value": 9}
    own = add(session, operator, code="contract_registration_days", jurisdiction="330000")
    session.flush()
    report = services.load(session, now=NOW)
    assert (report.inserted, report.updated, report.kept) == (0, 1, 1)
    assert (row.value, untouched.value) == ({"value": 2}, {"value": 10})
    assert own.value == {"value": 20}
    assert services.load(session, now=NOW).unchanged == len(catalogue().seeds) - 1


def test_a_files_row_gives_way_to_an_operators_own_on_the_same_days(
    session: Session, operator: Actor
) -> None:
    seeded = queries.rows(session, RuleFilter(code="licence_filing_months"))[0]
    session.delete(seeded)
    session.flush()
    add(
        session,
        operator,
        code="licence_filing_months",
        jurisdiction="CN",
        effective_from=date(2020, 1, 1),
        value=4,
    )
    report = services.load(session, now=NOW)
    assert (report.inserted, report.kept) == (0, 1)
    assert rule(session, "licence_filing_months", jurisdiction="CN", on=TODAY).number == 4


def test_every_change_is_in_the_rows_chain(session: Session, operator: Actor) -> None:
    row = add(session, operator)
    services.edit_rule(session, row, wording=wording(value=25), by=operator, now=NOW)
    services.edit_rule(session, row, wording=wording(value=25), by=operator, now=NOW)
    services.end_rule(session, row, on=TODAY, by=operator, now=NOW)
    told = queries.history(session, row)
    assert [each.kind for each in told] == ["ended", "edited", "added"]
    assert told[1].facts == {"value": {"from": 20, "to": 25}}
    assert told[0].facts == {"effective_to": {"from": None, "to": "2026-11-22"}}
    session.flush()
    assert list(verify(session)) == []


def test_the_table_narrows_to_topic_place_and_day(session: Session) -> None:
    sharing = queries.rows(session, RuleFilter(topic="sharing", jurisdiction=HANGZHOU, on=TODAY))
    assert {row.jurisdiction for row in sharing} == {"CN", "330000"}
    assert "price_publicity_days" not in {row.code for row in sharing}
    assert queries.rows(session, RuleFilter(topic="sharing", on=date(1990, 1, 1))) == []


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("integer", " 15 ", 15),
        ("decimal", "2.50", "2.50"),
        ("money", "5,000,000", {"minor": 500_000_000, "currency": "CNY"}),
        ("money", "0.01", {"minor": 1, "currency": "CNY"}),
        ("text", "listing,auction", "listing,auction"),
    ],
)
def test_values_are_typed_by_kind(kind: str, typed: str, kept: object) -> None:
    assert values.parse(kind, typed) == kept
    assert values.is_value(kind, kept)
    assert values.parse(kind, values.typed(kind, kept)) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "problem"),
    [
        ("integer", "", "required"),
        ("integer", "1.5", "not_a_number"),
        ("integer", "-1", "out_of_range"),
        ("decimal", "NaN", "not_a_number"),
        ("money", "0.001", "out_of_range"),
        ("text", "x" * 501, "too_long"),
    ],
)
def test_what_is_no_value_is_refused(kind: str, typed: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        values.parse(kind, typed)
    assert refused.value.fields == {"value": problem}


def test_every_rule_of_the_files_has_words_in_both_languages() -> None:
    known = catalogue()
    assert {each.code for each in known.seeds} <= set(known.entries)
    for each in known.entries.values():
        assert all((each.title_zh, each.title_en, each.explanation_zh, each.explanation_en))
