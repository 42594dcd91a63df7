"""``tenon translations``: is every text of the site there in Chinese?"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import click

from tenon.web import catalogues

FOUND_SOMETHING = 3


@click.group()
def translations() -> None:
    """Look after the message catalogues."""


@translations.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(*, as_json: bool) -> None:
    """Compare all texts of code and templates with the catalogues of all rooms.

    Reports messages that are missing, untranslated, obsolete, fuzzy, in two rooms, or whose
    placeholders differ from the English text. Exit code 3 when there is any.
    """
    report = catalogues.check()
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(report), ensure_ascii=False, indent=2))
    else:
        _print(report)
    if report.findings:
        raise SystemExit(FOUND_SOMETHING)


def _print(report: catalogues.Report) -> None:
    for finding in report.findings:
        click.echo(f"{finding.kind}: {finding.message!r}")
        for place in finding.places:
            click.echo(f"    {place}")
    counts = Counter(finding.kind for finding in report.findings)
    summary = ", ".join(f"{number} {kind}" for kind, number in sorted(counts.items()))
    click.echo(f"{report.said} messages: {summary or 'all translated'}")
