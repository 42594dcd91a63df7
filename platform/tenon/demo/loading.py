"""The demo set into a database, all in one transaction: there is a whole demo or none.

Takes the same road as everybody's import. Production refuses to start on a database that holds
demo people, since their sign-ins lie in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from ingest.records import Kind
from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import actor_of
from tenon.actors import SYSTEM
from tenon.app import load_tasks
from tenon.clock import utc_now
from tenon.db import Database
from tenon.demo import pairs
from tenon.demo.deals import write_deals
from tenon.demo.desks import write_desks
from tenon.demo.entering import enter_listings
from tenon.demo.events import write_events
from tenon.demo.introductions import write_introductions
from tenon.demo.network import write_network
from tenon.demo.people import SOURCE, SignIn, make_people, read_sign_ins, write_sign_ins
from tenon.demo.rights import write_rights
from tenon.demo.waiting import write_waiting
from tenon.errors import Conflict
from tenon.listings.importing.files import open_file, take_file
from tenon.listings.importing.intake import Intake
from tenon.listings.models import Listing
from tenon.matches import services as matches
from tenon.notices import delivery
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings, SettingsError

Step = Callable[[str], None]

SET = Path(__file__).parent / "set"
KINDS: tuple[Kind, ...] = ("organisations", "people")
STEPS = 2 * len(KINDS) + 9
AGE = timedelta(days=1150)
"""How long ago the demo's people and houses came: before the first of its deals."""

TOLD = timedelta(days=45)
TELLING = (
    "commission_agreement.moved",
    "commission_payout.moved",
    "commission_split.moved",
    "commissions.agreement",
    "commissions.due",
    "commissions.payout",
    "commissions.split",
    "deals.opened",
    "deals.said",
    "deals.terms_declined",
    "deals.terms_proposed",
    "event.timetable_told",
    "event_registration.moved",
    "events.wish_answered",
    "events.wish_made",
    "introductions.said",
    "use_report.moved",
)
"""Messages that do nothing but tell somebody; those older than TOLD are news no longer."""

# Said at most so often each, so that some is left for whoever tries the demo.
INTERESTS = 3
DECLINES = 2


def load_demo_into_empty(database: Database, settings: Settings, *, quiet: bool = False) -> bool:
    """Load the demo where there are no people, organisations and listings; whether it was loaded.

    Killed half-way it leaves nothing behind and begins anew the next time.
    """
    with database.reading() as session:
        if not is_empty(session):
            return False
    try:
        load_demo(database, settings, quiet=quiet)
    except Conflict as error:
        if error.code != "not_empty":
            raise
        return False  # another process was faster
    return True


def load_demo(database: Database, settings: Settings, *, quiet: bool = False) -> None:
    """Load the demo in one transaction and keep the sign-ins.

    Raises Conflict (``not_empty``) where the database holds anything already.
    """
    now = utc_now()
    load_tasks()  # the rooms' guards and effects, which the demo's deals pass through
    delivery.configure(settings)
    with _steps(quiet=quiet) as step, database.writing() as session:
        if not is_empty(session):
            raise Conflict("not_empty")
        for kind in KINDS:
            for path in sorted(SET.glob(f"?_{kind}.jsonl")):
                step(f"demo: {path.stem}")
                _import(session, path, kind, now=now - AGE)
        step("demo: people")
        people, found = make_people(session, now=now - AGE)
        step("demo: network")
        collectors = write_network(session, people, now=now)
        step("demo: results and needs")
        days = settings.listing_days
        enter_listings(session, people, collectors, folder=SET, now=now, listing_days=days)
        _give_authors(session, people)
        step("demo: desks")
        write_waiting(session, people, now=now, listing_days=settings.listing_days)
        _say_words(session, people, now=now)
        step("demo: introductions")
        write_introductions(session, people, now=now)
        step("demo: deals")
        write_deals(session, people, folder=settings.files_folder, now=now)
        step("demo: events")
        write_events(session, people, now=now)
        step("demo: desks and targets")
        write_desks(session, people, folder=settings.files_folder, now=now)
        step("demo: rights")
        write_rights(session, people, now=now)
        _tell_no_more(session, now=now)
        # Before the commit: people without known passwords would be of no use.
        write_sign_ins(settings, found)


def is_empty(session: Session) -> bool:
    """Whether nobody has begun to use the database."""
    return not any(
        session.scalar(sa.select(sa.exists().where(table.id.is_not(None))))
        for table in (User, Organisation, Listing)
    )


def sign_ins(settings: Settings) -> list[SignIn]:
    """Return role, email, password and name of each of the demo's people; empty without a demo.

    A file that outlived its database is not believed.
    """
    found = read_sign_ins(settings)
    if not found:
        return []
    database = Database(settings.database_url)
    try:
        with database.reading() as session:
            known = set(session.scalars(sa.select(User.email).where(User.demo.is_(True))))
    finally:
        database.dispose()
    return [item for item in found if item["email"] in known]


def refuse_demo_in_production(database: Database, settings: Settings) -> None:
    """Raise SettingsError where real people would be served beside known sign-ins."""
    if not settings.production:
        return
    with database.reading() as session:
        demo = session.scalar(sa.select(sa.exists().where(User.demo.is_(True))))
    if demo:
        raise SettingsError(
            "this database holds the demo's people, whose passwords lie in a file: production "
            "refuses to start on it. Use a database of its own for production."
        )


def _import(session: Session, path: Path, kind: Kind, *, now: datetime) -> None:
    intake = Intake(by=SYSTEM, now=now, publish=True)
    report = take_file(
        session, open_file(path, kind=kind, source=SOURCE), intake=intake, dry_run=False
    )
    if report.errors_total or not report.written:
        raise ValueError(f"the demo set is at fault: {path.name}: {report.errors[:3]}")
    session.flush()


def _tell_no_more(session: Session, *, now: datetime) -> None:
    """Drop what would tell people today of what happened months ago."""
    session.flush()
    session.execute(
        sa.delete(OutboxMessage).where(
            OutboxMessage.topic.in_(TELLING), OutboxMessage.created_at < now - TOLD
        )
    )


def _give_authors(session: Session, people: Mapping[str, User]) -> None:
    """Make the writers the authors of what their organisations have."""
    for role in ("researcher", "company", "firm"):
        user = people[role]
        session.execute(
            sa.update(Listing)
            .where(Listing.organisation_id == user.acting_for_id)
            .values(author_id=user.id)
        )


def _say_words(session: Session, people: Mapping[str, User], *, now: datetime) -> None:
    """Let the two writers say of some matches what the set's own grades say."""
    needs = pairs.by_external_id(session, "need")
    results = pairs.by_external_id(session, "achievement")
    for role, side in (("company", "need"), ("researcher", "achievement")):
        user = people[role]
        left = {"interested": INTERESTS, "declined": DECLINES}
        for need, achievement, grade in _judged():
            both = needs[need], results[achievement]
            listing, other = both if side == "need" else both[::-1]
            if listing.organisation_id != user.acting_for_id:
                continue
            kind = "interested" if grade == pairs.SERVES else "declined"
            if grade == 1 or not left[kind] or other.organisation_id == listing.organisation_id:
                continue
            left[kind] -= 1
            matches.give_feedback(
                session,
                listing=listing,
                other=other,
                kind=kind,
                reason=None if kind == "interested" else "no_clear_benefit",
                by=actor_of(user),
                now=now,
            )


def _judged() -> Iterator[tuple[str, str, int]]:
    for need, graded in sorted(pairs.grades().items()):
        for achievement, grade in sorted(graded.items()):
            yield need, achievement, grade


@contextmanager
def _steps(*, quiet: bool) -> Iterator[Step]:
    """Show how far the loading is, on a terminal; yields what to call with each step's name."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, disable=not shown) as bar:
        task = bar.add_task("demo", total=STEPS)

        def step(label: str) -> None:
            bar.update(task, description=label, advance=1)

        yield step
