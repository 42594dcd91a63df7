"""Roles on the site, blocking, the command line; the last operator stays."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts import queries, services
from tenon.accounts.commands import grant, revoke, user
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.history.models import HistoryEntry
from tests.factories.accounts import NOW, actor_for, grant_role, make_user, post, sign_in


def test_roles_are_granted_and_taken_back_with_an_entry_each(session: Session) -> None:
    operator = grant_role(session, make_user(session), "operator")
    person = make_user(session)
    given: dict[str, Any] = {
        "user": person,
        "role": "broker",
        "by": actor_for(operator),
        "now": NOW,
    }
    assert services.grant_role(session, **given) is True
    assert services.grant_role(session, **given) is False
    assert actor_for(person).broker is True
    assert services.revoke_role(session, **given) is True
    assert services.revoke_role(session, **given) is False
    assert actor_for(person).broker is False
    entries = session.scalars(
        sa.select(HistoryEntry).where(HistoryEntry.chain_id == person.public_id)
    )
    assert [(each.kind, each.facts) for each in entries] == [
        ("role_granted", {"role": "broker"}),
        ("role_revoked", {"role": "broker"}),
    ]


def test_nobody_else_grants_and_no_other_role_exists(session: Session) -> None:
    broker = grant_role(session, make_user(session), "broker")
    operator = grant_role(session, make_user(session), "operator")
    with pytest.raises(Forbidden):
        services.grant_role(session, user=broker, role="operator", by=actor_for(broker), now=NOW)
    with pytest.raises(Invalid):
        services.grant_role(session, user=broker, role="king", by=actor_for(operator), now=NOW)
    broker.active = False
    with pytest.raises(Conflict):
        services.grant_role(session, user=broker, role="operator", by=actor_for(operator), now=NOW)


def test_last_operator_stays(session: Session) -> None:
    operator = grant_role(session, make_user(session), "operator")
    blocked = grant_role(session, make_user(session, active=False), "operator")
    by = actor_for(operator)
    with pytest.raises(Conflict) as caught:
        services.revoke_role(session, user=operator, role="operator", by=by, now=NOW)
    assert caught.value.code == "last_operator"
    with pytest.raises(Conflict):
        services.set_active(session, user=operator, active=False, by=SYSTEM, now=NOW)
    services.set_active(session, user=blocked, active=True, by=by, now=NOW)
    assert services.revoke_role(session, user=operator, role="operator", by=by, now=NOW)


def test_two_operators_who_revoke_each_other_at_once_leave_one(
    database: Database, session: Session
) -> None:
    people = [grant_role(session, make_user(session), "operator") for _ in range(2)]
    actors = [actor_for(each) for each in people]
    session.commit()
    start, outcomes = threading.Barrier(2), []

    def revoke_other(number: int) -> None:
        start.wait()
        try:
            with database.writing() as own:
                other = own.get_one(User, people[1 - number].id)
                services.revoke_role(own, user=other, role="operator", by=actors[number], now=NOW)
            outcomes.append("revoked")
        except Conflict as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=revoke_other, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last_operator", "revoked"]
    session.expire_all()
    assert len(queries.operators(session)) == 1


def test_people_page_grants_blocks_and_searches(app: Flask, session: Session) -> None:
    operator = grant_role(session, make_user(session, email="boss@example.org"), "operator")
    person = make_user(session, email="person@example.org", name="Ling 100% Example")
    session.commit()
    client = sign_in(app.test_client(), operator)
    theirs = sign_in(app.test_client(), person)
    assert theirs.get("/account").status_code == 200
    path = f"/admin/people/{person.public_id}"
    assert "person@example.org" in client.get("/admin/people?q=ling+100%25").text
    assert "person@example.org" not in client.get("/admin/people?q=ling_100").text
    assert post(client, f"{path}/grant", role="broker").status_code == 302
    assert "person@example.org" in client.get("/admin/people?role=broker").text
    assert post(client, f"{path}/active", active="no").status_code == 302
    assert theirs.get("/account").status_code == 302
    assert post(client, f"{path}/active", active="yes").status_code == 302
    assert theirs.get("/account").status_code == 302  # blocking ended the session for good
    own = f"/admin/people/{operator.public_id}"
    assert post(client, f"{own}/active", active="no").status_code == 403
    assert post(client, f"{own}/revoke", role="operator").status_code == 409
    assert post(client, "/admin/people/nobody/grant", role="broker").status_code == 404
    session.expire_all()
    assert actor_for(operator).operator is True


def test_own_name_and_language_are_changed(client: FlaskClient, session: Session) -> None:
    person = make_user(session)
    session.commit()
    sign_in(client, person)
    assert post(client, "/account", name="Lán", language="zh").status_code == 302
    session.refresh(person)
    session.commit()  # lets go of the lock
    assert (person.name, person.language) == ("Lán", "zh")
    assert '<html lang="zh-Hans"' in client.get("/account").text
    assert post(client, "/account", name=" ", language="zh").status_code == 422
    assert post(client, "/account", name="x", language="fr").status_code == 422


@pytest.fixture
def environment(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv(
        "TENON_DATABASE_URL", database.engine.url.render_as_string(hide_password=False)
    )
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "var"))
    return database


def test_command_line_makes_lists_grants_and_revokes(environment: Database, app: Flask) -> None:
    run = CliRunner().invoke
    arguments = ["create", "New@Example.org", "--name", "New One", "--role", "operator"]
    made = run(user, [*arguments, "--password-stdin"], input="a long enough password\n")
    assert (made.exit_code, made.output) == (0, "new@example.org has an account\n")
    twice = run(user, arguments)
    assert twice.exit_code == 1
    assert "there is an account with this address already" in twice.output
    assert run(user, ["create", "nonsense", "--name", "x"]).exit_code == 1
    short = run(user, ["create", "b@example.org", "--name", "x", "--password-stdin"], input="x\n")
    assert short.exit_code == 1

    listed = run(user, ["list", "--json"])
    (row,) = json.loads(listed.output)
    assert {key: row[key] for key in ("email", "name", "roles", "active", "confirmed")} == {
        "email": "new@example.org",
        "name": "New One",
        "roles": ["operator"],
        "active": True,
        "confirmed": True,
    }
    assert run(user, ["list", "--role", "broker", "--json"]).output == "[]\n"
    assert run(grant, ["NEW@example.org", "broker"]).output == "new@example.org is broker\n"
    assert run(grant, ["new@example.org", "broker"]).exit_code == 0
    assert run(revoke, ["new@example.org", "broker"]).exit_code == 0
    last = run(revoke, ["new@example.org", "operator"])
    assert last.exit_code == 1
    assert "the last operator stays" in last.output
    assert run(grant, ["nobody@example.org", "broker"]).exit_code == 1
    assert run(grant, ["new@example.org", "king"]).exit_code == 2

    client = app.test_client()
    fields = {"email": "new@example.org", "password": "a long enough password"}
    assert post(client, "/account/sign-in", **fields).status_code == 302
    assert client.get("/admin/people").status_code == 200
