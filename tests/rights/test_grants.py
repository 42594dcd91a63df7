"""Rights granted to contributors: apply, approve, publish, agree; what it changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history.proof import verify
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.rights import queries, services
from tenon.rights.services import Member
from tenon.rights.shares import Owner
from tenon.rules import queries as rules
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.listings import NOW
from tests.rights.stage import (
    TODAY,
    WHOLE,
    Cast,
    after,
    apply,
    confirm_all,
    make_cast,
    publicised,
)

D = Decimal


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def parts(session: Session, cast: Cast, on: date) -> dict[tuple[str, int | str], Decimal]:
    return {each.key: each.share for each in queries.owners(session, cast.right, on=on).shares}


def test_seventy_percent_pass_to_the_team_of_the_result_and_of_its_patent(
    session: Session, cast: Cast
) -> None:
    grant = publicised(session, cast)
    assert (grant.publicity_days, grant.publicity_until) == (15, TODAY + timedelta(15))
    confirm_all(session, cast, grant)
    assert grant.state == "agreed"
    _, today = after(16)
    expected = {
        ("organisation", cast.house.id): D(30),
        ("person", cast.first.id): D(42),
        ("person", cast.second.id): D(28),
    }
    assert parts(session, cast, today) == expected
    listing = queries.owners(session, cast.listing, on=today)
    assert {each.key: each.share for each in listing.shares} == expected
    assert parts(session, cast, today - timedelta(1)) == {("organisation", cast.house.id): WHOLE}
    session.flush()
    assert list(verify(session)) == []


def test_of_a_patent_owned_with_others_the_same_part_of_the_own_part_passes(
    session: Session, cast: Cast
) -> None:
    firm = make_organisation(session, kind="enterprise")
    owned = (Owner(D(60), organisation_id=cast.house.id), Owner(D(40), organisation_id=firm.id))
    services.record_owners(
        session,
        cast.right,
        wanted=owned,
        valid_from=TODAY,
        by=cast.actor("head"),
        now=NOW,
        today=TODAY,
    )
    confirm_all(session, cast, publicised(session, cast))
    assert parts(session, cast, after(16)[1]) == {
        ("organisation", cast.house.id): D(18),
        ("organisation", firm.id): D(40),
        ("person", cast.first.id): D("25.2"),
        ("person", cast.second.id): D("16.8"),
    }


def test_a_long_right_of_use_leaves_the_owners_and_asks_its_holders(
    session: Session, cast: Cast
) -> None:
    grant = publicised(session, cast, kind="use", share=None, years=10)
    confirm_all(session, cast, grant)
    _, today = after(16)
    assert parts(session, cast, today) == {("organisation", cast.house.id): WHOLE}
    held = queries.use_rights(session, [cast.right], on=today)
    assert {each.until for each in held} == {date(today.year + 10, today.month, today.day)}
    who = queries.signers(session, [cast.right], "exclusive", on=today)
    assert {each.user_id for each in who if each.user_id} == {cast.first.id, cast.second.id}
    assert queries.signers(session, [cast.right], "nonexclusive", on=today) == []
    later = date(today.year + 10, today.month, today.day) + timedelta(1)
    assert queries.use_rights(session, [cast.right], on=later) == []


@pytest.mark.parametrize("days", [0, 1, 15])
def test_publicity_cannot_be_cut_short(session: Session, cast: Cast, days: int) -> None:
    grant = publicised(session, cast)
    now, today = after(days)
    for name in ("head", "first"):
        with pytest.raises(Conflict, match="publicity_running"):
            services.confirm(session, grant, by=cast.actor(name), now=now, today=today)
    assert grant.state == "publicised"


def test_nothing_is_agreed_without_publicity(session: Session, cast: Cast) -> None:
    grant = apply(session, cast)
    for step in ("applied", "approved"):
        assert grant.state == step
        with pytest.raises(IllegalTransition):
            services.confirm(session, grant, by=cast.actor("head"), now=NOW, today=TODAY)
        if step == "applied":
            services.approve(session, grant, by=cast.actor("head"), now=NOW)


def test_every_objection_is_answered_first(session: Session, cast: Cast) -> None:
    grant = publicised(session, cast)
    said = services.object_to(
        session, grant, text="我也是完成人。", by=cast.actor("stranger"), now=NOW, today=TODAY
    )
    now, today = after(16)
    with pytest.raises(Conflict, match="objections_open"):
        services.confirm(session, grant, by=cast.actor("head"), now=now, today=today)
    with pytest.raises(Forbidden):
        services.answer(session, said, text="不成立。", by=cast.actor("editor"), now=now)
    services.answer(session, said, text="经核查，不成立。", by=cast.actor("head"), now=now)
    with pytest.raises(Conflict, match="answered_already"):
        services.answer(session, said, text="再答。", by=cast.actor("head"), now=now)
    confirm_all(session, cast, grant)
    assert grant.state == "agreed"


def test_who_may_object_and_until_when(session: Session, cast: Cast) -> None:
    grant = publicised(session, cast)
    now, today = after(15)
    services.object_to(
        session, grant, text="迟来的异议", by=cast.actor("stranger"), now=now, today=today
    )
    for name in ("first", "second"):
        with pytest.raises(Forbidden):
            services.object_to(session, grant, text="x", by=cast.actor(name), now=NOW, today=TODAY)
    now, today = after(16)
    with pytest.raises(Conflict, match="publicity_over"):
        services.object_to(
            session, grant, text="x", by=cast.actor("stranger"), now=now, today=today
        )
    for text, problem in (("  ", "required"), ("x" * 3001, "too_long")):
        with pytest.raises(Invalid) as refused:
            services.object_to(
                session, grant, text=text, by=cast.actor("stranger"), now=NOW, today=TODAY
            )
        assert refused.value.fields == {"text": problem}


def test_all_confirm_and_each_once(session: Session, cast: Cast) -> None:
    grant = publicised(session, cast)
    now, today = after(16)
    assert not services.confirm(session, grant, by=cast.actor("head"), now=now, today=today)
    with pytest.raises(Conflict, match="confirmed_already"):
        services.confirm(session, grant, by=cast.actor("head"), now=now, today=today)
    for name in ("editor", "stranger"):
        with pytest.raises(Forbidden):
            services.confirm(session, grant, by=cast.actor(name), now=now, today=today)
    assert not services.confirm(session, grant, by=cast.actor("first"), now=now, today=today)
    assert services.confirm(session, grant, by=cast.actor("second"), now=now, today=today)


def test_named_contributors_without_an_account_are_bound_by_paper(
    session: Session, cast: Cast
) -> None:
    members = (Member("云舒", D(50), cast.first.id), Member("无名", D(50)))
    grant = publicised(session, cast, members=members)
    now, today = after(16)
    services.confirm(session, grant, by=cast.actor("head"), now=now, today=today)
    assert services.confirm(session, grant, by=cast.actor("first"), now=now, today=today)
    assert parts(session, cast, today)[("outside person", "无名")] == D(35)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"share": None}, "share", "required"),
        ({"share": D("100.5")}, "share", "more_than_owned"),
        ({"share": D("1.2345678")}, "share", "too_fine"),
        ({"kind": "use", "years": 9}, "years", "below_rule"),
        ({"kind": "use", "years": 51}, "years", "out_of_range"),
        ({"kind": "use", "years": None}, "years", "required"),
        ({"kind": "gift"}, "kind", "unknown_code"),
        ({"statement": " "}, "statement", "required"),
        ({"members": ()}, "members", "required"),
        ({"members": (Member("云舒", D(99)),)}, "members", "not_whole"),
        ({"members": (Member("无名", D(100)),)}, "members", "applicant_missing"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    session: Session, cast: Cast, changes: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(Invalid) as refused:
        apply(session, cast, **changes)
    assert refused.value.fields[field] == problem


def test_one_grant_of_an_achievement_is_open_at_a_time(session: Session, cast: Cast) -> None:
    grant = apply(session, cast)
    with pytest.raises(Conflict, match="grant_open"):
        apply(session, cast)
    with pytest.raises(Forbidden):
        services.withdraw(session, grant, by=cast.actor("second"), now=NOW)
    services.withdraw(session, grant, by=cast.actor("first"), now=NOW)
    apply(session, cast)


def test_only_contributors_apply_and_only_the_institution_decides(
    session: Session, cast: Cast
) -> None:
    with pytest.raises(Forbidden):
        services.apply(
            session,
            cast.listing,
            application=_application(cast),
            by=cast.actor("stranger"),
            now=NOW,
            today=TODAY,
        )
    grant = apply(session, cast)
    for name in ("editor", "first", "stranger"):
        by = cast.actor(name)
        with pytest.raises(Forbidden):
            services.approve(session, grant, by=by, now=NOW)
        with pytest.raises(Forbidden):
            services.refuse(session, grant, remark="不", by=by, now=NOW)
        with pytest.raises(Forbidden):
            services.publicise(session, grant, by=by, now=NOW, today=TODAY)
    with pytest.raises(Invalid):
        services.refuse(session, grant, remark=" ", by=cast.actor("head"), now=NOW)
    services.refuse(session, grant, remark="与在研合同冲突。", by=cast.actor("head"), now=NOW)
    assert (grant.state, grant.live_key) == ("refused", None)


def _application(cast: Cast) -> services.Application:
    from tests.rights.stage import application

    return application(cast)


def test_who_may_read_a_grant(session: Session, cast: Cast) -> None:
    grant = apply(session, cast)
    for name in ("head", "editor", "first", "second"):
        assert queries.find_grant(session, grant.public_id, by=cast.actor(name)) is grant
    outsider = make_user(session)
    make_membership(session, outsider, make_organisation(session))
    for by in (cast.actor("stranger"), actor_for(outsider)):
        with pytest.raises(NotFound):
            queries.find_grant(session, grant.public_id, by=by)
    with pytest.raises(NotFound):
        queries.find_published(session, grant.public_id)


def test_the_days_of_publicity_are_the_rules_own(session: Session, cast: Cast) -> None:
    from tenon.actors import SYSTEM
    from tenon.rules.services import Wording, add_rule

    add_rule(
        session,
        code="rights_publicity_days",
        jurisdiction="420000",
        effective_from=date(2026, 1, 1),
        wording=Wording(
            effective_to=None,
            value=30,
            applies="binding",
            source_zh="示例",
            source_en="Example",
            verified=False,
        ),
        by=SYSTEM,
        now=NOW,
    )
    assert (
        rules.rule(
            session, "rights_publicity_days", jurisdiction=cast.house.region, on=TODAY
        ).number
        == 30
    )
    assert publicised(session, cast).publicity_until == TODAY + timedelta(30)


def test_people_are_told_of_each_step(database: Any) -> None:
    with database.writing() as session:
        cast = make_cast(session)
        grant = publicised(session, cast)
        services.object_to(
            session, grant, text="我也是完成人。", by=cast.actor("stranger"), now=NOW, today=TODAY
        )
    drain(database, now=NOW)
    with database.reading() as session:
        told = {(each.user_id, each.kind) for each in session.query(Notice)}
    assert (cast.head.id, "rights_grant_apply") in told
    assert (cast.head.id, "rights_grant_objection") in told
    assert (cast.second.id, "rights_grant_publicise") in told
    assert not {kind for user, kind in told if user == cast.stranger.id}
