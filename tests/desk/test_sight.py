"""Who sees what: firms, notes, tasks, names that are kept back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.desk import permissions
from tenon.desk.about import find_thing, named
from tenon.desk.firm.finding import find_firm
from tenon.desk.firm.history import Asked, counts_of, history_of
from tenon.desk.firm.sources import own_listings
from tenon.desk.mapping import SCOPES, behind, portfolio_map
from tenon.desk.models import DeskNote
from tenon.desk.queries.sight import firms_open_to, notes_for, own_places
from tenon.desk.services.notes import write_note
from tenon.desk.services.tasks import set_task
from tenon.desk.today.expiring import runs_out
from tenon.desk.today.needs import unmatched
from tenon.errors import Forbidden, NotFound
from tenon.listings.models import Listing
from tenon.listings.permissions import may_know_owner
from tenon.network.models import PortfolioFirm
from tests.desk.scenes import NOW, Desk, browser, keep
from tests.factories.accounts import make_organisation, post
from tests.factories.introductions import make_introduction, make_message
from tests.factories.listings import make_need

EVERYBODY = ("broker", "colleague", "sibling", "head", "operator", "member")


def test_who_opens_a_firm_and_the_sql_agrees(session: Session, desk: Desk) -> None:
    free = make_organisation(session, kind="enterprise")
    nowhere = make_organisation(session, kind="enterprise")
    keep(session, nowhere, desk.people["colleague"], None)
    seen = {}
    for name in EVERYBODY:
        by = desk.actor(name)
        for code, firm in (("kept", desk.firm), ("free", free), ("nowhere", nowhere)):
            kept = session.scalars(
                sa.select(PortfolioFirm).where(PortfolioFirm.organisation_id == firm.id)
            ).first()
            seen[name, code] = permissions.may_see_firm(by, firm.id, kept)
            wanted = sa.select(firms_open_to(by, Organisation.id.expression)).where(
                Organisation.id == firm.id
            )
            if permissions.works_here(by):
                assert bool(session.scalar(wanted)) is seen[name, code], (name, code)
    assert [name for name in EVERYBODY if seen[name, "kept"]] == [
        "broker", "colleague", "head", "operator",
    ]  # fmt: skip
    assert [name for name in EVERYBODY if seen[name, "nowhere"]] == ["colleague", "operator"]
    assert not seen["member", "free"]
    assert seen["sibling", "free"]


def test_a_brokers_own_firm_is_closed_to_them(session: Session, desk: Desk) -> None:
    from tests.factories.accounts import make_membership

    make_membership(session, desk.people["colleague"], desk.firm, "member")
    with pytest.raises(NotFound):
        find_firm(session, desk.firm.public_id, by=desk.actor("colleague"))


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("me", ["broker"]),
        ("place", ["broker", "colleague", "operator"]),
        ("up", ["broker", "colleague", "head", "operator"]),
    ],
)
def test_who_reads_a_note_and_the_sql_agrees(
    session: Session, desk: Desk, audience: str, readers: list[str]
) -> None:
    by = desk.actor("broker")
    about = find_thing(session, "organisation", desk.firm.public_id, by=by, now=NOW, language="zh")
    note = write_note(session, about=about, text="预算已定。", audience=audience, by=by, now=NOW)
    found = []
    for name in EVERYBODY:
        actor = desk.actor(name)
        places = set(session.scalars(own_places(actor)))
        may = permissions.may_read_note(actor, note, places=places)
        if permissions.works_here(actor):
            row = session.scalar(sa.select(DeskNote.id).where(notes_for(actor)))
            assert (row is not None) is may, name
        if may:
            found.append(name)
    assert found == readers


def test_a_firm_never_reads_notes_about_itself_whatever_its_people_are(
    session: Session, desk: Desk
) -> None:
    from tests.factories.accounts import grant_role

    by = desk.actor("broker")
    about = find_thing(session, "listing", desk.need.public_id, by=by, now=NOW, language="zh")
    note = write_note(session, about=about, text="难缠。", audience="up", by=by, now=NOW)
    grant_role(session, desk.people["member"], "operator")
    both = desk.actor("member")
    assert not permissions.may_read_note(both, note, places=())
    assert session.scalar(sa.select(DeskNote.id).where(notes_for(both))) is None
    with pytest.raises(Forbidden):
        write_note(session, about=about, text="x", audience="me", by=both, now=NOW)


def test_pages_of_another_place_are_not_there(
    app: Flask, settled: Desk, committed: Session
) -> None:
    broker = browser(app, settled, "broker")
    note_path = f"/desk/about/organisation/{settled.firm.public_id}"
    assert post(broker, note_path, text="预算已定。", audience="place").status_code == 302
    note = committed.scalars(sa.select(DeskNote)).one()
    task = set_task(
        committed, title="回电话", due_on=NOW.date().replace(year=2027), by=settled.actor("broker"),
        now=NOW,
    )  # fmt: skip
    committed.commit()
    firm = f"/desk/firms/{settled.firm.public_id}"
    for name, status in (("colleague", 200), ("head", 200), ("sibling", 404), ("member", 403)):
        client = browser(app, settled, name)
        assert client.get(firm).status_code == status, name
        assert ("预算已定。" in client.get(firm).text) is (name == "colleague"), name
    sibling = browser(app, settled, "sibling")
    for path in (
        f"/desk/notes/{note.public_id}",
        f"/desk/tasks/{task.public_id}",
        f"/desk/about/organisation/{settled.firm.public_id}",
    ):
        assert sibling.get(path).status_code == 404, path
    for path in (f"/desk/tasks/{task.public_id}/done", f"/desk/notes/{note.public_id}/remove"):
        assert post(sibling, path).status_code == 404, path
    colleague = browser(app, settled, "colleague")
    assert colleague.get(f"/desk/notes/{note.public_id}").status_code == 200
    assert post(colleague, f"/desk/notes/{note.public_id}/remove").status_code == 403
    shown = f"/listings/{settled.need.public_id}"
    assert "desk-notes" in colleague.get(shown).text
    assert "desk-notes" not in browser(app, settled, "member").get(shown).text


def test_a_firms_history_never_names_what_is_unnamed(session: Session, desk: Desk) -> None:
    own = make_introduction(
        session, state="asked", own_listing=desk.secret, listing=desk.result, now=NOW,
        from_station_id=desk.tree.station.id, broker=desk.people["broker"],
    )  # fmt: skip
    make_introduction(session, state="asked", own_listing=desk.need, listing=desk.result, now=NOW)
    for name, titles, introductions in (
        ("colleague", {desk.need.texts[0].title}, 1),
        ("operator", {desk.need.texts[0].title, desk.secret.texts[0].title}, 2),
    ):
        asked = Asked(desk.firm.id, desk.actor(name), NOW, "zh")
        counts = counts_of(session, asked)
        assert counts["introduction"] == introductions, name
        items = history_of(session, asked)
        assert all(own.public_id not in item.path for item in items) is (name == "colleague")
        from tenon.desk.firm.people import offers

        assert {row.title for row in offers(session, asked)} == titles, name


def test_who_looks_after_a_firm_learns_nothing_of_what_it_seeks_unnamed(
    session: Session, desk: Desk
) -> None:
    """Not by the map, the day, its lists or the firm's page, whoever takes the firm."""
    hidden = make_need(
        session, state="published", anonymous=True, expires_at=NOW + timedelta(days=3),
        published_at=NOW, submitted_at=NOW, **desk.here,
    )  # fmt: skip
    firm, taker = hidden.organisation, desk.actor("sibling")
    keep(session, firm, desk.people["sibling"], desk.tree.sibling.id)

    def seen() -> set[str]:
        found = set()
        for scope in SCOPES:
            if portfolio_map(session, by=taker, scope=scope, now=NOW).needs:
                found.add(f"map {scope}")
            rows, _total = behind(
                session, "needs", "", by=taker, scope=scope, now=NOW, language="zh"
            )
            found |= {f"cell {scope}" for row in rows if row.public_id == hidden.public_id}
        for name, condition in (
            ("needs", unmatched(taker, NOW)), ("expiring", runs_out(taker, NOW)),
            ("firm", own_listings(Asked(firm.id, taker, NOW, "zh"))),
        ):  # fmt: skip
            if session.scalar(sa.select(Listing.id).where(condition)) is not None:
                found.add(name)
        return found

    everywhere = {"map mine", "map below", "cell mine", "cell below", "needs", "expiring", "firm"}
    assert seen() == set()
    assert not may_know_owner(taker, hidden)
    hidden.collected = True  # on a visit: whoever looks after the firm writes it up
    session.flush()
    assert may_know_owner(taker, hidden)
    assert seen() == everywhere
    hidden.collected, hidden.broker_id = False, desk.people["sibling"].id
    session.flush()
    assert seen() == everywhere


def test_a_firms_correspondence_is_its_brokers_own(session: Session, desk: Desk) -> None:
    """What the firm wrote and what its broker wrote to it; not the other side's, nor to others.

    A colleague, who is not the introduction's broker, reads none of it here.
    """
    made = make_introduction(
        session, state="connected", listing=desk.result, own_listing=desk.need, now=NOW,
        from_station_id=desk.tree.station.id, broker=desk.people["broker"],
    )  # fmt: skip
    make_message(session, made, speaker="from", text="企业来信")
    make_message(session, made, speaker="to", text="高校来信")
    make_message(session, made, speaker="broker", audience="from", text="致企业")
    make_message(session, made, speaker="broker", audience="to", text="致高校")
    make_message(session, made, speaker="broker", audience="brokers", text="内部备注")
    expected = {"企业来信": "received", "致企业": "sent"}
    for name, told in (("broker", expected), ("operator", expected), ("colleague", {})):
        asked = Asked(desk.firm.id, desk.actor(name), NOW, "zh")
        items = history_of(session, asked, kind="message")
        assert {item.text: item.code for item in items} == told, name
        assert counts_of(session, asked)["message"] == len(told), name


def test_things_are_named_only_to_who_may_know_them(session: Session, desk: Desk) -> None:
    hidden = make_introduction(
        session, state="checking", listing=desk.result, own_listing=desk.need, now=NOW,
        from_station_id=desk.tree.station.id, to_station_id=desk.tree.station.id,
        broker=desk.people["broker"],
    )  # fmt: skip
    wanted = [
        ("organisation", desk.firm.id),
        ("introduction", hidden.id),
        ("listing", desk.need.id),
        (None, None),
    ]
    for name, kinds in (
        ("broker", {"organisation", "introduction", "listing"}),
        ("sibling", {"listing"}),
    ):
        found = named(session, wanted, by=desk.actor(name), now=NOW, language="en")
        assert {kind for kind, _key in found} == kinds, name
    with pytest.raises(NotFound):
        find_thing(
            session, "introduction", hidden.public_id, by=desk.actor("sibling"), now=NOW,
            language="en",
        )  # fmt: skip
