"""``python -m tools.bench royalties``: ten years of quarterly royalties, beside a naive reference.

Licences of every sort (plain, marginal and whole-rate tiers by period, year and licence, amounts
per unit, minimum in arrears and ahead, stacking, caps, credits) are drawn from a seed with 40
quarterly reports each. Every statement, with each line of its sum, is computed in as many
processes as are asked for; then the tests' reference computes the same ones in the same way and
all are compared. Making up the reports is in both times. Exit code 3 where the bar (10,000
licences in 60 seconds) does not hold, 1 where a statement differs.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any, Final

import click

from tenon.formulas.periods import periods
from tenon.formulas.royalty import Minimum, Stacking, Terms, Tier, Use, percent, statements
from tests.unit.formulas.naive_royalty import naive

BARS_MISSED: Final = 3
BAR_SECONDS: Final = 60.0
BAR_DEALS: Final = 10_000
QUARTERS: Final = 40
CHUNK: Final = 100
START: Final = date(2026, 1, 1)
SPANS: Final = periods(START, date(2035, 12, 31), months=3)

Say = Callable[[str], None]
Counted = tuple[str, int, int, int, float]
"""Digest of every statement, how many, lines in all, payable in all, seconds of processor time."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Attributes:
        deals: licences.
        statements: computed.
        lines: of all statements together.
        processes: side by side.
        seconds: wall clock of all statements, made-up reports included.
        naive_seconds: the same by the reference.
        making_seconds: making the reports up and nothing else.
        processor_seconds: of all processes; what other work on the machine does not change.
        naive_processor_seconds: the same by the reference.
        payable: of all statements, in minor units.
        load: the machine's load average before and after.
    """

    deals: int
    statements: int
    lines: int
    processes: int
    seconds: float
    naive_seconds: float
    making_seconds: float
    processor_seconds: float
    naive_processor_seconds: float
    payable: int
    load: tuple[float, float]

    @property
    def ratio(self) -> float:
        """How many times as much processor time the reference takes."""
        return self.naive_processor_seconds / self.processor_seconds


@click.command("royalties")
@click.option("--deals", default=BAR_DEALS, show_default=True, help="Licences of 40 quarters.")
@click.option("--processes", default=2, show_default=True, help="Side by side.")
@click.option("--seed", default=20261122, show_default=True, help="What all is drawn from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where the bar does not hold.")
def measure_royalties(
    deals: int, processes: int, seed: int, *, as_json: bool, no_fail: bool
) -> None:
    """Compute ten years of quarterly royalty statements and compare each with a naive one."""
    say: Say = (lambda _: None) if as_json else click.echo
    found = measure(deals, processes, seed)
    bar = BAR_SECONDS * deals / BAR_DEALS
    report(found, bar, say)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"ratio": found.ratio}, indent=1))
    if not no_fail and found.seconds >= bar:
        raise SystemExit(BARS_MISSED)


def measure(deals: int, processes: int, seed: int) -> Figures:
    """Compute all statements both ways; raises SystemExit where one differs."""
    before = os.getloadavg()[0]
    with ProcessPoolExecutor(processes) as pool:
        chunks = [range(at, min(at + CHUNK, deals)) for at in range(0, deals, CHUNK)]
        list(pool.map(_made, [range(1)] * processes))  # the processes have started
        passes = [_timed(pool.map(partial(way, seed), chunks)) for way in (_ours, _naive, _making)]
    (ours, seconds), (plain, naive_seconds), (_, making) = passes
    if [each[0] for each in ours] != [each[0] for each in plain]:
        wrong = sum(one[0] != other[0] for one, other in zip(ours, plain, strict=True))
        raise SystemExit(f"statements differ from the reference in {wrong} of {len(ours)} chunks")
    return Figures(
        deals=deals,
        statements=sum(each[1] for each in ours),
        lines=sum(each[2] for each in ours),
        processes=processes,
        seconds=seconds,
        naive_seconds=naive_seconds,
        making_seconds=making,
        processor_seconds=sum(each[4] for each in ours),
        naive_processor_seconds=sum(each[4] for each in plain),
        payable=sum(each[3] for each in ours),
        load=(before, os.getloadavg()[0]),
    )


def _timed(results: Iterable[Counted]) -> tuple[list[Counted], float]:
    begun = time.perf_counter()
    return list(results), time.perf_counter() - begun


def _made(numbers: range, seed: int = 0) -> list[tuple[Terms, list[Use]]]:
    return [licence(random.Random(seed * 1_000_003 + number)) for number in numbers]  # noqa: S311 - made-up data


def _ours(seed: int, numbers: range) -> Counted:
    digest, count, lines, payable = hashlib.sha256(), 0, 0, 0
    begun = time.process_time()
    for terms, uses in _made(numbers, seed):
        for each in statements(terms, uses):
            _add(digest, (each.net, each.earned, each.top_up, each.payable))
            count, lines, payable = count + 1, lines + len(each.steps), payable + each.payable
    return digest.hexdigest(), count, lines, payable, time.process_time() - begun


def _naive(seed: int, numbers: range) -> Counted:
    digest, count, payable = hashlib.sha256(), 0, 0
    begun = time.process_time()
    for terms, uses in _made(numbers, seed):
        for row in naive(terms, uses):
            _add(digest, (row.net, row.earned, row.top_up, row.payable))
            count, payable = count + 1, payable + row.payable
    return digest.hexdigest(), count, 0, payable, time.process_time() - begun


def _making(seed: int, numbers: range) -> Counted:
    return "", sum(len(uses) for _, uses in _made(numbers, seed)), 0, 0, 0.0


def _add(digest: Any, figures: tuple[int, int, int, int]) -> None:
    digest.update(repr(figures).encode())


def licence(rng: random.Random) -> tuple[Terms, list[Use]]:
    """Draw a licence and its 40 quarterly reports; sales of 0.1 to 50 million yuan a quarter."""
    units = rng.random() < 0.15
    rates = [Fraction(rng.randint(50, 3000)) if units else percent(rng.randint(1, 12))]
    rates += [rates[0] * Fraction(rng.choice([60, 80, 110, 130]), 100) for _ in range(3)]
    starts = [0, *sorted(rng.sample(range(10**6, 10**9, 10**6), rng.choice([0, 1, 2, 3])))]
    several = len(starts) > 1
    terms = Terms(
        tiers=tuple(Tier(start, rate) for start, rate in zip(starts, rates, strict=False)),
        starts=START,
        by_year=() if several or rng.random() < 0.8 else tuple(rates),
        base="units" if units else rng.choice(["net_sales", "gross_sales", "new_profit"]),
        mode=rng.choice(["marginal", "whole"]) if several else None,
        window=rng.choice(["period", "year", "licence"]) if several else None,
        stacking=None if units or rng.random() < 0.7 else Stacking(Fraction(1, 2), percent(2)),
        sublicence_share=percent(rng.choice([0, 0, 20, 30])),
        minimum=_minimum(rng),
        cap_year=rng.choice([None, None, 500_000_000]),
        cap_total=rng.choice([None, None, 3_000_000_000]),
        creditable=rng.choice([0, 20_000_000]),
        credit_limit=Fraction(1, rng.choice([1, 2])),
        maintenance=rng.choice([0, 0, 1_000_000]),
    )
    return terms, [_use(rng, terms, number) for number in range(QUARTERS)]


def _minimum(rng: random.Random) -> Minimum | None:
    if rng.random() < 0.4:
        return None
    amounts = tuple(rng.randint(1, 60) * 1_000_000 for _ in range(rng.choice([1, 3])))
    return Minimum(amounts, advance=rng.random() < 0.25)


def _use(rng: random.Random, terms: Terms, number: int) -> Use:
    span = SPANS[number]
    amount = rng.randint(10**7, 5 * 10**9)
    if rng.random() < 0.03:
        amount = -amount // 20
    if terms.base == "units":
        amount //= 10_000
    return Use(
        span.start,
        span.end,
        amount,
        sublicence_income=rng.choice([0, 0, 0, 12_345_678]),
        third_party=rng.choice([Fraction(0), Fraction(0), percent(4), percent(8)]),
    )


def report(found: Figures, bar: float, say: Say) -> None:
    """Print what was measured."""
    holds = "holds " if found.seconds < bar else "MISSED"
    say(
        f"{holds} {found.deals:,} licences, {found.statements:,} quarterly statements with "
        f"{found.lines:,} lines in {found.seconds:.1f} s on {found.processes} processes "
        f"(bar {bar:.0f} s), {found.making_seconds:.1f} s of it making up the reports; "
        f"{found.processor_seconds:.1f} s of processor time"
    )
    say(
        f"       the naive reference: {found.naive_seconds:.1f} s; "
        f"{found.naive_processor_seconds:.1f} s of processor time, {found.ratio:.1f} times as "
        f"much; every statement is equal"
    )
    say(f"       load average {found.load[0]:.1f} before, {found.load[1]:.1f} after")
