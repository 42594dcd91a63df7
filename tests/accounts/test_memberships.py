"""Memberships: asking, deciding, roles, leaving, whom one acts for; never without administrator."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts import queries, services
from tenon.accounts.models import Membership, Organisation, User
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.notices.models import Notice
from tenon.outbox.dispatcher import drain
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


def ask(session: Session, user: User, organisation: Organisation, note: str = "") -> Membership:
    return services.ask_to_join(
        session, organisation=organisation, note=note, by=actor_for(user), now=NOW
    )


def test_request_is_accepted_in_a_role_and_both_sides_are_told(
    app: Flask, database: Database, session: Session
) -> None:
    boss, user = make_user(session), make_user(session, name="Ling Example")
    organisation = make_organisation(session)
    make_membership(session, boss, organisation)
    request = ask(session, user, organisation, "I work in the optics group.")
    session.commit()
    drain(database)
    services.decide_request(
        session, membership=request, accept=True, role="editor", by=actor_for(boss), now=NOW
    )
    session.commit()
    drain(database)
    session.refresh(user)
    assert actor_for(user).memberships == {organisation.id: "editor"}
    assert request.note is None
    told = session.execute(sa.select(Notice.user_id, Notice.kind).order_by(Notice.id)).all()
    assert list(map(tuple, told)) == [
        (boss.id, "membership_requested"),
        (user.id, "membership_accepted"),
    ]


def test_asking_twice_is_one_request(session: Session) -> None:
    user, organisation = make_user(session), make_organisation(session)
    ask(session, user, organisation)
    with pytest.raises(Conflict) as caught:
        ask(session, user, organisation)
    assert caught.value.code == "already_asked"


def test_after_a_refusal_one_may_ask_again(session: Session) -> None:
    boss, user = make_user(session), make_user(session)
    organisation = make_organisation(session)
    make_membership(session, boss, organisation)
    request = ask(session, user, organisation)
    services.decide_request(session, membership=request, accept=False, by=actor_for(boss), now=NOW)
    assert request.state == "ended"
    again = ask(session, user, organisation)
    assert again.id != request.id
    with pytest.raises(Conflict):
        services.decide_request(
            session, membership=request, accept=True, by=actor_for(boss), now=NOW
        )


def test_one_may_not_ask_where_one_belongs_or_which_is_not_approved(session: Session) -> None:
    user = make_user(session)
    with pytest.raises(Forbidden):
        ask(session, user, make_organisation(session, state="pending"))
    organisation = make_organisation(session)
    make_membership(session, user, organisation, "member")
    with pytest.raises(Conflict):
        ask(session, user, organisation)
    with pytest.raises(Invalid):
        ask(session, make_user(session), organisation, "x" * 501)


@pytest.mark.parametrize("role", ["member", "editor"])
def test_only_administrators_and_operators_decide(session: Session, role: str) -> None:
    organisation = make_organisation(session)
    other = make_organisation(session)
    insider, outsider = make_user(session), make_user(session)
    operator = grant_role(session, make_user(session), "operator")
    make_membership(session, insider, organisation, role)
    make_membership(session, outsider, other, "administrator")
    request = ask(session, make_user(session), organisation)
    for by in (insider, outsider):
        with pytest.raises(Forbidden):
            services.decide_request(
                session, membership=request, accept=True, by=actor_for(by), now=NOW
            )
    services.decide_request(
        session,
        membership=request,
        accept=True,
        role="administrator",
        by=actor_for(operator),
        now=NOW,
    )
    assert (request.state, request.role) == ("active", "administrator")


def test_last_administrator_stays(session: Session) -> None:
    boss, member = make_user(session), make_user(session)
    organisation = make_organisation(session)
    first = make_membership(session, boss, organisation)
    second = make_membership(session, member, organisation, "member")
    by = actor_for(boss)
    with pytest.raises(Conflict) as caught:
        services.end_membership(session, membership=first, by=by, now=NOW)
    assert caught.value.code == "last_administrator"
    with pytest.raises(Conflict):
        services.change_role(session, membership=first, role="member", by=by, now=NOW)
    services.change_role(session, membership=second, role="administrator", by=by, now=NOW)
    services.end_membership(session, membership=first, by=by, now=NOW)
    assert first.state == "ended"
    session.refresh(member)
    with pytest.raises(Conflict):
        services.end_membership(session, membership=second, by=actor_for(member), now=NOW)


def test_two_administrators_who_leave_at_once_leave_one_behind(
    database: Database, session: Session
) -> None:
    organisation = make_organisation(session)
    people = [make_user(session) for _ in range(2)]
    held = [make_membership(session, each, organisation).id for each in people]
    actors = [actor_for(each) for each in people]
    session.commit()
    start, outcomes = threading.Barrier(2), []

    def leave(number: int) -> None:
        start.wait()
        try:
            with database.writing() as own:
                membership = own.get_one(Membership, held[number])
                services.end_membership(own, membership=membership, by=actors[number], now=NOW)
            outcomes.append("left")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=leave, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last_administrator", "left"]
    assert len(queries.administrators(session, organisation.id)) == 1


def test_member_leaves_but_ends_nobody_else(session: Session) -> None:
    boss, member, other = (make_user(session) for _ in range(3))
    organisation = make_organisation(session)
    make_membership(session, boss, organisation)
    own = make_membership(session, member, organisation, "editor")
    others = make_membership(session, other, organisation, "member")
    member.acting_for_id = organisation.id
    by = actor_for(member)
    with pytest.raises(Forbidden):
        services.end_membership(session, membership=others, by=by, now=NOW)
    services.end_membership(session, membership=own, by=by, now=NOW)
    session.refresh(member)
    assert actor_for(member).memberships == {}
    assert member.acting_for_id is None
    with pytest.raises(Conflict):
        services.end_membership(session, membership=own, by=by, now=NOW)


def acting_for(database: Database, user: User) -> int | None:
    with database.reading() as reading:
        return actor_for(reading.get_one(User, user.id)).organisation_id


def test_switching_takes_only_ones_own_organisations(
    client: FlaskClient, database: Database, session: Session
) -> None:
    user = make_user(session)
    first, second, foreign = (make_organisation(session) for _ in range(3))
    make_membership(session, user, first, "member")
    make_membership(session, user, second, "editor")
    asked = make_organisation(session)
    make_membership(session, user, asked, "member", "requested")
    session.commit()
    sign_in(client, user)
    path = "/account/acting-for"
    answer = post(client, path, organisation=second.id, next="/organisations?kind=user")
    assert answer.headers["Location"] == "/organisations?kind=user"
    assert acting_for(database, user) == second.id
    assert post(client, path, organisation=foreign.id).status_code == 403
    assert post(client, path, organisation=asked.id).status_code == 403
    assert post(client, path, organisation="x").status_code == 403
    away = post(client, path, organisation=first.id, next="https://evil.example/")
    assert away.headers["Location"] == "/"
    assert acting_for(database, user) == first.id
    assert str(second.name_zh) in client.get("/account").text


def test_members_pages_through_http(app: Flask, database: Database, session: Session) -> None:
    boss, member, stranger = (make_user(session) for _ in range(3))
    organisation, other = make_organisation(session), make_organisation(session)
    make_membership(session, boss, organisation)
    make_membership(session, boss, other)
    seat = make_membership(session, member, organisation, "member")
    session.commit()
    path = f"/organisations/{organisation.public_id}"
    asking = sign_in(app.test_client(), stranger)
    assert asking.get(f"{path}/members").status_code == 403
    assert post(asking, f"{path}/join", note="Please").status_code == 302
    assert post(asking, f"{path}/join", note="Please").status_code == 302
    assert app.test_client().get(f"{path}/members").status_code == 302

    looking = sign_in(app.test_client(), member)
    page = looking.get(f"{path}/members").text
    assert boss.email not in page
    assert "Please" not in page

    deciding = sign_in(app.test_client(), boss)
    page = deciding.get(f"{path}/members").text
    assert member.email in page
    assert "Please" in page
    with database.reading() as reading:
        request = queries.live_membership(reading, stranger.id, organisation.id)
        own = queries.live_membership(reading, boss.id, organisation.id)
    assert request is not None
    assert own is not None
    foreign = f"/organisations/{other.public_id}/members/{request.id}/decide"
    assert post(deciding, foreign, decision="accept").status_code == 404
    decide = f"{path}/members/{request.id}/decide"
    assert post(looking, decide, decision="accept").status_code == 403
    assert post(deciding, decide, decision="accept", role="king").status_code == 422
    assert post(deciding, decide, decision="accept", role="editor").status_code == 302
    assert post(deciding, decide, decision="accept", role="editor").status_code == 409

    refused = post(deciding, f"{path}/members/{own.id}/end")
    assert refused.status_code == 409
    assert "needs an administrator" in refused.text
    assert post(deciding, f"{path}/members/{own.id}/role", role="member").status_code == 409
    assert post(looking, f"{path}/members/{own.id}/end").status_code == 403
    assert post(deciding, f"{path}/members/{seat.id}/role", role="editor").status_code == 302
    assert post(looking, f"{path}/members/{seat.id}/end").status_code == 302
    assert post(deciding, f"{path}/members/999999/end").status_code == 404
