"""``tenon demo``: load the demo set, and measure the matcher by its own pairs."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from matching.errors import MatchingError
from tenon import settings
from tenon.clock import utc_now
from tenon.db import Database
from tenon.demo import pairs
from tenon.demo.loading import load_demo_into_empty, refuse_demo_in_production, sign_ins
from tenon.matches import indexing
from tenon.matches.building import ensure_index
from tenon.matches.engine import engine_of
from tenon.operations.database import bring_up_to_date
from tenon.settings import SettingsError


@click.group()
def demo() -> None:
    """The demo set: invented organisations, people and listings to try the site with."""


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Print the sign-ins as JSON.")
def load(*, as_json: bool) -> None:
    """Load the demo set into an empty database and print its sign-ins."""
    config = settings.load()
    if config.production:
        raise SettingsError("the demo is not for production: its sign-ins lie in a file")
    database = Database(config.database_url)
    try:
        bring_up_to_date(database)
        loaded = load_demo_into_empty(database, config, quiet=as_json)
        if loaded:
            ensure_index(database, config, quiet=as_json)
    finally:
        indexing.release(config)
        database.dispose()
    found = sign_ins(config)
    if not loaded and not found:
        raise click.ClickException("the database is not empty; the demo wants one of its own")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo("the demo is loaded" if loaded else "the demo was loaded before")
    for item in found:
        click.echo(f"  {item['role']:<14} {item['email']:<30} {item['password']}")


@demo.command("pairs")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_pairs(*, as_json: bool) -> None:
    """Say how often the matcher finds what the demo set calls the answer."""
    config = settings.load()
    database = Database(config.database_url)
    try:
        refuse_demo_in_production(database, config)
        with database.reading() as session:
            found = pairs.measure(session, engine_of(config), now=utc_now())
    except MatchingError as error:
        raise click.ClickException(str(error)) from None
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    click.echo(f"{found.answered} needs have an answer in the set; it stands")
    for depth, share in found.top.items():
        click.echo(f"  among the first {depth:<3} for {share:.0%}")
    click.echo(
        f"{found.unanswered} needs have none; {found.unanswered_strong} of them show a match "
        "called strong or good"
    )
    if found.missed:
        click.echo(f"missed: {', '.join(found.missed)}")
