"""The operators' page on the ranking: figures, versions, the way back; for nobody else."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.matches.learning import versions
from tests.factories.accounts import grant_role, make_user, post, sign_in
from tests.matches.learnt import better_trial

PAGE = "/operations/ranking"
CHANGE = f"{PAGE}/change"


@pytest.fixture
def operator(client: FlaskClient, session: Session) -> FlaskClient:
    """An operator's browser, in English."""
    user = grant_role(session, make_user(session), "operator")
    session.commit()
    return sign_in(client, user)


def learned(session: Session, now: datetime, *, runs: bool = True) -> int:
    number = versions.next_number(session)
    versions.keep(session, better_trial(number), by=SYSTEM, now=now)
    if runs:
        versions.let_run(session, number, by=SYSTEM, now=now)
    session.commit()
    return number


def test_without_versions_the_shipped_weights_are_shown(operator: FlaskClient) -> None:
    page = operator.get(PAGE)
    assert page.status_code == 200
    assert "The weights as shipped." in page.text
    assert "Nothing was learned yet" in page.text
    assert "Back to" not in page.text


def test_what_runs_is_shown_with_its_figures_in_both_languages(
    operator: FlaskClient, session: Session, now: datetime
) -> None:
    learned(session, now)
    page = operator.get(PAGE).text
    assert "Version 1, learned on" in page
    for figure in ("0.550", "0.620", "0.710", "1.100", "0.143", "640"):
        assert figure in page, figure
    assert "Back to the shipped weights …" in page
    chinese = sign_in(operator.application.test_client(), _operator(session)).get(
        PAGE, headers={"Accept-Language": "zh"}
    )
    assert "出厂权重" in chinese.text


def _operator(session: Session) -> User:
    user = grant_role(session, make_user(session, language="zh"), "operator")
    session.commit()
    return user


def test_rolling_back_asks_first_and_then_does_it(
    operator: FlaskClient, session: Session, now: datetime
) -> None:
    for _ in range(2):
        learned(session, now)
    assert f'href="{CHANGE}?version=1"' in operator.get(PAGE).text
    asked = operator.get(f"{CHANGE}?version=1")
    assert "Let version 1 run?" in asked.text
    assert 'name="csrf_token"' in asked.text
    assert operator.post(CHANGE, data={"version": "1"}).status_code == 400
    done = post(operator, CHANGE, version="1")
    assert (done.status_code, done.location) == (303, PAGE)
    session.expire_all()
    assert [one.state for one in versions.versions(session)] == ["retired", "running"]
    session.commit()
    post(operator, CHANGE, version="0")
    session.expire_all()
    assert versions.running_version(session) is None
    assert "The shipped weights run now." in operator.get(PAGE).text


def test_a_candidate_can_be_let_run(operator: FlaskClient, session: Session, now: datetime) -> None:
    learned(session, now, runs=False)
    assert "Candidate" in operator.get(PAGE).text
    post(operator, CHANGE, version="1")
    session.expire_all()
    running = versions.running_version(session)
    assert running is not None
    session.commit()
    post(operator, CHANGE, version="1")
    assert "That runs already." in operator.get(PAGE).text


@pytest.mark.parametrize("wanted", ["7", "-1", "x", "", "1.5", "9" * 30])
def test_no_version_of_that_number(operator: FlaskClient, wanted: str) -> None:
    assert operator.get(CHANGE, query_string={"version": wanted}).status_code == 404
    assert post(operator, CHANGE, version=wanted).status_code == 404


def test_a_version_of_another_release_is_told_and_cannot_run(
    operator: FlaskClient, session: Session, now: datetime
) -> None:
    versions.keep(session, better_trial(1, "0" * 16), by=SYSTEM, now=now)
    session.commit()
    assert "of another release" in operator.get(PAGE).text
    post(operator, CHANGE, version="1")
    assert "learned for the weights of another release" in operator.get(PAGE).text
    version = versions.versions(session)[0]
    version.state = "running"
    session.commit()
    assert "was learned for another release" in operator.get(PAGE).text


def test_nobody_else_sees_or_changes_it(client: FlaskClient, session: Session) -> None:
    broker = grant_role(session, make_user(session), "broker")
    session.commit()
    assert client.get(PAGE).status_code == 302
    sign_in(client, broker)
    assert client.get(PAGE).status_code == 403
    assert post(client, CHANGE, version="0").status_code == 403
