"""A visit report: a record, a draft in the firm's words, the firm told, the ledger right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.credit.models import CreditEntry
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings import permissions
from tenon.listings import services as listings
from tenon.listings.content import RequirementEntry
from tenon.listings.models import Listing
from tenon.listings.queries import find_listing, review_queue
from tenon.listings.queries.visibility import visible_to
from tenon.listings.rubric import Scores
from tenon.listings.services.notifying import tell_owner
from tenon.network.models import PortfolioFirm
from tenon.notices.models import Notice
from tenon.routing import queries, services
from tenon.routing.models import NeedCase, Visit
from tenon.routing.permissions import may_see_visit, visits_in_sight
from tenon.routing.services import Paper, Report
from tests.factories.accounts import grant_role, make_user
from tests.factories.listings import NOW
from tests.routing.scenes import (
    Scene,
    actor,
    assert_log_tells,
    keep,
    kinds,
    make_firm,
    make_scene,
    the_case,
    told,
)

WORDS = (
    "我们的高温蒸汽管道靠人工测温，经常漏报，去年停产两次。"
    "希望有连续测温的装置，耐温≥200℃，寿命至少五年。"
)
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def scene(session: Session) -> Scene:
    return make_scene(session)


@pytest.fixture
def firm(session: Session, scene: Scene) -> Organisation:
    """A firm of the first broker's portfolio."""
    found, _person = make_firm(session)
    keep(session, found, scene.broker, scene.tree.station)
    return found


def report(firm: Organisation | None, **values: object) -> Report:
    standard: dict[str, object] = {
        "key": "k1",
        "organisation": firm,
        "words": WORDS,
        "consent": "publish",
        "consent_name": "某位厂长",
        "consent_office": "厂长",
    }
    return Report(**standard | values)  # type: ignore[arg-type]  # values of each field's own type


def record(session: Session, scene: Scene, told: Report, folder: Path) -> Visit:
    return services.record_visit(session, told, folder=folder, by=actor(scene.broker), now=NOW)


def test_the_firms_words_become_a_need_at_the_brokers_place(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    whole = report(
        firm,
        fields=(("hitech", "1"),),
        budget_high=3_000_000,
        wanted_by=NOW.date() + timedelta(days=90),
        paper=Paper("photo.png", PNG),
    )
    visit = record(session, scene, whole, tmp_path)
    need = visit.listing
    assert need is not None
    assert (need.state, need.organisation_id, need.author_id) == (
        "draft",
        firm.id,
        scene.broker.id,
    )
    assert need.text("zh").summary == WORDS
    assert "耐温≥200℃" in [each.text for each in need.requirements]
    assert (need.money_low, need.money_high, need.anonymous) == (None, 3_000_000, False)
    assert [(file.tier, file.name) for file in need.attachments] == [("nda", "photo.png")]
    case = the_case(session, need)
    assert (case.station_id, case.broker_id) == (scene.tree.station.id, scene.broker.id)
    assert kinds(session, case) == ["received", "assigned"]
    assert_log_tells(session, case)
    assert len(told(session, "collected")) == 1


def test_sent_twice_it_counts_once(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    first = record(session, scene, report(firm), tmp_path)
    assert record(session, scene, report(firm), tmp_path) is first
    assert session.scalar(sa.select(sa.func.count(NeedCase.id))) == 1
    with pytest.raises(Conflict):
        record(session, scene, report(firm, words="别的话，另一件事。"), tmp_path)
    record(session, scene, report(firm, key="k2"), tmp_path)
    assert session.scalar(sa.select(sa.func.count(Visit.id))) == 2


def test_a_visit_may_have_no_need(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    visit = record(
        session, scene, report(firm, wants_need=False, consent="none", consent_name=""), tmp_path
    )
    assert visit.listing is None
    assert list(queries.visits_of(session, firm.id, by=actor(scene.broker))) == [visit]
    assert session.scalar(sa.select(sa.func.count(Listing.id))) == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"words": ""}, "words"),
        ({"organisation": None}, "organisation"),
        ({"consent": "none"}, "consent"),
        ({"consent_name": ""}, "consent_name"),
        ({"visited_on": NOW.date() + timedelta(days=2)}, "visited_on"),
        ({"wanted_by": NOW.date() - timedelta(days=2)}, "wanted_by"),
        ({"budget_low": 5, "budget_high": 3}, "budget_high"),
        ({"wants_need": False, "paper": Paper("a.png", PNG)}, "paper"),
        ({"requirements": (RequirementEntry("很" * 301),)}, "requirements"),
    ],
)
def test_faults_come_back_at_their_fields(
    session: Session,
    scene: Scene,
    firm: Organisation,
    tmp_path: Path,
    change: dict[str, object],
    fault: str,
) -> None:
    with pytest.raises(Invalid) as raised:
        record(session, scene, replace(report(firm), **change), tmp_path)  # type: ignore[arg-type]  # as above
    assert fault in raised.value.fields


def test_a_new_firm_waits_for_the_operators_in_the_brokers_portfolio(
    session: Session, scene: Scene, tmp_path: Path
) -> None:
    visit = record(session, scene, report(None, new_name="示例新厂有限公司"), tmp_path)
    firm = visit.organisation
    assert (firm.kind, firm.state) == ("enterprise", "pending")
    row = session.scalars(sa.select(PortfolioFirm)).one()
    assert (row.broker_id, row.station_id) == (scene.broker.id, scene.tree.station.id)
    assert scene.broker.memberships == []
    with pytest.raises(Invalid) as raised:
        record(session, scene, report(None, key="k3", new_name="示例新厂有限公司"), tmp_path)
    assert raised.value.fields == {"new_name": "name_exists"}


def test_only_who_looks_after_the_firm_reports(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    for who in (scene.second, scene.head, scene.sibling):
        with pytest.raises(Forbidden):
            services.record_visit(session, report(firm), folder=tmp_path, by=actor(who), now=NOW)
    with pytest.raises(Forbidden):
        services.record_visit(
            session, report(firm), folder=tmp_path, by=actor(make_user(session)), now=NOW
        )


def completed(session: Session, scene: Scene, need: Listing) -> None:
    """Add what handing in asks for."""
    content = replace(listings.content_of(need), deal_forms=("licence_exclusive",))
    listings.edit(session, need, content=content, by=actor(scene.broker), now=NOW)


def test_the_broker_completes_and_hands_in_and_another_reviews(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    need = record(session, scene, report(firm), tmp_path).listing
    assert need is not None
    completed(session, scene, need)
    listings.submit(session, need, by=actor(scene.broker), now=NOW)
    services.follow_listing(session, need, step="submit", came_from="draft", now=NOW)
    assert kinds(session, the_case(session, need)) == ["received", "assigned"]

    def judge(who: User) -> None:
        listings.review(
            session,
            need,
            scores=Scores(3, 3, 3, 3),
            outcome="publish",
            remarks="",
            by=actor(who),
            now=NOW,
            listing_days=90,
        )

    with pytest.raises(Forbidden):
        judge(scene.broker)
    with pytest.raises(NotFound):
        judge(scene.sibling)
    judge(scene.head)
    tell_owner(session, need, kind="listing_publish", now=NOW)
    published = sa.select(Notice.user_id).where(Notice.kind == "listing_publish")
    member = firm.memberships[0].user_id
    assert set(session.scalars(published)) == {member, scene.broker.id}
    assert need.state == "published"
    acts = session.execute(
        sa.select(CreditEntry.act, CreditEntry.user_id).where(
            CreditEntry.thing_id == need.public_id
        )
    ).all()
    assert set(acts) == {("collected", scene.broker.id), ("written", scene.broker.id)}


def test_without_consent_to_publish_nobody_but_the_firm_hands_in(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    visit = record(session, scene, report(firm, consent="work"), tmp_path)
    need, by = visit.listing, actor(scene.broker)
    assert need is not None
    completed(session, scene, need)
    assert permissions.may(by, "edit", need)
    with pytest.raises(Forbidden):
        listings.submit(session, need, by=by, now=NOW)
    services.add_consent(
        session, visit, consent="publish_unnamed", name="某位厂长", office="", by=by, now=NOW
    )
    assert not permissions.may(by, "submit", need)  # it would name the firm
    content = replace(listings.content_of(need), anonymous=True)
    listings.edit(session, need, content=content, by=by, now=NOW)
    assert permissions.may(by, "submit", need)
    with pytest.raises(Forbidden):
        services.add_consent(
            session, visit, consent="publish", name="A", office="", by=actor(scene.head), now=NOW
        )


def test_a_collected_draft_is_the_firms_and_its_brokers_alone(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    need = record(session, scene, report(firm), tmp_path).listing
    assert need is not None
    member = session.get_one(type(scene.head), firm.memberships[0].user_id)
    people = [scene.broker, scene.second, scene.head, scene.sibling, scene.top, member]
    for who in people:
        expected = who in (scene.broker, member)
        seen = session.scalar(
            sa.select(Listing.id).where(Listing.id == need.id, visible_to(actor(who), now=NOW))
        )
        assert (seen is not None) == permissions.may_see(actor(who), need, NOW) == expected
        assert permissions.may(actor(who), "edit", need) == expected
        if expected:
            assert find_listing(session, need.public_id, by=actor(who), now=NOW) is need
            assert permissions.may_see_tier(actor(who), need, "nda")
    # Whoever gives the firm up and passes the need on has nothing to do with it any longer.
    row = session.scalars(sa.select(PortfolioFirm)).one()
    row.ended_at = NOW
    session.flush()
    by, case = actor(scene.broker), the_case(session, need)
    services.pass_on(session, case, reason="another_reason", remark="请另派人。", by=by, now=NOW)
    assert not permissions.may_see(by, need, NOW)
    assert not permissions.may(by, "edit", need)
    # Whoever looks after the firm next writes it up, though nobody gave them the need.
    keep(session, firm, scene.sibling, scene.tree.sibling)
    successor = actor(scene.sibling)
    assert permissions.may(successor, "edit", need)
    assert find_listing(session, need.public_id, by=successor, now=NOW) is need


def test_the_broker_who_is_given_the_need_writes_it_up_and_keeps_it(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    visit = record(session, scene, report(firm, consent="work"), tmp_path)
    need = visit.listing
    assert need is not None
    second, liaison = actor(scene.second), actor(scene.broker)
    case = the_case(session, need)
    services.assign(session, case, scene.second, by=actor(scene.head), now=NOW)
    assert permissions.may_see_tier(second, need, "nda")
    content = replace(listings.content_of(need), deal_forms=("licence_exclusive",))
    listings.edit(session, need, content=content, by=second, now=NOW)
    with pytest.raises(Forbidden):  # the firm agreed to no more than work on it
        listings.submit(session, need, by=second, now=NOW)
    assert queries.find_visit(session, visit.public_id, by=second) is visit
    services.add_consent(
        session, visit, consent="publish", name="某位厂长", office="", by=second, now=NOW
    )
    listings.submit(session, need, by=second, now=NOW)
    for writer in (liaison, second):  # neither judges what they wrote
        assert not permissions.may_review(writer, need)
        assert review_queue(session, queue="waiting", by=writer) == ([], 0)
    judge = actor(scene.head)
    assert review_queue(session, queue="waiting", by=judge)[1] == 1
    listings.take(session, need, by=judge, now=NOW)
    assert need.broker_id == scene.second.id
    listings.review(
        session, need, scores=Scores(1, 2, 2, 2), outcome="return", remarks="请补充工况。",
        by=judge, now=NOW, listing_days=90,
    )  # fmt: skip
    tell_owner(session, need, kind="listing_return", now=NOW)
    returned = set(
        session.scalars(sa.select(Notice.user_id).where(Notice.kind == "listing_return"))
    )
    assert {scene.second.id, scene.broker.id} <= returned
    assert permissions.may(second, "edit", need)
    assert not permissions.may(judge, "edit", need)


def test_whoever_wrote_a_version_never_judges_it(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    need = record(session, scene, report(firm), tmp_path).listing
    assert need is not None
    case, second = the_case(session, need), actor(scene.second)
    services.assign(session, case, scene.second, by=actor(scene.head), now=NOW)
    content = replace(listings.content_of(need), deal_forms=("licence_exclusive",))
    listings.edit(session, need, content=content, by=second, now=NOW)
    services.assign(session, case, scene.broker, by=actor(scene.head), now=NOW)
    listings.submit(session, need, by=actor(scene.broker), now=NOW)
    assert permissions.may_see(second, need, NOW)
    assert not permissions.may_review(second, need)
    assert review_queue(session, queue="waiting", by=second) == ([], 0)


def test_visits_are_seen_up_the_tree_and_not_beside(
    session: Session, scene: Scene, firm: Organisation, tmp_path: Path
) -> None:
    visit = record(session, scene, report(firm), tmp_path)
    operator = grant_role(session, make_user(session), "operator")
    expected = {
        scene.broker: True,
        scene.second: True,
        scene.head: True,
        scene.node_head: True,
        scene.top: True,
        scene.sibling: False,
        operator: True,
        make_user(session): False,
    }
    for who, sees in expected.items():
        by = actor(who)
        found = session.scalar(sa.select(Visit.id).where(visits_in_sight(by)))
        assert (found is not None) == may_see_visit(by, visit) == sees
        if not sees:
            with pytest.raises(NotFound):
                queries.find_visit(session, visit.public_id, by=by)
