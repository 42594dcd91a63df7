"""``tenon taxonomy``: load the terms into the database, list them, look codes up.

Must not know pages. ``load`` writes and commits; the others read the files alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

import click

from tenon import clock
from tenon import settings as site_settings
from tenon.db import Database
from tenon.taxonomy import catalogue, naming, pickers, services
from tenon.taxonomy.catalogue import Term

_scheme = click.argument("scheme", type=click.Choice(catalogue.SCHEMES))
_language = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the labels."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def taxonomy() -> None:
    """Coded terms: fields, industries, regions, countries, readiness levels."""


@taxonomy.command()
@_json
def load(as_json: bool) -> None:  # noqa: FBT001  click passes by name
    """Bring the table of terms in step with the files; safe to repeat."""
    database = Database(site_settings.load().database_url)
    try:
        with database.writing() as session:
            report = services.load(session, now=clock.utc_now())
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps(asdict(report) | {"at": report.at.isoformat()}))
    else:
        click.echo(
            f"{report.inserted} inserted, {report.updated} updated, {report.retired} retired, "
            f"{report.unchanged} unchanged"
        )


@taxonomy.command("list")
@_scheme
@_language
@_json
def list_terms(scheme: str, language: str, as_json: bool) -> None:  # noqa: FBT001  click passes by name
    """List a scheme's terms, children indented below their parents."""
    _print(catalogue.terms(scheme), language, as_json=as_json)


@taxonomy.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="At most so many.")
@_language
@_json
def search(words: tuple[str, ...], limit: int, language: str, as_json: bool) -> None:  # noqa: FBT001  click passes by name
    """Find terms of any scheme by words in either language; exit 1 where there are none."""
    found = pickers.search(" ".join(words), limit=limit)
    _print(found, language, as_json=as_json, with_scheme=True)
    if not found:
        raise SystemExit(1)


@taxonomy.command()
@_scheme
@click.argument("text")
@_language
@_json
def resolve(scheme: str, text: str, language: str, as_json: bool) -> None:  # noqa: FBT001  click passes by name
    """Say which code TEXT names, as an import would read it; exit 1 unless it is exactly one."""
    codes = naming.candidates(scheme, text)
    _print([catalogue.get(scheme, code) for code in codes], language, as_json=as_json)
    if len(codes) != 1:
        click.echo(f"{len(codes)} terms have that name: {text}", err=True)
        raise SystemExit(1)


def _print(
    terms: Iterable[Term], language: str, *, as_json: bool, with_scheme: bool = False
) -> None:
    if as_json:
        click.echo(json.dumps([asdict(each) for each in terms], ensure_ascii=False))
        return
    for each in terms:
        place = f"{each.scheme}:" if with_scheme else "  " * (each.level - 1)
        click.echo(f"{place}{each.code}  {each.label(language)}")
