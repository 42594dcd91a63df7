"""What is held about a person, and erasure: afterwards nothing in the database tells who it was."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts import personal_data, services
from tenon.accounts.models import User
from tenon.db import Base, Database
from tenon.errors import Conflict, Forbidden
from tenon.history.proof import verify
from tenon.notices.gathering import gather
from tenon.notices.services import notify
from tenon.outbox.dispatcher import drain
from tests.factories.accounts import (
    NOW,
    PASSWORD,
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)

NAME, ADDRESS = "Xanthippe Nonesuch", "xanthippe@nowhere.example"


def everything(session: Session) -> str:
    """Every text of every column of every table, as one string."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(sa.select(table)):
            found += [
                json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
                for value in row
                if isinstance(value, str | dict | list)
            ]
    return "\n".join(found)


def busy_person(database: Database, session: Session) -> User:
    """A person whose name has spread: request, notices of others, mails, history, roles."""
    person = make_user(session, name=NAME, email=ADDRESS)
    boss = make_user(session)
    organisation, other = make_organisation(session), make_organisation(session)
    make_membership(session, boss, organisation)
    make_membership(session, boss, other)
    make_membership(session, person, other, "editor")
    grant_role(session, person, "broker")
    services.ask_to_join(
        session,
        organisation=organisation,
        note=f"{NAME} here",
        by=actor_for(person),
        now=NOW,
    )
    services.create_organisation(
        session,
        profile=services.Profile(kind="user", name_en="Nobody's Workshop"),
        by=actor_for(person),
        now=NOW,
    )
    history.record(session, chain=("listing", "L1"), kind="viewed", by=actor_for(person), now=NOW)
    session.commit()
    drain(database)
    notify(session, user=person, kind="broker_granted", facts={}, path="/account", now=NOW)
    gather(session, user_id=person.id, planned=None, now=NOW)  # one mail still waits
    session.commit()
    return person


def test_erasure_leaves_neither_name_nor_address_nor_salt(
    database: Database, session: Session, app: Flask
) -> None:
    person = busy_person(database, session)
    salt, uniquifier = person.salt, person.fs_uniquifier
    with database.reading() as reading:
        before = everything(reading)
    assert [word in before for word in (NAME, ADDRESS, salt)] == [True, True, True]
    client = sign_in(app.test_client(), person)
    answer = post(client, "/account/erase", password=PASSWORD, sure="y")
    assert answer.status_code == 302
    drain(database)
    session.expire_all()
    after = everything(session)
    words = (NAME, "Xanthippe", ADDRESS, salt, uniquifier)
    assert [word for word in words if word in after] == []
    kept = session.get_one(User, person.id)
    assert (kept.email, kept.active, kept.password) == (f"erased-{person.id}@invalid", False, None)
    assert actor_for(kept).memberships == {}
    assert actor_for(kept).broker is False
    assert list(verify(session)) == []
    session.commit()  # lets go of the lock
    assert client.get("/account").status_code == 302
    failed = post(app.test_client(), "/account/sign-in", email=ADDRESS, password=PASSWORD)
    assert failed.status_code == 422


def test_address_of_the_erased_may_be_used_anew(session: Session) -> None:
    person = make_user(session, email=ADDRESS)
    services.erase_person(session, user=person, by=actor_for(person), now=NOW)
    assert make_user(session, email=ADDRESS).id != person.id
    with pytest.raises(Conflict):
        services.erase_person(session, user=person, by=actor_for(person), now=NOW)


def test_only_oneself_or_an_operator_erases(session: Session) -> None:
    person = make_user(session)
    broker = grant_role(session, make_user(session), "broker")
    operator = grant_role(session, make_user(session), "operator")
    with pytest.raises(Forbidden):
        services.erase_person(session, user=person, by=actor_for(broker), now=NOW)
    services.erase_person(session, user=person, by=actor_for(operator), now=NOW)
    assert person.erased_at == NOW


def test_last_administrator_with_others_cannot_be_erased(
    client: FlaskClient, session: Session
) -> None:
    person, member = make_user(session), make_user(session)
    crowded = make_organisation(session, name_en="Crowded House")
    make_membership(session, person, crowded)
    seat = make_membership(session, member, crowded, "member")
    make_membership(session, person, make_organisation(session, name_en="Alone"))
    session.commit()
    with pytest.raises(Conflict) as caught:
        services.erase_person(session, user=person, by=actor_for(person), now=NOW)
    assert caught.value.facts == {"organisations": [crowded.public_id]}
    session.commit()
    sign_in(client, person)
    page = client.get("/account/erase").text.split('<main id="main"')[1]
    assert f"/organisations/{crowded.public_id}/members" in page
    assert "Alone" not in page
    assert post(client, "/account/erase", password=PASSWORD, sure="y").status_code == 422
    seat.role = "administrator"
    session.commit()
    assert post(client, "/account/erase", password="wrong", sure="y").status_code == 422
    assert post(client, "/account/erase", password=PASSWORD).status_code == 422
    session.refresh(person)
    session.commit()  # lets go of the lock
    assert person.erased_at is None
    assert post(client, "/account/erase", password=PASSWORD, sure="y").status_code == 302


def test_last_operator_cannot_be_erased(session: Session) -> None:
    operator = grant_role(session, make_user(session), "operator")
    with pytest.raises(Conflict) as caught:
        services.erase_person(session, user=operator, by=actor_for(operator), now=NOW)
    assert caught.value.code == "last_operator"


def test_my_data_holds_what_every_room_holds_and_no_secret(
    client: FlaskClient, database: Database, session: Session
) -> None:
    person = busy_person(database, session)
    sign_in(client, person)
    answer = client.get("/account/my-data")
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    found = json.loads(answer.data)
    assert found["account"]["email"] == ADDRESS
    assert found["account"]["roles"] == ["broker"]
    assert [each["state"] for each in found["account"]["memberships"]] == [
        "active",
        "requested",
        "active",
    ]
    kinds = [each["kind"] for each in found["history"]["entries"]]
    assert kinds == ["member_requested", "applied", "viewed"]
    assert [each["kind"] for each in found["notices"]["notices"]] == ["broker_granted"]
    assert len(found["notices"]["mails"]) == 1
    assert person.password is not None
    assert [word for word in (person.password, person.salt) if word in answer.text] == []


def test_my_data_comes_as_a_zip_where_a_room_keeps_files(
    client: FlaskClient, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "drawing.pdf"
    file.write_bytes(b"%PDF-1.7 drawing")
    person = make_user(session)
    session.commit()
    monkeypatch.setattr(
        personal_data,
        "_ENCLOSERS",
        {
            "listings": lambda _session, _user: [
                personal_data.Enclosure("files/drawing.pdf", file),
                personal_data.Enclosure("files/gone.pdf", tmp_path / "gone.pdf"),
            ]
        },
    )
    sign_in(client, person)
    with client.get("/account/my-data") as answer:
        packed = answer.data
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert sorted(archive.namelist()) == ["files/drawing.pdf", "my-data.json"]
        assert archive.read("files/drawing.pdf") == b"%PDF-1.7 drawing"


def test_my_data_and_erasure_are_ones_own_alone(client: FlaskClient) -> None:
    for path in ("/account/my-data", "/account/erase"):
        assert client.get(path).headers["Location"].startswith("/account/sign-in")
    assert post(client, "/account/erase", password="x", sure="y").status_code == 302


def test_room_registers_once() -> None:
    def collector(_session: Session, _user: User) -> dict[str, str]:
        return {}

    with pytest.raises(ValueError, match="notices is registered already"):
        personal_data.collects("notices")(collector)


def test_operator_erases_on_request_after_typing_the_address(
    app: Flask, database: Database, session: Session
) -> None:
    operator = grant_role(session, make_user(session), "operator")
    person = make_user(session, email=ADDRESS)
    session.commit()
    client = sign_in(app.test_client(), operator)
    path = f"/admin/people/{person.public_id}/erase"
    assert client.get(path).status_code == 200
    assert post(client, path, email=operator.email).status_code == 422
    assert post(client, path, email=ADDRESS).status_code == 302
    assert client.get(path).status_code == 404
    own = f"/admin/people/{operator.public_id}/erase"
    assert post(client, own, email=operator.email).status_code == 422
    other = sign_in(app.test_client(), person)
    assert other.get(own).status_code == 302
    with database.reading() as reading:
        assert reading.get_one(User, person.id).erased_at is not None
        assert reading.get_one(User, operator.id).erased_at is None
