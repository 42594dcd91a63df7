"""Unified social credit codes, and whether an organisation counts as the state's."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tenon.accounts import queries
from tenon.accounts.credit_codes import ALPHABET, check_character, is_valid, normal
from tenon.accounts.models import Organisation
from tenon.accounts.queries import is_state_founded
from tenon.db import Database
from tests.factories.accounts import (
    make_membership,
    make_organisation,
    make_user,
    post,
    sign_in,
)

EXAMPLE = "91350100M000100Y43"  # the worked example of GB 32100-2015


def test_the_standards_own_example_holds() -> None:
    assert is_valid(EXAMPLE)
    assert check_character(EXAMPLE[:-1]) == "3"


@pytest.mark.parametrize(
    "code",
    [
        "",
        EXAMPLE[:-1],
        f"{EXAMPLE}0",
        "91350100M000100Y44",  # another check character
        "91350100I000100Y43",  # a letter that no code has
        "9135010AM000100Y43",  # a letter in the region
    ],
)
def test_what_is_no_code_is_refused(code: str) -> None:
    assert not is_valid(code)


def test_codes_are_kept_in_one_form() -> None:
    assert normal(" 91350100 m000100y-43 ") == EXAMPLE
    assert normal("９１３５０１００Ｍ０００１００Ｙ４３") == EXAMPLE


@given(
    region=st.integers(100000, 659999),
    body=st.text(alphabet=ALPHABET, min_size=9, max_size=9),
    place=st.integers(0, 17),
    other=st.sampled_from(ALPHABET),
)
def test_one_wrong_character_is_always_found(
    region: int, body: str, place: int, other: str
) -> None:
    first = f"91{region}{body}"
    code = first + check_character(first)
    assert is_valid(code)
    if code[place] != other:
        assert not is_valid(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("kind", "country", "stated", "expected"),
    [
        ("university", "CN", None, True),
        ("institute", "CN", None, True),
        ("university", "CN", False, False),
        ("enterprise", "CN", None, False),
        ("enterprise", "CN", True, True),
        ("university", "GB", None, False),
    ],
)
def test_who_counts_as_the_states(
    kind: str, country: str, stated: bool | None, expected: bool
) -> None:
    made = Organisation(kind=kind, country=country, state_founded=stated)
    assert is_state_founded(made) is expected


def test_the_profile_keeps_the_credit_code_and_whether_the_state_founded_it(
    client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        user, organisation = make_user(session), make_organisation(session)
        make_membership(session, user, organisation)
    path = f"/organisations/{organisation.public_id}"
    sign_in(client, user)
    fields = {
        "kind": "university",
        "name_zh": organisation.name_zh,
        "country": "CN",
        "credit_code": "91350100 m000100y44",
        "state_founded": "no",
    }
    refused = post(client, f"{path}/edit", **fields)
    assert refused.status_code == 422
    assert "no unified social credit code" in refused.get_data(as_text=True)
    fields["credit_code"] = "91350100 m000100y43"
    assert post(client, f"{path}/edit", **fields).status_code == 302
    shown = client.get(f"{path}/edit").get_data(as_text=True)
    assert 'value="91350100M000100Y43"' in shown
    assert '<option selected value="no">' in shown
    with database.reading() as session:
        kept = queries.organisation(session, organisation.public_id)
        assert (kept.credit_code, kept.state_founded) == ("91350100M000100Y43", False)
