"""What makes two records the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ingest.records import (
    AchievementRecord,
    IpRecord,
    NeedRecord,
    OrganisationRecord,
    PersonRecord,
    fingerprint,
)
from tests.unit.ingest.test_rows import achievement

NEED = NeedRecord("s", "1", 5, "en", "t", "b", deadline=date(2027, 1, 1))


def test_fingerprint_does_not_depend_on_the_line() -> None:
    assert fingerprint(NEED) == fingerprint(replace(NEED, line=9))


def test_fingerprint_depends_on_everything_said() -> None:
    changes = [
        replace(NEED, background="c"),
        replace(NEED, deadline=date(2027, 1, 2)),
        replace(NEED, source="r"),
        replace(NEED, budget_min=1),
        replace(NEED, budget_max=1),
        replace(NEED, anonymous=True),
    ]
    assert len({fingerprint(record) for record in (NEED, *changes)}) == 7


def test_fingerprint_covers_rights_of_a_listing() -> None:
    record = achievement()
    assert isinstance(record, AchievementRecord)
    one = replace(record, ip=(IpRecord("1", "design", "granted"),))
    two = replace(record, ip=(IpRecord("1", "design", "lapsed"),))
    assert fingerprint(one) != fingerprint(two)


def test_fingerprint_tells_kinds_apart() -> None:
    person = PersonRecord("s", "1", 1, "x")
    organisation = OrganisationRecord("s", "1", 1, "enterprise", "x")
    assert fingerprint(person) != fingerprint(organisation)
