"""Every open need against all results: what the file holds, and how a run goes on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon import settings as environment
from tenon.cli import tenon
from tenon.clock import utc_now
from tenon.matches import queries
from tenon.matches.all_needs import running, writing
from tenon.matches.all_needs.running import Found, NeedMatches
from tenon.settings import Settings
from tests.factories.listings import make_achievement, make_need
from tests.matches.conftest import Index

Run = Callable[..., Result]


@pytest.fixture
def run(site: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on this test's site."""
    monkeypatch.setattr(environment, "load", lambda: site)
    return lambda *arguments: CliRunner().invoke(tenon, list(arguments))


@pytest.mark.usefixtures("background")
def test_every_open_need_gets_what_its_own_page_shows(
    session: Session, engine: MatchEngine, index: Index
) -> None:
    now = utc_now()
    make_achievement(session, state="published")
    needs = [make_need(session, state="published")]
    make_need(session, state="draft")
    make_need(session, state="published", deadline=(now - timedelta(days=9)).date())
    index()
    ids = [key for key, _ in running.open_needs(session, now=now)]
    found = [
        one for block in running.match_needs(session, engine, ids, now=now, k=2) for one in block
    ]
    expected = [
        [
            (v.listing.public_id, v.band)
            for v in queries.counterparts(session, engine, listing=need, now=now, k=2)
        ]
        for need in (session.merge(each) for each in needs)
    ]

    assert [one.need for one in found] == [need.public_id for need in needs]
    assert [[(f.result, f.band) for f in one.found] for one in found] == expected
    assert all(expected)


@pytest.mark.usefixtures("background")
def test_what_was_withdrawn_since_the_build_is_not_listed(
    session: Session, engine: MatchEngine, index: Index
) -> None:
    gone, kept = (make_achievement(session, state="published") for _ in range(2))
    need = make_need(session, state="published")
    index()
    gone.state = "withdrawn"
    session.commit()
    wanted = kept.public_id
    ((one,),) = running.match_needs(session, engine, [need.id], now=utc_now(), k=1)

    assert [each.result for each in one.found] == [wanted]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_an_interrupted_run_goes_on(
    run: Run, session: Session, tmp_path: Path, suffix: str
) -> None:
    make_achievement(session, state="published")
    for _ in range(3):
        make_need(session, state="published")
    session.commit()
    run("index", "rebuild")
    output = tmp_path / f"all{suffix}"
    first = run("match-all", str(output), "--json")
    assert (first.exit_code, json.loads(first.output)["needs"]) == (0, 3)
    whole = output.read_bytes()
    output.write_bytes(whole[: len(whole) - 8])
    again = json.loads(run("match-all", str(output), "--json").output)

    assert output.read_bytes() == whole
    assert again["needs"] + again["skipped"] == 3
    assert again["skipped"] > 0


def test_a_file_of_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    letter = tmp_path / "letter.csv"
    letter.write_text("Dear all,\n", encoding="utf-8")

    assert run("match-all", str(letter)).exit_code == 1
    assert letter.read_text(encoding="utf-8") == "Dear all,\n"
    assert run("match-all", str(tmp_path / "letter.txt")).exit_code == 2


_BLOCKS = st.lists(
    st.builds(
        NeedMatches,
        st.uuids().map(str),
        st.lists(
            st.builds(Found, st.uuids().map(str), st.sampled_from(["strong", "weak"])), max_size=3
        ).map(tuple),
    ),
    unique_by=lambda one: one.need,
    max_size=5,
)


@given(_BLOCKS, st.data(), st.sampled_from([".jsonl", ".csv"]))
def test_wherever_a_run_is_cut_off_the_file_can_be_taken_up(
    tmp_path_factory: pytest.TempPathFactory,
    block: list[NeedMatches],
    data: st.DataObject,
    suffix: str,
) -> None:
    path = tmp_path_factory.mktemp("runs") / f"all{suffix}"
    writing.begin(path)
    head = path.read_text(encoding="utf-8")
    text = writing.as_text(block, suffix)
    cut = data.draw(st.integers(0, len(text)))
    path.write_text(head + text[:cut], encoding="utf-8")
    done = writing.take_up(path)
    rest = [one for one in block if one.need not in done]
    with path.open("a", encoding="utf-8") as file:
        file.write(writing.as_text(rest, suffix))

    assert path.read_text(encoding="utf-8") == head + text
    if suffix == ".csv":
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert {row["need"] for row in rows} == {one.need for one in block}
