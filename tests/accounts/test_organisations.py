"""Organisations: application, decision, profile, directory; who may and who may not."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts import queries, services
from tenon.accounts.models import ORGANISATION_KINDS, Organisation, User
from tenon.accounts.services import Profile
from tenon.accounts.services.organisations import is_web_address
from tenon.accounts.states import ORGANISATION
from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.history.models import HistoryEntry
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
from tenon.web.sections import Section, add_section
from tests.factories.accounts import (
    NOW,
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)

PROFILE = Profile(kind="university", name_zh="东湖示例大学", name_en="Donghu Example University")


def apply(session: Session, user: User, **changed: str | None) -> Organisation:
    given: dict[str, Any] = {"kind": "enterprise", "name_zh": "示例光电有限公司"} | changed
    return services.create_organisation(
        session, profile=Profile(**given), by=actor_for(user), now=NOW
    )


def kinds_in_history(session: Session, organisation: Organisation) -> list[str]:
    wanted = sa.select(HistoryEntry.kind).where(HistoryEntry.chain_id == organisation.public_id)
    return list(session.scalars(wanted.order_by(HistoryEntry.sequence)))


def test_applicant_becomes_administrator_of_a_pending_organisation(session: Session) -> None:
    user = make_user(session)
    made = apply(session, user)
    session.flush()
    session.refresh(user)
    actor = actor_for(user)
    assert made.state == "pending"
    assert actor.memberships == {made.id: "administrator"}
    assert actor.organisation_id == made.id
    assert kinds_in_history(session, made) == ["applied"]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"kind": "club"}, "kind", "unknown_code"),
        ({"name_zh": " "}, "name_zh", "required"),
        ({"name_zh": "长" * 201}, "name_zh", "too_long"),
        ({"about_en": "x" * 5001}, "about_en", "too_long"),
        ({"region": "999999"}, "region", "unknown_code"),
        ({"country": "XX"}, "country", "unknown_code"),
        ({"industry": "ZZ"}, "industry", "unknown_code"),
        ({"website": "javascript:alert(1)"}, "website", "not_a_web_address"),
    ],
)
def test_profile_that_breaks_a_rule_is_refused(
    session: Session, changed: dict[str, str], field: str, code: str
) -> None:
    user = make_user(session)
    with pytest.raises(Invalid) as caught:
        apply(session, user, **changed)
    assert caught.value.fields == {field: code}


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://example.org/a?b=1", True),
        ("http://sub.example.org:8080", True),
        ("example.org", False),
        ("https://", False),
        ("https://exa mple.org", False),
        ("https://[bad", False),
        ("data:text/html,x", False),
        ("https://" + "a" * 300 + ".org", False),
    ],
)
def test_web_addresses_are_http_with_a_host(address: str, good: bool) -> None:
    assert is_web_address(address) is good


@pytest.mark.parametrize("name", ["东湖示例大学", " 东湖示例大学 ", "東湖示例大學"])
def test_name_that_is_here_already_is_hinted_at(session: Session, name: str) -> None:
    make_organisation(session, name_zh="东湖示例大学")
    user = make_user(session)
    with pytest.raises(Invalid) as caught:
        apply(session, user, name_zh=name)
    assert caught.value.fields == {"name_zh": "name_exists"}
    made = services.create_organisation(
        session,
        profile=Profile(kind="user", name_zh=name),
        by=actor_for(user),
        now=NOW,
        despite_namesakes=True,
    )
    assert made.name_zh == name.strip()


def test_english_names_are_compared_without_case(session: Session) -> None:
    known = make_organisation(session, name_zh=None, name_en="Example Works Ltd")
    assert queries.namesakes(session, None, "EXAMPLE WORKS LTD") == [known]
    assert queries.namesakes(session, "示例", "Other") == []
    assert queries.namesakes(session, None, None) == []


def test_operator_approves_and_the_applicant_is_told(
    app: Flask, database: Database, session: Session
) -> None:
    user, operator = make_user(session), grant_role(session, make_user(session), "operator")
    made = apply(session, user)
    services.decide_organisation(
        session, organisation=made, step="approve", by=actor_for(operator), now=NOW
    )
    session.commit()
    drain(database)
    with database.reading() as reading:
        told = reading.execute(sa.select(Notice.user_id, Notice.kind)).all()
        assert set(map(tuple, told)) == {(user.id, "organisation_approve")}
        assert kinds_in_history(reading, made) == ["applied", "approve"]


def test_waiting_application_is_told_to_the_operators(
    app: Flask, database: Database, session: Session
) -> None:
    user, operator = make_user(session), grant_role(session, make_user(session), "operator")
    apply(session, user)
    session.commit()
    drain(database)
    with database.reading() as reading:
        told = reading.execute(sa.select(Notice.user_id, Notice.kind)).all()
        assert list(map(tuple, told)) == [(operator.id, "organisation_applied")]


def test_refusal_wants_a_reason_and_may_be_answered_by_applying_again(session: Session) -> None:
    user, operator = make_user(session), grant_role(session, make_user(session), "operator")
    made = apply(session, user)
    by = actor_for(operator)
    with pytest.raises(Invalid) as caught:
        services.decide_organisation(
            session, organisation=made, step="refuse", reason="  ", by=by, now=NOW
        )
    assert caught.value.fields == {"reason": "required"}
    services.decide_organisation(
        session, organisation=made, step="refuse", reason="Name the firm in full.", by=by, now=NOW
    )
    assert (made.state, made.decision_reason) == ("refused", "Name the firm in full.")
    session.refresh(user)
    services.apply_again(session, organisation=made, by=actor_for(user), now=NOW)
    assert (made.state, made.decision_reason) == ("pending", None)
    with pytest.raises(Forbidden):
        services.apply_again(session, organisation=made, by=actor_for(user), now=NOW)


def test_only_operators_decide(session: Session) -> None:
    user = make_user(session)
    broker = grant_role(session, make_user(session), "broker")
    made = apply(session, user)
    session.refresh(user)
    for by in (actor_for(user), actor_for(broker)):
        with pytest.raises(Forbidden):
            services.decide_organisation(session, organisation=made, step="approve", by=by, now=NOW)


def test_every_step_is_taken_from_its_states_alone(session: Session) -> None:
    by = actor_for(grant_role(session, make_user(session), "operator"))
    for state in ORGANISATION.states:
        for step, change in ORGANISATION.changes.items():
            if step == "apply_again":
                continue
            made = make_organisation(session, state=state)
            taken: dict[str, Any] = {
                "organisation": made,
                "step": step,
                "reason": "because",
                "by": by,
                "now": NOW,
            }
            if state in change.sources:
                services.decide_organisation(session, **taken)
                assert made.state == change.target
            else:
                with pytest.raises(IllegalTransition):
                    services.decide_organisation(session, **taken)


def test_of_two_operators_at_once_the_second_is_told(database: Database, session: Session) -> None:
    operator = grant_role(session, make_user(session), "operator")
    made = make_organisation(session, state="pending")
    by = actor_for(operator)
    session.commit()
    with database.reading() as stale_session:
        stale = stale_session.get_one(Organisation, made.id)
    with database.writing() as first:
        services.decide_organisation(
            first, organisation=first.get_one(Organisation, made.id), step="approve", by=by, now=NOW
        )
    with database.writer() as second:
        second.add(stale)  # as the second operator's request read it, before the first was done
        with pytest.raises(Conflict) as caught:
            services.decide_organisation(
                second, organisation=stale, step="refuse", reason="late", by=by, now=NOW
            )
    assert caught.value.code == "changed_meanwhile"


def test_second_decision_through_http_answers_409(client: FlaskClient, session: Session) -> None:
    operator = grant_role(session, make_user(session), "operator")
    made = make_organisation(session, state="pending")
    session.commit()
    sign_in(client, operator)
    path = f"/admin/organisations/{made.public_id}"
    assert client.get("/admin/organisations").status_code == 200
    assert post(client, f"{path}/approve").status_code == 302
    assert post(client, f"{path}/approve").status_code == 409
    assert post(client, f"{path}/refuse", reason="late").status_code == 409
    assert post(client, f"{path}/suspend").status_code == 422
    assert post(client, f"{path}/dance").status_code == 422


def test_approved_kind_is_changed_by_operators_alone(session: Session) -> None:
    user, operator = make_user(session), grant_role(session, make_user(session), "operator")
    made = make_organisation(session, kind="university", name_zh="东湖示例大学")
    make_membership(session, user, made)
    other = Profile(kind="enterprise", name_zh="东湖示例大学")
    with pytest.raises(Invalid) as caught:
        services.edit_organisation(
            session, organisation=made, profile=other, by=actor_for(user), now=NOW
        )
    assert caught.value.fields == {"kind": "kind_is_settled"}
    services.edit_organisation(
        session, organisation=made, profile=other, by=actor_for(operator), now=NOW
    )
    assert made.kind == "enterprise"
    assert kinds_in_history(session, made) == ["edited"]
    services.edit_organisation(
        session, organisation=made, profile=other, by=actor_for(operator), now=NOW
    )
    assert kinds_in_history(session, made) == ["edited"]


def test_form_sent_twice_makes_one_organisation(
    client: FlaskClient, session: Session, database: Database
) -> None:
    user = make_user(session)
    session.commit()
    sign_in(client, user)
    form = {"kind": "enterprise", "name_zh": "示例光电有限公司", "country": "CN"}
    first = post(client, "/organisations/new", **form)
    assert first.status_code == 302
    second = post(client, "/organisations/new", **form)
    assert second.status_code == 422
    assert first.headers["Location"] in second.text
    assert 'name="despite_namesakes"' in second.text
    with database.reading() as reading:
        assert reading.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 1
    assert post(client, "/organisations/new", **form, despite_namesakes="y").status_code == 302


def test_page_of_an_organisation_is_shut_until_it_is_approved(app: Flask, session: Session) -> None:
    owner, stranger = make_user(session), make_user(session)
    operator = grant_role(session, make_user(session), "operator")
    made = make_organisation(session, state="pending", about_en="<script>x</script>")
    make_membership(session, owner, made)
    session.commit()
    path = f"/organisations/{made.public_id}"
    visitor = app.test_client()
    codes = {
        "visitor": visitor.get(path).status_code,
        "stranger": sign_in(app.test_client(), stranger).get(path).status_code,
        "owner": sign_in(app.test_client(), owner).get(path).status_code,
        "operator": sign_in(app.test_client(), operator).get(path).status_code,
    }
    assert codes == {"visitor": 404, "stranger": 404, "owner": 200, "operator": 200}
    assert str(made.name_zh) not in visitor.get("/organisations").text
    made.state = "approved"
    session.commit()
    page = visitor.get(path)
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("role", ["visitor", "stranger", "member", "editor", "administrator"])
def test_profile_is_edited_by_administrators_alone(app: Flask, session: Session, role: str) -> None:
    user = make_user(session)
    made = make_organisation(session, kind="institute", name_zh="示例研究院", name_en=None)
    if role not in {"visitor", "stranger"}:
        make_membership(session, user, made, role)
    session.commit()
    client = app.test_client()
    if role != "visitor":
        sign_in(client, user)
    path = f"/organisations/{made.public_id}/edit"
    wanted = {"visitor": (302, 302), "administrator": (200, 302)}.get(role, (403, 403))
    form = {"kind": "institute", "name_zh": "示例研究所", "country": "CN", "region": "420100"}
    codes = (client.get(path).status_code, post(client, path, **form).status_code)
    assert codes == wanted
    session.expire_all()
    renamed = role == "administrator"
    assert made.name_zh == ("示例研究所" if renamed else "示例研究院")


def test_operators_pages_are_shut_to_all_others(app: Flask, session: Session) -> None:
    owner = make_user(session)
    broker = grant_role(session, make_user(session), "broker")
    made = make_organisation(session, state="pending")
    make_membership(session, owner, made)
    session.commit()
    for user in (owner, broker):
        client = sign_in(app.test_client(), user)
        assert client.get("/admin/organisations").status_code == 403
        assert client.get("/admin/people").status_code == 403
        approve = f"/admin/organisations/{made.public_id}/approve"
        assert post(client, approve).status_code == 403
        grant = f"/admin/people/{owner.public_id}/grant"
        assert post(client, grant, role="operator").status_code == 403
    session.expire_all()
    assert made.state == "pending"


def test_directory_is_narrowed_by_text_kind_and_region(session: Session) -> None:
    hongshan = make_organisation(
        session, kind="university", name_zh="洪山示例大学", region="420111"
    )
    wuhan = make_organisation(
        session,
        kind="enterprise",
        name_zh="江城 100% 光电",
        name_en="River Optics",
        region="420100",
    )
    make_organisation(session, name_zh="等待中", state="pending", region="420100")

    def found(**where: str) -> list[Organisation]:
        rows, total = queries.organisations(session, queries.OrganisationFilter(**where))
        assert len(rows) == total
        return sorted(rows, key=lambda each: each.id)

    assert found() == [hongshan, wuhan]
    assert found(region="420000") == [hongshan, wuhan]
    assert found(region="420111") == [hongshan]
    assert found(kind="enterprise") == [wuhan]
    assert found(text="river") == [wuhan]
    assert found(text="洪山") == [hongshan]
    assert found(text="示例大學") == [hongshan]
    assert found(text="100%") == [wuhan]
    assert found(text="1%0") == []
    assert found(text="_") == []


def test_directory_pages_are_shareable(client: FlaskClient, session: Session) -> None:
    for number in range(25):
        make_organisation(session, name_zh=f"第{number:02d}示例公司", kind="enterprise")
    session.commit()
    first = client.get("/organisations?kind=enterprise")
    second = client.get("/organisations?kind=enterprise&page=2")
    assert (first.text.count("示例公司"), second.text.count("示例公司")) == (20, 5)
    odd = client.get("/organisations?kind=nonsense&region=nonsense&page=-3")
    assert odd.status_code == 200
    assert client.get("/organisations?q=%00").status_code == 400
    assert client.get("/organisations/%00").status_code == 400


def test_every_kind_has_words_in_both_languages(app: Flask) -> None:
    from flask_babel import force_locale

    from tenon.accounts import labels
    from tenon.accounts.models import (
        MEMBER_ROLES,
        MEMBERSHIP_STATES,
        ORGANISATION_STATES,
        SITE_ROLES,
    )

    assert tuple(labels.KINDS) == ORGANISATION_KINDS
    assert tuple(labels.STATES) == ORGANISATION_STATES == ORGANISATION.states
    assert tuple(labels.ROLES) == MEMBER_ROLES == tuple(labels.ROLE_HINTS)
    assert tuple(labels.MEMBERSHIP_STATES) == MEMBERSHIP_STATES
    assert tuple(labels.SITE_ROLES) == SITE_ROLES
    assert set(labels.STEPS) == set(ORGANISATION.changes)
    tables = (
        labels.KINDS,
        labels.STATES,
        labels.ROLES,
        labels.ROLE_HINTS,
        labels.MEMBERSHIP_STATES,
        labels.SITE_ROLES,
        labels.STEPS,
    )
    with app.test_request_context():
        for table in tables:
            for label in table.values():
                with force_locale("en"):
                    english = str(label)
                with force_locale("zh_Hans"):
                    assert str(label) != english


def test_other_rooms_add_sections_to_an_organisations_page(app: Flask, session: Session) -> None:
    made = make_organisation(session)
    session.commit()
    told = []

    def load(_session: Session, organisation: Organisation, _actor: Actor) -> None:
        told.append(organisation.public_id)

    add_section(app, "organisation", Section("layout/error.html", load))
    page = app.test_client().get(f"/organisations/{made.public_id}")
    assert page.status_code == 200
    assert told == [made.public_id]
