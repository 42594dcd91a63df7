"""Write a distribution: what it covers, costs with receipts, contributors and their percentages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.compliance.days import day_of
from tenon.db import new_public_id
from tenon.deals.models import Deal
from tenon.documents import keeping
from tenon.errors import Conflict, Invalid
from tenon.listings.media import sniff
from tenon.listings.services.attachments import shown_name
from tenon.outbox.services import emit
from tenon.sharing import permissions, queries
from tenon.sharing.floors import rules_for
from tenon.sharing.models import DIGITS, Distribution, IncomeCost, IncomeShare

SIZE_LIMIT = 10 * 1024 * 1024
MOST_COSTS = 100
MOST_SHARES = 60
LARGEST_COST = 10**15
_INCOME_STAGES = ("signed", "in_force", "completed", "terminated")
_HUNDRED = Decimal(100)


def open_distribution(
    session: Session, deal: Deal, *, currency: str, language: str = "zh", by: Actor, now: datetime
) -> Distribution:
    """Begin to share what a deal brought in, in one currency; contributors come from its results.

    The percentage begins with the rule's. Raises NotFound, Forbidden, Conflict: ``not_signed``
    before the deal is signed, ``one_at_a_time`` while another one of this currency is open.
    """
    permissions.require_works_on(by, deal)
    if deal.stage not in _INCOME_STAGES:
        raise Conflict("not_signed", kind="deal")
    live_key = f"{deal.id}:{currency}"
    if session.scalar(sa.select(Distribution.id).where(Distribution.live_key == live_key)):
        raise Conflict("one_at_a_time", kind="distribution")
    rules = rules_for(session, deal, pilot=False, on=day_of(now))
    last = session.scalar(
        sa.select(sa.func.max(Distribution.number)).where(Distribution.deal_id == deal.id)
    )
    made = Distribution(
        public_id=new_public_id(),
        deal_id=deal.id,
        number=(last or 0) + 1,
        live_key=live_key,
        currency=currency,
        through_on=day_of(now),
        percent=rules.team.percent if rules.team is not None else _HUNDRED / 2,
        basis={},
        created_at=now,
        created_by=by.user_id,
    )
    made.deal = deal
    candidates = queries.contributors_of(session, deal, language)
    parts = equal_percentages(len(candidates))
    made.shares = [
        IncomeShare(
            public_id=new_public_id(),
            position=position,
            user_id=each.user_id,
            name=each.name,
            percent=percent,
        )
        for position, (each, percent) in enumerate(zip(candidates, parts, strict=True))
    ]
    session.add(made)
    session.flush()
    _record(session, made, "open", by=by, now=now)
    return made


def equal_percentages(number: int) -> list[Decimal]:
    """Return so many equal percentages, of four decimals, that sum to exactly 100."""
    if number == 0:
        return []
    units = 10 ** (DIGITS + 2)
    base, left = divmod(units, number)
    return [Decimal(base + (place < left)).scaleb(-DIGITS) for place in range(number)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a distribution covers, and the pot's percentage of the net income."""

    through_on: date
    percent: Decimal
    pilot: bool = False
    note: str = ""


def set_coverage(
    session: Session,
    distribution: Distribution,
    said: Coverage,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change what is covered; a percentage below a binding floor is refused when it is proposed.

    Raises NotFound, Forbidden, IllegalTransition, Invalid, Conflict.
    """
    permissions.require_edit(by, distribution)
    wrong: dict[str, str] = {}
    if said.through_on > day_of(now):
        wrong["through_on"] = "in_the_future"
    if not 0 <= said.percent <= _HUNDRED:
        wrong["percent"] = "out_of_range"
    elif said.percent != round(said.percent, DIGITS):
        wrong["percent"] = "too_fine"
    if len(said.note) > 2000:
        wrong["note"] = "too_long"
    if wrong:
        raise Invalid(wrong)
    lock(session, distribution, expected_version=expected_version)
    distribution.through_on = said.through_on
    distribution.percent = said.percent
    distribution.pilot = said.pilot
    distribution.note = said.note.strip() or None
    session.flush()
    _record(session, distribution, "cover", by=by, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A file as it came."""

    name: str
    content: bytes


def add_cost(
    session: Session,
    distribution: Distribution,
    *,
    kind: str,
    minor: int,
    note: str,
    receipt: Receipt,
    folder: Path,
    by: Actor,
    now: datetime,
) -> IncomeCost:
    """Add a direct cost with its receipt.

    Raises NotFound, Forbidden, IllegalTransition; Invalid at ``kind`` (only the kinds that the rule
    lists are taken off), ``amount``, ``note``, ``receipt``.
    """
    permissions.require_edit(by, distribution)
    rules = rules_for(session, distribution.deal, pilot=distribution.pilot, on=day_of(now))
    wrong: dict[str, str] = {}
    if kind not in rules.cost_kinds:
        wrong["kind"] = "unknown_code"
    if not 0 < minor <= LARGEST_COST:
        wrong["amount"] = "out_of_range"
    if len(note) > 300:
        wrong["note"] = "too_long"
    if len(distribution.costs) >= MOST_COSTS:
        wrong["kind"] = "too_many"
    kept = check_file(receipt, "receipt", wrong)
    if wrong or kept is None:
        raise Invalid(wrong)
    lock(session, distribution)
    cost = IncomeCost(
        public_id=new_public_id(),
        distribution_id=distribution.id,
        kind=kind,
        minor=minor,
        note=note.strip() or None,
        receipt_name=shown_name(receipt.name, kept),
        receipt_type=kept,
        receipt_sha256=keeping.keep(folder, receipt.content),
        added_by=by.user_id,
        added_at=now,
    )
    distribution.costs.append(cost)
    session.flush()
    facts = {"cost": cost.public_id, "kind": kind, "minor": minor, "receipt": cost.receipt_sha256}
    _record(session, distribution, "add_cost", by=by, now=now, facts=facts)
    return cost


def check_file(receipt: Receipt, field: str, wrong: dict[str, str]) -> str | None:
    """Return a file's media type, or None with the fault noted under ``field``."""
    if not receipt.content:
        wrong[field] = "required"
        return None
    if len(receipt.content) > SIZE_LIMIT:
        wrong[field] = "too_large"
        return None
    found = sniff(receipt.content)
    if found is None:
        wrong[field] = "wrong_type"
    return found


def drop_cost(
    session: Session,
    distribution: Distribution,
    public_id: str,
    *,
    folder: Path,
    by: Actor,
    now: datetime,
) -> None:
    """Take a cost out, its receipt once this is committed.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    permissions.require_edit(by, distribution)
    cost = queries.cost(distribution, public_id)
    lock(session, distribution)
    distribution.costs.remove(cost)
    session.flush()
    payload = {"sha256": cost.receipt_sha256, "folder": str(folder)}
    emit(session, "sharing.file_dropped", payload, now=now)
    _record(session, distribution, "drop_cost", by=by, now=now, facts={"cost": public_id})


def sweep_file(session: Session, *, digest: str, folder: Path) -> bool:
    """Delete a file that no cost and no share has any longer; return whether it is gone."""
    held = sa.select(sa.literal(1)).where(
        sa.or_(
            sa.exists().where(IncomeCost.receipt_sha256 == digest),
            sa.exists().where(IncomeShare.paper_sha256 == digest),
        )
    )
    if session.scalar(held) is not None:
        return False
    keeping.forget(folder, digest)
    return True


def add_contributor(
    session: Session,
    distribution: Distribution,
    *,
    name: str,
    user: User | None,
    by: Actor,
    now: datetime,
) -> IncomeShare:
    """Add a contributor with nothing yet: a person of the site, or a name.

    Raises NotFound, Forbidden, IllegalTransition; Invalid at ``name`` or ``person``.
    """
    permissions.require_edit(by, distribution)
    called = (user.name or user.email if user is not None else name).strip()
    if not called:
        raise Invalid({"name": "required"})
    if len(called) > 120:
        raise Invalid({"name": "too_long"})
    if len(distribution.shares) >= MOST_SHARES:
        raise Invalid({"name": "too_many"})
    if user is not None and any(each.user_id == user.id for each in distribution.shares):
        raise Invalid({"person": "already_taken"})
    lock(session, distribution)
    share = IncomeShare(
        public_id=new_public_id(),
        distribution_id=distribution.id,
        position=max((each.position for each in distribution.shares), default=-1) + 1,
        user_id=None if user is None else user.id,
        name=called,
        percent=Decimal(0),
    )
    distribution.shares.append(share)
    session.flush()
    facts = {"share": share.public_id}
    _record(session, distribution, "add_share", by=by, now=now, facts=facts)
    return share


def drop_contributor(
    session: Session, distribution: Distribution, public_id: str, *, by: Actor, now: datetime
) -> None:
    """Take a contributor out; raises NotFound, Forbidden, IllegalTransition."""
    permissions.require_edit(by, distribution)
    share = queries.share(distribution, public_id)
    lock(session, distribution)
    distribution.shares.remove(share)
    session.flush()
    _record(session, distribution, "drop_share", by=by, now=now, facts={"share": public_id})


def set_percentages(
    session: Session,
    distribution: Distribution,
    percentages: Mapping[str, Decimal],
    main: Sequence[str],
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Set the contributors' percentages of the pot and who are main ones (public ids of shares).

    That they sum to 100 is asked for when it is proposed. Raises NotFound, Forbidden,
    IllegalTransition, Invalid at ``percent-<id>``, Conflict.
    """
    permissions.require_edit(by, distribution)
    wrong = {}
    for share in distribution.shares:
        percent = percentages.get(share.public_id, share.percent)
        if not 0 <= percent <= _HUNDRED:
            wrong[f"percent-{share.public_id}"] = "out_of_range"
        elif percent != round(percent, DIGITS):
            wrong[f"percent-{share.public_id}"] = "too_fine"
    if wrong:
        raise Invalid(wrong)
    lock(session, distribution, expected_version=expected_version)
    for share in distribution.shares:
        share.percent = percentages.get(share.public_id, share.percent)
        share.main = share.public_id in main
    session.flush()
    facts = {each.public_id: str(each.percent) for each in distribution.shares}
    _record(session, distribution, "set_shares", by=by, now=now, facts={"percent": facts})


def lock(
    session: Session, distribution: Distribution, *, expected_version: int | None = None
) -> None:
    """Make others wait who change the same distribution, until this transaction ends.

    Raises Conflict ``changed_meanwhile`` where it is not as the actor's page showed it, or where
    somebody changed it since it was loaded.
    """
    if expected_version is not None and distribution.version != expected_version:
        raise Conflict("changed_meanwhile", kind="distribution")
    session.flush()
    result = session.execute(
        sa.update(Distribution)
        .where(
            Distribution.id == distribution.id,
            Distribution.version == distribution.version,
            Distribution.state == distribution.state,
        )
        .values(version=distribution.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="distribution")
    session.refresh(distribution, ["version"])


def _record(
    session: Session,
    distribution: Distribution,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    history.record(
        session,
        chain=("distribution", distribution.public_id),
        kind=kind,
        by=by,
        now=now,
        facts=facts,
    )
