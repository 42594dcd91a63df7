"""Drafts, edits, versions, shared IP rights, and what is refused."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import VISITOR
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history.models import HistoryEntry
from tenon.listings.content import RequirementEntry, RightEntry, Words
from tenon.listings.models import Attachment, IpRight, Listing, ListingVersion
from tenon.listings.services import content_of, create, edit
from tenon.outbox.models import OutboxMessage
from tests.factories.listings import make_achievement, make_expert
from tests.listings.people import make_people
from tests.listings.writing import achievement, need


def _topics(session: Session) -> list[tuple[str, object]]:
    rows = session.scalars(sa.select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.topic, row.payload) for row in rows]


def test_create_keeps_everything_that_was_written(session: Session, now: datetime) -> None:
    people = make_people(session)
    written = achievement(
        translation=Words(title="Thermometer", summary="For hot pipes"),
        money_kind="range",
        money_low=100,
        money_high=900,
        contributors=("云舒", "林未"),
        rights=(RightEntry("invention", "ZL202219999001.2", "granted", date(2022, 3, 1)),),
        details={"nda": "配方", "signed_in": "报价"},
        fields=(("gbt4754", "39"), ("hitech", "1")),
    )
    by = people.actor("researcher")
    listing = create(session, side="achievement", content=written, by=by, now=now)
    session.expire_all()
    assert content_of(listing) == written
    assert (listing.state, listing.version, listing.text_version) == ("draft", 1, 1)
    assert (listing.organisation_id, listing.author_id) == (people.university.id, by.user_id)
    chain = session.scalars(sa.select(HistoryEntry).where(HistoryEntry.chain_kind == "listing"))
    assert [(entry.chain_id, entry.kind) for entry in chain] == [(listing.public_id, "create")]
    assert _topics(session) == []


def test_create_needs_a_title_and_nothing_else(session: Session, now: datetime) -> None:
    by = make_people(session).actor("researcher")
    with pytest.raises(Invalid) as caught:
        create(session, side="need", content=need(title=""), by=by, now=now)
    assert caught.value.fields == {"title": "required"}
    bare = need(summary="", requirements=(), deal_forms=())
    assert create(session, side="need", content=bare, by=by, now=now).state == "draft"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"title": "长" * 301}, {"title": "too_long"}),
        ({"readiness": 10}, {"readiness": "out_of_range"}),
        ({"fields": (("hitech", "9"),)}, {"fields": "unknown_code"}),
        ({"fields": (("gbt4754", "ZZ"),)}, {"industries": "unknown_code"}),
        ({"fields": (("region", "420000"),)}, {"fields": "unknown_code"}),
        ({"deal_forms": ("barter",)}, {"deal_forms": "unknown_code"}),
        ({"region": "999999"}, {"region": "unknown_code"}),
        ({"money_kind": "fixed"}, {"money_low": "required"}),
        (
            {"money_kind": "range", "money_low": 2, "money_high": 1},
            {"money_high": "out_of_order"},
        ),
        ({"money_kind": "range", "money_low": -2}, {"money_low": "out_of_range"}),
        ({"currency": "XAU"}, {"currency": "unknown_code"}),
        ({"rights": (RightEntry("invention"),)}, {"rights": "number_required"}),
        ({"rights": (RightEntry("charm", "1"),)}, {"rights": "unknown_code"}),
        (
            {"rights": (RightEntry("design", "1", "granted", date(2022, 2, 2), date(2021, 1, 1)),)},
            {"rights": "granted_before_filed"},
        ),
        ({"details": {"public": "x"}}, {"": "unknown_code"}),
        ({"anonymous": True}, {"": "wrong_side"}),
        ({"translation": Words(summary="x")}, {"translated_title": "required"}),
    ],
)
def test_create_refuses_what_is_of_the_wrong_kind(
    session: Session, now: datetime, changes: dict[str, object], faults: dict[str, str]
) -> None:
    by = make_people(session).actor("researcher")
    with pytest.raises(Invalid) as caught:
        create(session, side="achievement", content=achievement(**changes), by=by, now=now)
    assert caught.value.fields == faults


@pytest.mark.parametrize(
    ("name", "error"),
    [("reader", "forbidden"), ("stranger", "needs_organisation"), ("broker", "needs_organisation")],
)
def test_create_is_for_editors(session: Session, now: datetime, name: str, error: str) -> None:
    by = make_people(session).actor(name)
    with pytest.raises(Forbidden) as caught:
        create(session, side="need", content=need(), by=by, now=now)
    assert caught.value.code == error


def test_requirements_are_understood(session: Session, now: datetime) -> None:
    by = make_people(session).actor("engineer")
    listing = create(session, side="need", content=need(), by=by, now=now)
    session.expire_all()
    found = [
        (row.text, row.quantity, row.comparison, row.low, row.high, row.unit, row.obligation)
        for row in listing.requirements
    ]
    assert found == [
        ("耐温≥200℃", "耐温", "at_least", Decimal(200), None, "℃", "must"),
        ("价格低于6万元", "价格", "at_most", None, Decimal(60000), "元", "wish"),
    ]


def test_edit_keeps_a_version_and_only_where_something_changed(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = create(session, side="achievement", content=achievement(), by=by, now=now)
    assert not edit(session, listing, content=achievement(), by=by, now=now)
    assert (listing.version, listing.text_version) == (1, 1)
    assert edit(session, listing, content=achievement(title="新标题"), by=by, now=now)
    assert (listing.version, listing.text_version) == (2, 2)
    kept = session.scalars(sa.select(ListingVersion).order_by(ListingVersion.number)).all()
    titles = [version.content["words"]["title"] for version in kept]
    assert titles == ["高温光纤测温装置", "新标题"]


def test_edit_takes_requirements_and_texts_away(session: Session, now: datetime) -> None:
    by = make_people(session).actor("engineer")
    first = need(translation=Words(title="A", summary="B"), details={"nda": "x"})
    listing = create(session, side="need", content=first, by=by, now=now)
    second = need(requirements=(RequirementEntry("价格低于6万元"),))
    edit(session, listing, content=second, by=by, now=now)
    session.expire_all()
    assert content_of(listing) == second


def test_edit_refuses_an_old_copy(session: Session, now: datetime) -> None:
    by = make_people(session).actor("engineer")
    listing = create(session, side="need", content=need(), by=by, now=now)
    edit(session, listing, content=need(title="二"), by=by, now=now, expected_version=1)
    with pytest.raises(Conflict) as caught:
        edit(session, listing, content=need(title="三"), by=by, now=now, expected_version=1)
    assert caught.value.code == "changed_meanwhile"


def test_edit_of_published_stays_public_and_waits_for_a_look(
    session: Session, now: datetime
) -> None:
    people = make_people(session)
    by = people.actor("researcher")
    listing = create(session, side="achievement", content=achievement(), by=by, now=now)
    listing.state, listing.reviewed_version = "published", 1
    edit(session, listing, content=achievement(title="改过"), by=by, now=now)
    assert (listing.state, listing.text_version, listing.reviewed_version) == ("published", 2, 1)
    assert _topics(session) == [("listings.changed", {"ids": [listing.id]})]


def test_edit_of_confidential_detail_alone_needs_no_look(session: Session, now: datetime) -> None:
    by = make_people(session).actor("researcher")
    listing = create(session, side="achievement", content=achievement(), by=by, now=now)
    listing.state, listing.reviewed_version = "published", 1
    edit(session, listing, content=achievement(details={"nda": "配方"}), by=by, now=now)
    assert (listing.text_version, listing.reviewed_version) == (2, 2)


def test_edit_of_published_must_stay_complete(session: Session, now: datetime) -> None:
    by = make_people(session).actor("engineer")
    listing = create(session, side="need", content=need(), by=by, now=now)
    listing.state = "published"
    with pytest.raises(Invalid) as caught:
        edit(session, listing, content=need(requirements=()), by=by, now=now)
    assert caught.value.fields == {"requirements": "required"}


@pytest.mark.parametrize(
    ("name", "error"),
    [("reader", Forbidden), ("engineer", NotFound), ("broker", NotFound), ("operator", Forbidden)],
)
def test_edit_is_for_the_owners_editors(
    session: Session, now: datetime, name: str, error: type[Exception]
) -> None:
    people = make_people(session)
    listing = make_achievement(session, organisation=people.university)
    with pytest.raises(error):
        edit(session, listing, content=achievement(), by=people.actor(name), now=now)
    with pytest.raises(NotFound):
        edit(session, listing, content=achievement(), by=VISITOR, now=now)


@pytest.mark.parametrize("state", ["in_review", "rejected", "concluded", "withdrawn", "expired"])
def test_edit_is_for_states_that_allow_it(session: Session, now: datetime, state: str) -> None:
    people = make_people(session)
    listing = make_achievement(session, organisation=people.university, state=state)
    with pytest.raises(IllegalTransition):
        edit(session, listing, content=achievement(), by=people.actor("researcher"), now=now)


def test_ip_rights_are_shared_by_kind_and_number(session: Session, now: datetime) -> None:
    people = make_people(session)
    right = RightEntry("invention", "zl2022 1 9999001.2", "granted", owner="甲")
    first = create(
        session,
        side="achievement",
        content=achievement(rights=(right,)),
        by=people.actor("researcher"),
        now=now,
    )
    again = RightEntry("invention", "ZL202219999001.2", "lapsed", date(2022, 3, 1), owner="乙")
    second = create(
        session,
        side="achievement",
        content=achievement(rights=(again,)),
        by=people.actor("engineer"),
        now=now,
    )
    assert [row.id for row in first.ip_rights] == [row.id for row in second.ip_rights]
    held = session.scalars(sa.select(IpRight)).one()
    # Another organisation relies on it: what was empty is filled, the rest stands.
    assert (held.status, held.owner, held.filed_on) == ("granted", "甲", date(2022, 3, 1))


def test_ip_rights_without_number_stay_the_same_row(session: Session, now: datetime) -> None:
    by = make_people(session).actor("researcher")
    secret = achievement(rights=(RightEntry("know_how", owner="甲"),))
    listing = create(session, side="achievement", content=secret, by=by, now=now)
    assert not edit(session, listing, content=secret, by=by, now=now)
    assert len(session.scalars(sa.select(IpRight)).all()) == 1


def test_contributors_meet_experts_of_their_own_house(session: Session, now: datetime) -> None:
    people = make_people(session)
    expert = make_expert(session, organisation=people.university, name_zh="云舒")
    make_expert(session, organisation=people.firm, name_zh="林未")
    listing = create(
        session,
        side="achievement",
        content=achievement(contributors=("云舒", "林未")),
        by=people.actor("researcher"),
        now=now,
    )
    linked = [(row.name, row.expert_id) for row in listing.contributors]
    assert linked == [("云舒", expert.id), ("林未", None)]


def test_nothing_of_a_refused_edit_is_kept(session: Session, now: datetime) -> None:
    by = make_people(session).actor("engineer")
    listing = create(session, side="need", content=need(), by=by, now=now)
    with pytest.raises(Invalid):
        edit(session, listing, content=need(region="1"), by=by, now=now)
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingVersion)) == 1
    assert session.get_one(Listing, listing.id).region is None
    assert session.scalars(sa.select(Attachment)).all() == []
