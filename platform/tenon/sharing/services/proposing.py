"""Work a distribution out and put it to the contributors; take it back, withdraw it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance.days import day_of
from tenon.deals.guards import Refusal, RuleBroken
from tenon.errors import Invalid
from tenon.formulas import sharing as formulas
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.sharing import permissions, queries
from tenon.sharing.floors import Held, Rules, rules_for
from tenon.sharing.models import Distribution
from tenon.sharing.services.drafting import lock
from tenon.sharing.states import DISTRIBUTION

_BELOW_TEAM = N_(
    "The contributors' part of %(percent)s %% is below the %(floor)s %% that the rule gives them."
)
_BELOW_MAIN = N_(
    "The main contributors' part of %(percent)s %% is below the %(floor)s %% that the rule gives "
    "them."
)


def income_to_share(session: Session, distribution: Distribution) -> int:
    """Return what the distribution would share: received up to its day, not shared before.

    In minor units; not more than what is there today, since money may have gone back meanwhile.
    """
    found = []
    for day in (distribution.through_on, None):
        known = queries.incomes(session, distribution.deal, on=day, besides=distribution.id)
        income = known.get(distribution.currency)
        found.append(0 if income is None else income.left)
    return min(found)


def work_out(
    session: Session, distribution: Distribution, *, now: datetime
) -> tuple[Rules, formulas.Distribution]:
    """Return the rules that hold and the sums as they come out now; changes nothing.

    Raises Invalid at ``through_on`` (nothing_to_share), ``shares`` (required, sum_not_100) or
    ``costs`` (above_income), ``RuleBroken`` below a floor that binds, with the rule and its source.
    """
    rules = rules_for(session, distribution.deal, pilot=distribution.pilot, on=day_of(now))
    income = income_to_share(session, distribution)
    claims = [formulas.Share(each.percent, main=each.main) for each in distribution.shares]
    costs = costs_by_kind(distribution)
    wrong: dict[str, str] = {}
    if income <= 0:
        wrong["through_on"] = "nothing_to_share"
    elif sum(costs.values()) >= income:
        wrong["costs"] = "above_income"
    if not claims:
        wrong["shares"] = "required"
    elif formulas.sum_of(claims) != 100:
        wrong["shares"] = "sum_not_100"
    if wrong:
        raise Invalid(wrong)
    _require_floors(rules, distribution, claims)
    return rules, formulas.distribute(
        income,
        costs,
        distribution.percent / 100,
        claims,
        floor=rules.team.floor if rules.team is not None else None,
        main_floor=rules.main.floor if rules.main is not None else None,
    )


def costs_by_kind(distribution: Distribution) -> dict[str, int]:
    """Return kind of cost -> minor units."""
    found: dict[str, int] = {}
    for cost in distribution.costs:
        found[cost.kind] = found.get(cost.kind, 0) + cost.minor
    return found


def _require_floors(rules: Rules, distribution: Distribution, claims: list[formulas.Share]) -> None:
    refusals = []
    if rules.team is not None and not rules.team.floor.allows(distribution.percent / 100):
        refusals.append(_refusal(_BELOW_TEAM, rules.team, distribution.percent))
    part = formulas.main_part(claims)
    if rules.main is not None and not rules.main.floor.allows(part):
        refusals.append(_refusal(_BELOW_MAIN, rules.main, part * 100))
    if refusals:
        raise RuleBroken("propose", refusals)


def _refusal(message: str, held: Held, percent: Decimal | Fraction) -> Refusal:
    return Refusal(
        message,
        {"percent": plain(percent), "floor": plain(held.percent)},
        source_zh=held.rule.source_zh,
        source_en=held.rule.source_en,
        guard=held.rule.code,
    )


def plain(percent: Decimal | Fraction) -> str:
    """Return a percentage as people write it: four digits at the most, no zeros at its end."""
    exact = Fraction(percent)
    shown = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{shown:.4f}".rstrip("0").rstrip(".")


def propose(
    session: Session,
    distribution: Distribution,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Work it out and put it to every contributor, anew where it was disputed.

    Raises NotFound, Forbidden, IllegalTransition, Conflict, and as ``work_out``.
    """
    permissions.require(by, "propose", distribution)
    lock(session, distribution, expected_version=expected_version)
    rules, found = work_out(session, distribution, now=now)
    for share, minor in zip(distribution.shares, found.parts, strict=True):
        share.minor = minor
        share.state, share.answered_at, share.words = "waiting", None, None
        share.paper_name = share.paper_type = share.paper_sha256 = share.paper_by = None
    session.flush()
    along = {
        "income_minor": found.net.income,
        "costs_minor": sum(found.net.costs.values()),
        "net_minor": found.net.net,
        "pot_minor": found.pot,
        "basis": rules.facts(),
        "proposed_at": now,
        "proposed_by": by.user_id,
        "confirmed_at": None,
        "publicised_at": None,
        "publicity_ends_on": None,
    }
    facts = {
        "income": found.net.income,
        "net": found.net.net,
        "pot": found.pot,
        "shares": {each.public_id: each.minor for each in distribution.shares},
    }
    DISTRIBUTION.move(distribution, "propose", by=by, now=now, facts=facts, along=along)


def take_back(
    session: Session,
    distribution: Distribution,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take it back to be changed; every contributor will be asked again. Raises as ``propose``."""
    permissions.require(by, "take_back", distribution)
    lock(session, distribution, expected_version=expected_version)
    DISTRIBUTION.move(distribution, "take_back", by=by, now=now)


def withdraw(
    session: Session,
    distribution: Distribution,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give it up; what it would have shared is there for another one. Raises as ``propose``."""
    permissions.require(by, "withdraw", distribution)
    lock(session, distribution, expected_version=expected_version)
    DISTRIBUTION.move(distribution, "withdraw", by=by, now=now, along={"live_key": None})
