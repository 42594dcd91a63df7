"""``tenon index`` and ``tenon match``: care of the index, and the matcher from the command line.

Exit codes of ``index check``: 0 index and database agree, 3 they do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, cast

import click

from matching.errors import IndexMissing, IndexNeedsRebuild, MatchingError
from tenon import settings
from tenon.actors import VISITOR
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import building, indexing, queries, recoding
from tenon.matches.engine import engine_of
from tenon.matches.indexing import Differences
from tenon.matches.queries import MatchView
from tenon.matches.recoding import State
from tenon.matches.sides import Side, guess_side
from tenon.matches.sites import remember_site
from tenon.settings import Settings

FOUND_DIFFERENCES = 3


@contextmanager
def opened_site() -> Iterator[tuple[Database, Settings]]:
    """Yield the database and settings; what goes wrong with the index becomes one line."""
    config = settings.load()
    remember_site(config)
    database = Database(config.database_url)
    try:
        yield database, config
    except (IndexMissing, IndexNeedsRebuild) as error:
        raise click.ClickException(f"{error}; run: tenon index rebuild") from None
    except (MatchingError, TimeoutError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        indexing.release(config)
        database.dispose()


@click.group()
def index() -> None:
    """Look after the matching index, a cache of the database."""


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rebuild(*, as_json: bool) -> None:
    """Build the index anew from the database; a running site serves the old one meanwhile."""
    with opened_site() as (database, config):
        here = building.build_wherever(database, config, quiet=as_json)
        state = engine_of(config).state()
    if as_json:
        click.echo(json.dumps(asdict(state) | {"by": "this process" if here else "dispatcher"}))
        return
    whose = "" if here else " by the running dispatcher"
    click.echo(f"built{whose}: {state.listings} listings and experts, {state.documents} documents")


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(*, as_json: bool) -> None:
    """Compare the index with the database and change nothing; exit code 3 if they differ."""
    with opened_site() as (database, config), database.reading() as session:
        found = indexing.compare(session, now=utc_now())
        encoding = recoding.state(config)
    _print(found, as_json=as_json, verb="differ", encoding=encoding)
    if not found.none:
        raise SystemExit(FOUND_DIFFERENCES)


@index.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep(*, as_json: bool) -> None:
    """Compare the index with the database and repair what differs."""
    with opened_site() as (database, config):
        found = building.sweep_wherever(database, config)
        encoding = recoding.state(config)
    _print(found, as_json=as_json, verb="were repaired", encoding=encoding)


def _print(found: Differences, *, as_json: bool, verb: str, encoding: State) -> None:
    if as_json:
        click.echo(json.dumps(asdict(found) | {"encoding": asdict(encoding)}))
        return
    if encoding.words:
        click.echo(f"the index is of {encoding.encoder}, {encoding.words}")
    if found.none:
        click.echo(f"index and database agree on {found.findable} listings and experts")
        return
    click.echo(
        f"{len(found.missing)} missing, {len(found.outdated)} outdated, {len(found.extra)} extra "
        f"{verb}, of {found.findable}"
    )


@click.command()
@click.argument("text")
@click.option("--side", type=click.Choice(["need", "achievement"]), help="What TEXT is; guessed.")
@click.option("-k", "number", default=10, show_default=True, help="How many at most.")
@click.option("--past", is_flag=True, help="Include needs whose deadline has passed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def match(text: str, *, side: str | None, number: int, past: bool, as_json: bool) -> None:
    """Find what fits TEXT, a need or a result, as any visitor of the site would."""
    taken = cast("Side", side) if side else guess_side(text)
    with opened_site() as (database, config), database.reading() as session:
        engine = engine_of(config)
        found = queries.counterparts_of_text(
            session,
            engine,
            draft=engine.draft(text, taken),
            actor=VISITOR,
            now=utc_now(),
            k=number,
            past=past,
        )
        told = [_as_json(view) for view in found]
    if as_json:
        click.echo(json.dumps({"side": taken, "matches": told}, ensure_ascii=False, indent=2))
        return
    click.echo(f"taken as: {taken}")
    for item in told:
        _print_match(item)
    if not told:
        click.echo("nothing here fits")


def _as_json(view: MatchView) -> dict[str, Any]:
    listing = view.listing
    return {
        "position": view.position,
        "band": view.band,
        "id": listing.public_id,
        "title": listing.text(listing.language).title,
        "organisation": None if listing.anonymous else listing.organisation.name(listing.language),
        "reasons": [[r.query_sentence, r.candidate_sentence] for r in view.reasons],
        "requirements": [
            {"text": check.requirement, "verdict": check.verdict.value, "found": check.found}
            for check in view.checks
        ],
    }


def _print_match(item: dict[str, Any]) -> None:
    owner = item["organisation"] or "not named"
    click.echo(f"\n{item['position']}. [{item['band']}] {item['title']} ({owner})")
    for asked, said in item["reasons"]:
        click.echo(f"   {asked}\n   = {said}")
    for check in item["requirements"]:
        click.echo(f"   - {check['text']}: {check['verdict']} {check['found'] or ''}".rstrip())
