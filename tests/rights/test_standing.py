"""How a patent stands on a day: terms, annuities, pledges, suspension, reports; open licences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.rights import queries, services
from tenon.rights.overlap import Scope
from tenon.rights.queries import standing
from tenon.rights.services import Declaration
from tenon.rules.models import RuleRow
from tests.factories.listings import NOW, make_ip_right
from tests.rights.stage import TODAY, Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def keep(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"by": cast.actor("editor"), "now": NOW, "today": TODAY, **more}


def codes(
    session: Session, cast: Cast, act: str = "licence", on: date = TODAY
) -> dict[str, set[str]]:
    found = standing(session, cast.right, on=on, act=act)
    return {
        "blocks": {each.code for each in found.blocks},
        "warnings": {each.code for each in found.warnings},
    }


@pytest.mark.parametrize(
    ("kind", "filed", "last"),
    [
        ("invention", date(2010, 5, 20), date(2030, 5, 19)),
        ("utility_model", date(2017, 2, 1), date(2027, 1, 31)),
        ("design", date(2021, 5, 31), date(2031, 5, 30)),
        ("design", date(2021, 6, 1), date(2036, 5, 31)),
        ("invention", date(2004, 2, 29), date(2024, 2, 28)),
        ("trade_secret", date(2010, 1, 1), None),
        ("invention", None, None),
    ],
)
def test_a_patents_term_is_counted_from_filing(
    session: Session, kind: str, filed: date | None, last: date | None
) -> None:
    right = make_ip_right(session, kind=kind, filed_on=filed)
    assert queries.term_end(session, right) == last


def test_an_expired_patent_is_not_dealt_in(session: Session) -> None:
    cast = make_cast(session, kind="utility_model", filed_on=date(2016, 11, 22))
    assert "expires_soon" in codes(session, cast, on=date(2026, 11, 21))["warnings"]
    assert "expired" in codes(session, cast, on=date(2026, 11, 22))["blocks"]


def test_a_sound_patent_is_clear(session: Session, cast: Cast) -> None:
    for act in ("licence", "assignment", "open_licence"):
        assert standing(session, cast.right, on=TODAY, act=act).clear


@pytest.mark.parametrize(
    ("due", "block", "warning"),
    [
        (date(2026, 5, 21), {"annuity_unpaid"}, set()),
        (date(2026, 5, 22), set(), {"annuity_late"}),
        (date(2026, 11, 21), set(), {"annuity_late"}),
        (date(2026, 12, 31), set(), {"annuity_due"}),
        (date(2027, 6, 1), set(), set()),
    ],
)
def test_an_annuity_warns_in_its_grace_of_six_months_and_blocks_after(
    session: Session, cast: Cast, due: date, block: set[str], warning: set[str]
) -> None:
    services.record_annuity(session, cast.right, year=5, due_on=due, paid_on=None, **keep(cast))
    assert codes(session, cast) == {"blocks": block, "warnings": warning}
    services.record_annuity(session, cast.right, year=5, due_on=due, paid_on=TODAY, **keep(cast))
    assert codes(session, cast) == {"blocks": set(), "warnings": set()}


def test_a_pledge_blocks_until_the_pledgee_consents(session: Session, cast: Cast) -> None:
    made = services.record_pledge(
        session,
        cast.right,
        pledgee="示例银行",
        since=date(2026, 1, 1),
        until=None,
        consent=False,
        **keep(cast),
    )
    assert codes(session, cast)["blocks"] == {"pledged_without_consent"}
    services.give_consent(session, cast.right, made.public_id, **keep(cast))
    assert codes(session, cast) == {"blocks": set(), "warnings": {"pledged"}}
    services.end_pledge(session, cast.right, made.public_id, **keep(cast))
    assert codes(session, cast, on=TODAY + timedelta(1)) == {"blocks": set(), "warnings": set()}


def test_a_suspended_patent_is_not_assigned(session: Session, cast: Cast) -> None:
    services.record_condition(
        session,
        cast.right,
        kind="suspended",
        reference="",
        since=date(2026, 1, 1),
        until=None,
        **keep(cast),
    )
    assert codes(session, cast, "assignment")["blocks"] == {"suspended"}
    assert codes(session, cast, "open_licence")["blocks"] == {"suspended"}
    assert codes(session, cast, "licence")["warnings"] == {"suspended"}


@pytest.mark.parametrize("kind", ["utility_model", "design"])
def test_an_unexamined_patent_needs_a_report_to_be_declared_open(
    session: Session, kind: str
) -> None:
    cast = make_cast(session, kind=kind, filed_on=date(2024, 1, 1))
    assert codes(session, cast, "open_licence")["blocks"] == {"no_report"}
    assert codes(session, cast, "licence")["warnings"] == {"no_report"}
    services.record_condition(
        session,
        cast.right,
        kind="evaluation_report",
        reference="R-2026-1",
        since=date(2026, 2, 1),
        until=None,
        **keep(cast),
    )
    assert codes(session, cast, "open_licence") == {"blocks": set(), "warnings": set()}


def test_which_patents_need_a_report_is_a_row_of_the_table(session: Session) -> None:
    cast = make_cast(session, kind="utility_model", filed_on=date(2024, 1, 1))
    row = session.scalars(
        sa.select(RuleRow).where(RuleRow.code == "open_licence_report_kinds")
    ).one()
    row.value = {"value": "design"}
    session.flush()
    assert codes(session, cast, "open_licence")["blocks"] == set()


def test_every_block_names_its_source(session: Session) -> None:
    cast = make_cast(session, kind="design", status="lapsed", filed_on=date(2000, 1, 1))
    services.record_annuity(
        session, cast.right, year=3, due_on=date(2003, 1, 1), paid_on=None, **keep(cast)
    )
    services.record_pledge(
        session,
        cast.right,
        pledgee="示例银行",
        since=date(2002, 1, 1),
        until=None,
        consent=False,
        **keep(cast),
    )
    found = standing(session, cast.right, on=TODAY, act="open_licence").blocks
    assert len(found) == 7
    assert all(each.source_zh and each.source_en for each in found)


def test_who_keeps_the_standing(session: Session, cast: Cast) -> None:
    for name in ("first", "stranger"):
        with pytest.raises(Forbidden):
            services.record_annuity(
                session,
                cast.right,
                year=1,
                due_on=TODAY,
                paid_on=None,
                **keep(cast, by=cast.actor(name)),
            )


def test_another_rights_pledge_is_not_ended(session: Session, cast: Cast) -> None:
    other = make_cast(session)
    made = services.record_pledge(
        session,
        other.right,
        pledgee="示例银行",
        since=TODAY,
        until=None,
        consent=False,
        **keep(other),
    )
    with pytest.raises(NotFound):
        services.end_pledge(session, cast.right, made.public_id, **keep(cast))


FEE = Declaration(fee_mode="single", fee_minor=5_000_000, until=TODAY + timedelta(365))


def declare(session: Session, cast: Cast, name: str = "head", fee: Declaration = FEE) -> Any:
    return services.declare_open(
        session,
        cast.right,
        declaration=fee,
        organisation_id=cast.house.id,
        by=cast.actor(name),
        now=NOW,
        today=TODAY,
    )


def test_an_open_licence_is_declared_once_and_withdrawn_in_public(
    session: Session, cast: Cast
) -> None:
    made = declare(session, cast)
    with pytest.raises(Conflict, match="declared_already"):
        declare(session, cast)
    found, total = queries.open_licences(session, on=TODAY)
    assert (list(found), total) == ([made], 1)
    now: dict[str, Any] = {"by": cast.actor("head"), "now": NOW, "today": TODAY}
    services.withdraw_open(session, made, reason="改为独占许可", **now)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        services.withdraw_open(session, made, reason="", **now)
    assert queries.open_licences(session, on=TODAY)[1] == 0
    gone, _ = queries.open_licences(session, on=TODAY, withdrawn=True)
    assert list(gone) == [made]
    declare(session, cast)


@pytest.mark.parametrize("kind", ["exclusive", "sole"])
def test_a_patent_under_an_exclusive_or_sole_licence_is_not_declared_open(
    session: Session, cast: Cast, kind: str
) -> None:
    services.record_by_hand(
        session,
        cast.right,
        scope=Scope(kind, frozenset({cast.right.id}), since=date(2025, 1, 1)),
        licensee="示例光电有限公司",
        **keep(cast),
    )
    with pytest.raises(Conflict, match="open_licence_barred") as refused:
        declare(session, cast)
    assert refused.value.facts["points"] == ["licensed_exclusively"]


@pytest.mark.parametrize("status", ["pending", "lapsed"])
def test_only_granted_patents_are_declared_open(session: Session, status: str) -> None:
    cast = make_cast(session, status=status)
    with pytest.raises(Conflict, match="open_licence_barred"):
        declare(session, cast)


@pytest.mark.parametrize("name", ["editor", "first", "stranger"])
def test_only_an_owners_administrator_declares(session: Session, cast: Cast, name: str) -> None:
    with pytest.raises(Forbidden):
        declare(session, cast, name)


@pytest.mark.parametrize(
    ("fee", "field"),
    [
        (Declaration(fee_mode="gift", until=TODAY), "fee_mode"),
        (Declaration(fee_mode="single", until=TODAY), "fee"),
        (Declaration(fee_mode="running", rate="0", until=TODAY), "rate"),
        (Declaration(fee_mode="running", rate="101", until=TODAY), "rate"),
        (Declaration(fee_mode="yearly", fee_minor=1), "until"),
        (Declaration(fee_mode="yearly", fee_minor=1, until=TODAY - timedelta(1)), "until"),
    ],
)
def test_a_declaration_states_fee_and_time(
    session: Session, cast: Cast, fee: Declaration, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        declare(session, cast, fee=fee)
    assert list(refused.value.fields) == [field]


def test_what_ran_out_makes_room_for_the_next(session: Session, cast: Cast) -> None:
    short = Declaration(fee_mode="running", rate="3.5", until=TODAY)
    declare(session, cast, fee=short)
    later = TODAY + timedelta(1)
    services.declare_open(
        session,
        cast.right,
        declaration=FEE,
        organisation_id=cast.house.id,
        by=cast.actor("head"),
        now=NOW,
        today=later,
    )
    assert queries.declaration_of(session, cast.right, on=later) is not None


def test_a_licence_by_hand_collides_and_is_ended(session: Session, cast: Cast) -> None:
    def by_hand(kind: str) -> Any:
        return services.record_by_hand(
            session,
            cast.right,
            scope=Scope(kind, frozenset({cast.right.id}), since=date(2025, 1, 1)),
            licensee="示例光电有限公司",
            **keep(cast),
        )

    first = by_hand("exclusive")
    with pytest.raises(Conflict, match="collides"):
        by_hand("nonexclusive")
    services.end_by_hand(session, cast.right, first.public_id, **keep(cast))
    by_hand("nonexclusive")
