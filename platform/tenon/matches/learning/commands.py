"""``tenon learn``: learn from use, look at what was learned, go back.

Exit codes: 0 done, also where nothing better was found; 1 refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import click

from matching.errors import MatchingError
from matching.learning.judged import load_judged
from matching.learning.trial import LEAST_ASKERS, LEAST_HELD_OUT, LEAST_WORDS, Trial, attempt
from matching.ranking import LEARNT, RankingWeights, load_weights
from tenon import settings
from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.db import Database
from tenon.errors import Conflict, DomainError, NotFound
from tenon.matches.engine import encoder_of
from tenon.matches.learning import versions
from tenon.matches.learning.examples import Examples, load_examples
from tenon.matches.models import RankingVersion
from tenon.matches.sites import remember_site
from tenon.settings import Settings

VERDICTS = {
    "better": "better on held-out words, and no worse on the judged set",
    "too_few": f"too few words: it takes {LEAST_WORDS}, of them {LEAST_HELD_OUT} late ones "
    f"by {LEAST_ASKERS} listings",
    "not_better": "not better than what runs on held-out words, by more than chance explains",
    "loses_judged": "loses on the judged set",
}
REFUSALS = {
    "runs_already": "that runs already",
    "nothing_runs": "the shipped weights run; there is nothing to go back to",
    "other_release": "that version was learned for the weights of another release",
    "changed_meanwhile": "another version was kept or let run meanwhile; learn again",
}


@contextmanager
def _site() -> Iterator[tuple[Database, Settings]]:
    """Yield the database and settings; what is refused becomes one line."""
    config = settings.load()
    remember_site(config)
    with Database(config.database_url) as database:
        try:
            yield database, config
        except Conflict as error:
            raise click.ClickException(REFUSALS.get(error.code, str(error))) from None
        except NotFound:
            raise click.ClickException("there is no such version") from None
        except (DomainError, MatchingError) as error:
            raise click.ClickException(str(error)) from None


@click.group(invoke_without_command=True)
@click.option("--apply", "applies", is_flag=True, help="Let a better version run at once.")
@click.option("--dry-run", is_flag=True, help="Keep nothing, only tell.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def learn(context: click.Context, *, applies: bool, dry_run: bool, as_json: bool) -> None:
    """Fit the ranking to what people made of matches, and keep it only if it is better.

    Without an option a better version is kept as a candidate, which changes nothing on the
    site; tenon learn run NUMBER lets it run.
    """
    if context.invoked_subcommand is not None:
        return
    if applies and dry_run:
        raise click.UsageError("--apply and --dry-run contradict each other")
    with _site() as (database, config):
        trial, before, examples = _attempt(database, config)
        kept = None
        if trial.better and not dry_run:
            kept = _keep(database, config, trial, before, applies=applies)
    told = _told(trial, before, examples)
    told["kept"] = None if kept is None else kept.number
    told["runs"] = kept is not None and applies
    click.echo(json.dumps(told, indent=2) if as_json else _table(told))


@learn.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def history(*, as_json: bool) -> None:
    """List what was learned, newest first, with its figures."""
    with _site() as (database, _config), database.reading() as session:
        rows = [_row(version) for version in versions.versions(session)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        held_out = row["figures"]["held_out"]
        click.echo(
            f"{row['number']:>4}  {row['state']:<10} {row['made_at'][:16]}  held-out in order "
            f"{held_out['before']['in_order']:.3f} -> {held_out['after']['in_order']:.3f}  "
            f"{row['figures']['words']} words{'' if row['fits'] else '  (of another release)'}"
        )
    if not any(row["state"] == "running" and row["fits"] for row in rows):
        click.echo("the shipped weights run")


@learn.command()
@click.argument("number", type=click.IntRange(min=0))
def run(number: int) -> None:
    """Let version NUMBER run; 0 stands for the shipped weights."""
    _move(number)


@learn.command()
@click.argument("number", type=click.IntRange(min=0), required=False)
def rollback(number: int | None) -> None:
    """Go back to what ran before, or to version NUMBER; 0 stands for the shipped weights."""
    _move(number)


def _move(number: int | None) -> None:
    with _site() as (database, config):
        with database.writing() as session:
            target = versions.number_before(session) if number is None else number
            versions.let_run(session, target, by=SYSTEM, now=utc_now())
        with database.reading() as session:
            versions.publish(session, config)
    click.echo("the shipped weights run" if not target else f"version {target} runs")


def _attempt(database: Database, config: Settings) -> tuple[Trial, RankingWeights, Examples]:
    """Return the attempt, the weights that ran before it, and what it learned from."""
    with database.reading() as session:
        examples = load_examples(session)
        before = versions.weights_of(versions.running_version(session))
        number = versions.next_number(session)
    trial = attempt(
        examples.pages,
        examples.tallies,
        running=before,
        shipped=load_weights(),
        number=number,
        judged=partial(load_judged, encoder_of(config)),
    )
    return trial, before, examples


def _keep(
    database: Database, config: Settings, trial: Trial, before: RankingWeights, *, applies: bool
) -> RankingVersion:
    with database.writing() as session:
        if versions.weights_of(versions.running_version(session)).learned != before.learned:
            raise Conflict("changed_meanwhile", kind="ranking")
        now = utc_now()
        kept = versions.keep(session, trial, by=SYSTEM, now=now)
        if applies:
            versions.let_run(session, kept.number, by=SYSTEM, now=now)
    if applies:
        with database.reading() as session:
            versions.publish(session, config)
    return kept


def _told(trial: Trial, before: RankingWeights, examples: Examples) -> dict[str, Any]:
    found = versions.figures_of(trial)
    found["unseen"], found["own"] = examples.unseen, examples.own
    if trial.learned is not None:
        found["weights"] = {
            "relevance": [before.slope, trial.learned.slope],
            **{name: [before.features[name], trial.learned.features[name]] for name in LEARNT},
        }
    return found


def _row(version: RankingVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "fits": versions.fits(version),
        "made_at": version.made_at.isoformat(),
        "running_since": version.running_since and version.running_since.isoformat(),
        "weights": version.weights,
        "figures": version.figures,
    }


def _table(told: dict[str, Any]) -> str:
    seen = told["examination"]
    lines = [
        f"words: {told['words']}",
        f"not counted: {told['own']} of one's own house, {told['unseen']} without a page",
        f"attention falls as 1 / position^{seen['eta']:.2f} (+- {seen['deviation']:.2f})",
        "",
        f"{'':<24}{'before':>9}{'after':>9}",
    ]
    held = told.get("held_out")
    if held is not None:
        one, other = held["before"], held["after"]
        interval = f"{held['difference']:+.3f} ({held['low']:+.3f} to {held['high']:+.3f})"
        those = f"{held['words']} words of {held['askers']} listings"
        lines += [
            f"{'held-out gain':<24}{one['gain']:>9.3f}{other['gain']:>9.3f}   {those}",
            (
                f"{'held-out in order':<24}{one['in_order']:>9.3f}{other['in_order']:>9.3f}"
                f"   {interval}"
            ),
        ]
    figures = {f"judged nDCG@10, {name}": both for name, both in told["judged"].items()}
    figures |= {f"weight of {name}": both for name, both in told.get("weights", {}).items()}
    lines += [f"{name:<24}{one:>9.3f}{other:>9.3f}" for name, (one, other) in figures.items()]
    if held is None:
        lines = lines[:3]
    return "\n".join([*lines, "", _verdict(told)])


def _verdict(told: dict[str, Any]) -> str:
    said = VERDICTS[told["verdict"]]
    if told["kept"] is None:
        return f"nothing changes: {said}" if told["verdict"] != "better" else f"not kept: {said}"
    if told["runs"]:
        return f"version {told['kept']} runs now: {said}"
    return f"kept as version {told['kept']}: {said}; to let it run: tenon learn run {told['kept']}"
